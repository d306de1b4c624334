// Disputes: opened and decided by the payer's bank, which the operator of the sandbox plays; answered by the merchant;
// lost by silence. Each locks the payment first, because a refund of the same money must not slip in between.
import { addMs } from '../../kernel/clock.ts'
import type { Money } from '../../kernel/money.ts'
import { answer, concede, CONCEDED_LASTS_MS, decide, holdForDispute } from '../book/dispute.ts'
import type { BookDispute, Evidence, GatewayDisputeReason } from '../book/dispute.ts'
import type { Standing } from '../book/payment.ts'
import { newId } from '../ids.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findDispute, insertDispute, lockDispute, lockDueDispute, saveDispute } from '../store/disputes.ts'
import type { DueItem } from '../store/due.ts'
import { lockPayment, savePayment } from '../store/payments.ts'
import type { StoredPayment } from '../store/payments.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction } from '../store/transaction.ts'
import { accountOf } from './change-payment.ts'
import { accountNow, disputeNotice } from './context.ts'
import type { ActionContext } from './context.ts'

/** @throws GatewayRefusal NOT_FOUND, AMOUNT_INVALID and what the book refuses */
export async function openDispute(
  context: ActionContext,
  account: Account,
  command: {
    readonly paymentId: string
    readonly amount: Money
    readonly reason: GatewayDisputeReason
    readonly answerInMs: number
  },
): Promise<BookDispute> {
  return inTransaction(context.pool, async (tx) => {
    const payment = await lockPayment(tx, account.id, command.paymentId)
    if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
    const { minor: amount, currency } = command.amount
    if (currency !== payment.currency) throw new GatewayRefusal('AMOUNT_INVALID', 'currency')
    const now = accountNow(context, account)
    const dispute: BookDispute = {
      id: newId('sbc', now),
      accountId: account.id,
      paymentId: payment.id,
      currency,
      amount,
      reason: command.reason,
      status: 'NEEDS_ANSWER',
      answerBy: addMs(now, command.answerInMs),
      evidence: [],
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    await move(tx, payment, holdForDispute(payment, amount), now)
    const notice = await disputeNotice(context, tx, account, payment, dispute)
    await insertDispute(tx, dispute, command.answerInMs, notice)
    return dispute
  })
}

/** A repeat shows the dispute as it stands. @throws GatewayRefusal NOT_FOUND, NOT_ALLOWED_NOW */
export function concedeDispute(context: ActionContext, account: Account, id: string): Promise<BookDispute> {
  return change(context, account, id, async (dispute) => {
    const status = concede(dispute)
    return status === undefined ? undefined : { after: { ...dispute, status }, due: CONCEDED_LASTS_MS }
  })
}

/** A repeat shows the dispute as it stands. @throws GatewayRefusal NOT_FOUND, NOT_ALLOWED_NOW */
export function answerDispute(
  context: ActionContext,
  account: Account,
  id: string,
  given: Evidence,
): Promise<BookDispute> {
  return change(context, account, id, async (dispute) => {
    const evidence = answer(dispute, given, accountNow(context, account))
    return evidence === undefined ? undefined : { after: { ...dispute, status: 'IN_REVIEW', evidence }, due: null }
  })
}

/** @throws GatewayRefusal NOT_FOUND, AMOUNT_TOO_HIGH */
export function decideDispute(
  context: ActionContext,
  account: Account,
  id: string,
  outcome: 'WON' | 'LOST',
): Promise<BookDispute> {
  return change(context, account, id, async (dispute, payment, tx) => {
    const decision = decide(dispute, payment, outcome)
    if (decision === undefined) return undefined
    await move(tx, payment, decision.standing, accountNow(context, account))
    return { after: { ...dispute, status: decision.status }, due: null }
  })
}

/** Silence, or a merchant who let it go. */
export async function settleDispute(context: ActionContext, item: DueItem): Promise<void> {
  await inTransaction(context.pool, async (tx) => {
    const payment = await lockPayment(tx, item.account_id, item.parent_id)
    const dispute = await lockDueDispute(tx, item.account_id, item.id)
    if (payment === undefined || dispute === undefined) return
    const account = await accountOf(tx, payment)
    await save(context, tx, account, { payment, before: dispute, after: { ...dispute, status: 'LOST' }, due: null })
  })
}

type Change = { readonly after: BookDispute; readonly due: number | null | 'keep' }

async function change(
  context: ActionContext,
  account: Account,
  id: string,
  decideOn: (dispute: BookDispute, payment: StoredPayment, tx: Db) => Promise<Change | undefined>,
): Promise<BookDispute> {
  return inTransaction(context.pool, async (tx) => {
    const found = await findDispute(tx, account.id, id)
    const payment = found === undefined ? undefined : await lockPayment(tx, account.id, found.paymentId)
    const dispute = await lockDispute(tx, account.id, id)
    if (dispute === undefined || payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'dispute')
    const changed = await decideOn(dispute, payment, tx)
    return changed === undefined ? dispute : save(context, tx, account, { payment, before: dispute, ...changed })
  })
}

async function save(
  context: ActionContext,
  tx: Db,
  account: Account,
  saved: Change & { readonly payment: StoredPayment; readonly before: BookDispute },
): Promise<BookDispute> {
  const { payment, before, due } = saved
  const after = { ...saved.after, version: before.version + 1, updatedAt: accountNow(context, account) }
  await saveDispute(tx, before, after, { due, notice: await disputeNotice(context, tx, account, payment, after) })
  return after
}

async function move(tx: Db, payment: StoredPayment, standing: Standing, now: Date): Promise<void> {
  await savePayment(tx, payment, { ...payment, ...standing, updatedAt: now }, { due: 'keep', step: null, notice: null })
}
