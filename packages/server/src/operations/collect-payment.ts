// Somebody took the cash at the door. What was taken, when and by whom is evidence of a person, so it goes through the
// one door like a gateway's word; twice is once, because the first ends the wait under the order's lock.
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { isGreater } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { lockPayment } from '../store/payments.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { recordPaymentResult } from './record-result.ts'
import { asPaymentNotFound } from './refund-payment.ts'

export type CollectPayment = {
  readonly paymentId: PaymentId
  /** At most the payment's amount; less leaves the order partially paid. */
  readonly amount: Money
  readonly collectedAt: Date
  readonly collectedBy: string
  readonly idempotency?: Idempotency
}

/**
 * Answers the payment, captured.
 * @throws AppError payment_not_found, payment_state_conflict (it does not wait for cash), order_not_payable (another
 *   attempt has paid it), amount_invalid (another currency), capture_exceeds_authorized, field_invalid
 */
export async function collectPayment(deps: Deps, actor: Actor, command: CollectPayment): Promise<PaymentRecord> {
  const payment = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const collected = await collect(deps, tx, actor, command)
    await command.idempotency?.settle(tx, collected)
    return collected
  })
  deps.nudge('deliveries')
  return payment
}

async function collect(deps: Deps, tx: Tx, actor: Actor, command: CollectPayment): Promise<PaymentRecord> {
  const { paymentId, amount, collectedAt } = command
  const collectedBy = command.collectedBy.trim()
  await command.idempotency?.claim(tx, paymentId)
  const order = await lockOrderOfPayment(tx, paymentId).catch(asPaymentNotFound)
  const payment = await lockPayment(tx, paymentId)
  if (payment.action?.type !== 'collect_cash') throw new AppError('payment_state_conflict', { status: payment.status })
  // Whoever was late at the gateway may have paid meanwhile: then there is nothing to take.
  if (order.status === 'paid') throw new AppError('order_not_payable', { status: order.status })
  const { currency } = payment.amount
  if (amount.currency !== currency) throw new AppError('amount_invalid', { field: 'currency', expected: currency })
  if (isGreater(amount, payment.amount)) {
    const left = payment.amount.minor.toString()
    throw new AppError('capture_exceeds_authorized', { field: 'amount', left, currency })
  }
  if (collectedBy === '') throw new AppError('field_invalid', { field: 'collected_by', reason: 'is empty' })
  if (collectedAt.getTime() > tx.now.getTime()) {
    throw new AppError('field_invalid', { field: 'collected_at', reason: 'is in the future' })
  }
  const details = {
    amount: amount.minor.toString(),
    currency,
    collected_at: collectedAt.toISOString(),
    collected_by: collectedBy,
  }
  const by = { actor: actorName(actor), requestId: actor.requestId }
  await insertAudit(tx, { ...by, action: 'payment.collected', objectId: paymentId, details })
  const result = { kind: 'collected', total: amount } as const
  return recordPaymentResult(deps, tx, { ...by, cause: 'person', details }, { paymentId, operationId: null, result })
}

/** Nobody will take it. Call with the order locked. */
export async function giveUpCollection(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  { id: paymentId }: PaymentRecord,
): Promise<PaymentRecord> {
  const by = { actor: actorName(actor), requestId: actor.requestId }
  await insertAudit(tx, { ...by, action: 'payment.canceled', objectId: paymentId, details: {} })
  const result = { kind: 'given_up' } as const
  return recordPaymentResult(deps, tx, { ...by, cause: 'person' }, { paymentId, operationId: null, result })
}
