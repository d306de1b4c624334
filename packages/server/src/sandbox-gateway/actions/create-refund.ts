// Takes a refund: sets its amount aside on the payment and settles it later. The reference is the idempotency key.
// However many callers race, the payment's lock lets one decide at a time, so together they never exceed the capture.
import type { Money } from '../../kernel/money.ts'
import { reserveRefund } from '../book/payment.ts'
import type { BookRefund } from '../book/refund.ts'
import { planRefund } from '../book/refund.ts'
import { newId } from '../ids.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import type { StoredPayment } from '../store/payments.ts'
import { lockPayment } from '../store/payments.ts'
import type { StoredRefund } from '../store/refunds.ts'
import { findRefundByReference, insertRefund } from '../store/refunds.ts'
import type { Db } from '../store/transaction.ts'
import { inTransaction, isUniqueViolation } from '../store/transaction.ts'
import type { ActionContext } from './context.ts'
import { accountNow, scriptOf } from './context.ts'

export type RefundCommand = {
  readonly paymentId: string
  readonly reference: string
  readonly requestHash: Buffer
  readonly reason: string
  readonly amount: Money
}

/** `isNew` is false for a repeat. @throws GatewayRefusal NOT_FOUND, REFERENCE_REUSED and what the book refuses */
export async function createRefund(
  context: ActionContext,
  account: Account,
  command: RefundCommand,
  options: { readonly forgetful: boolean },
): Promise<{ refund: BookRefund; isNew: boolean }> {
  try {
    return await inTransaction(context.pool, async (tx) => {
      const payment = await lockPayment(tx, account.id, command.paymentId)
      if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
      const known = options.forgetful ? undefined : await findRefundByReference(tx, account.id, command.reference)
      if (known !== undefined) {
        if (known.paymentId === payment.id && known.requestHash.equals(command.requestHash)) {
          return { refund: known, isNew: false }
        }
        throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
      }
      return { refund: await insert(context, tx, account, payment, command, options.forgetful), isNew: true }
    })
  } catch (error) {
    // Another payment's refund took the reference at the same instant.
    if (isUniqueViolation(error)) throw new GatewayRefusal('REFERENCE_REUSED', 'reference')
    throw error
  }
}

async function insert(
  context: ActionContext,
  tx: Db,
  account: Account,
  payment: StoredPayment,
  command: RefundCommand,
  forgetful: boolean,
): Promise<BookRefund> {
  const { minor: amount, currency } = command.amount
  if (currency !== payment.currency) throw new GatewayRefusal('AMOUNT_INVALID', 'currency')
  const { returning } = reserveRefund(payment, amount)
  const plan = planRefund(scriptOf(payment))
  const now = accountNow(context, account)
  const refund: StoredRefund = {
    id: newId('sbr', now),
    accountId: account.id,
    paymentId: payment.id,
    reference: command.reference,
    requestHash: command.requestHash,
    currency,
    amount,
    reason: command.reason,
    status: plan.status,
    failure: null,
    succeeds: plan.succeeds,
    createdAt: now,
    updatedAt: now,
  }
  await insertRefund(tx, payment, returning, { refund, inMs: plan.inMs, forgetful })
  return refund
}
