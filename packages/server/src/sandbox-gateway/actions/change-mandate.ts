// Changes of a mandate: by its payment when that registers it, by the merchant over the API, and by the payer in the
// bank's app. Whoever did it, the merchant is told by notification.
import { changeMandate, followRegistration, standingAt } from '../book/mandate.ts'
import type { BookMandate, MandateCommand } from '../book/mandate.ts'
import type { BookPayment } from '../book/payment.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findMandate, lockMandate, saveMandate } from '../store/mandates.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction } from '../store/transaction.ts'
import { accountNow, mandateNotice } from './context.ts'
import type { ActionContext } from './context.ts'

export type ChangeCommand = {
  readonly mandateId: string
  readonly change: MandateCommand
  readonly pauseUntil: Date | null
}

/** A repeat shows the mandate as it stands. @throws GatewayRefusal NOT_FOUND, NOT_ALLOWED_NOW */
export async function takeChange(
  context: ActionContext,
  account: Account,
  command: ChangeCommand,
): Promise<BookMandate> {
  return inTransaction(context.pool, async (tx) => {
    const stored = await lockMandate(tx, account.id, command.mandateId)
    if (stored === undefined) throw new GatewayRefusal('NOT_FOUND', 'mandate')
    const now = accountNow(context, account)
    const mandate = standingAt(stored, now)
    const change = changeMandate(mandate, command.change, command.pauseUntil)
    if (change === undefined) return mandate
    return save(context, tx, account, stored, { ...mandate, ...change })
  })
}

/** The mandate of a payment, after what this payment's change makes of it. Call with the payment locked or new. */
export async function followPayment(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: BookPayment,
): Promise<BookMandate | undefined> {
  if (payment.mandateId === null) return undefined
  if (payment.isCharge) return findMandate(tx, account.id, payment.mandateId)
  const mandate = await lockMandate(tx, account.id, payment.mandateId)
  if (mandate === undefined) return undefined
  const status = followRegistration(mandate, payment.status)
  return status === undefined ? mandate : save(context, tx, account, mandate, { ...mandate, status })
}

async function save(
  context: ActionContext,
  tx: Db,
  account: Account,
  before: BookMandate,
  wanted: BookMandate,
): Promise<BookMandate> {
  const after = { ...wanted, version: before.version + 1, updatedAt: accountNow(context, account) }
  await saveMandate(tx, before, after, await mandateNotice(context, tx, account, after))
  return after
}
