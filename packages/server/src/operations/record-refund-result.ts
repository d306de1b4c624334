// The same door for refunds: whatever says something about a refund, it changes here, with the payment's totals, the
// postings, the order and the event in one transaction.
import { overAllocated, takeBack } from '../domain/allocation/allocation.ts'
import { decideRefund } from '../domain/refund/decide.ts'
import type { RefundNews as News } from '../domain/refund/decide.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { invariant } from '../kernel/errors.ts'
import { isGreater, isZero } from '../kernel/money.ts'
import type { OperationId, PaymentId, RefundId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { endOperation, listOpenOperations } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import { lockOrderIfAny } from '../store/orders.ts'
import { insertPostings } from '../store/payment-history.ts'
import { listPaymentsOfOrder, savePayment } from '../store/payments.ts'
import { lockRefund, readRefund, saveRefund } from '../store/refunds.ts'
import { announceRefund, recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import { giveBackAgain } from './give-back.ts'
import { lockAllocated, nothingAllocated, withLines, writeAllocations } from './write-allocations.ts'
import { postpone } from './postpone.ts'
import { topUpDisputes } from './record-dispute-result.ts'
import type { Source } from './source.ts'
import { refreshOrder } from './refresh-order.ts'

export type RefundNews = {
  readonly refundId: RefundId
  readonly operationId: OperationId | null
  readonly result: News
}

/** Returns the refund as it is afterwards. */
export async function recordRefundResult(deps: Deps, tx: Tx, source: Source, news: RefundNews): Promise<RefundRecord> {
  const { paymentId } = await readRefund(tx, news.refundId)
  const { order, attempts, payment, allocated } = await lockRefunded(tx, paymentId)
  const before = await lockRefund(tx, news.refundId)
  const decision = decideRefund(before, payment, news.result, tx.now)

  for (const { kind, details } of decision.conflicts) {
    await recordConflict(deps, tx, payment, kind, { ...details, cause: source.cause })
  }
  const refund = decision.refund === before ? before : await saveRefund(tx, before, decision.refund)
  // Unapplied money goes first; what is still missing is taken from the newest allocations.
  const lines = takeBack(allocated.rows, overAllocated(decision.payment))
  const changed =
    decision.payment === payment ? payment : await savePayment(tx, payment, withLines(decision.payment, lines))
  const about = { paymentId: payment.id, refundId: refund.id, paymentVersion: changed.version }
  await insertPostings(tx, deps.clock, about, decision.postings)
  const correction = { reason: 'refunded', refundId: refund.id, note: '', by: source.actor } as const
  await writeAllocations(deps, tx, allocated, { payment: changed, lines, ...correction })
  if (changed !== payment && order !== null) {
    await refreshOrder(
      tx,
      order,
      attempts.map((attempt) => (attempt.id === changed.id ? changed : attempt)),
    )
  }
  if (decision.announce) await announceRefund(tx, refund)
  const isFreed = isGreater(payment.amountRefundPending, changed.amountRefundPending) && refund.status !== 'succeeded'
  if (isFreed) await topUpDisputes(deps, tx, source, payment.id)
  const open = await listOpenOperations(tx, payment.id)
  const operation = open.find((candidate) => candidate.refundId === refund.id)
  if (operation !== undefined) await settle(deps, tx, { operation, refund, news })
  if (refund.automatic && before.status !== 'failed' && refund.status === 'failed') {
    await giveBackAgain(deps, tx, payment.id)
  }
  return refund
}

/** In the order in which everybody locks: the order or the record of money on account, what it paid, the payment. */
async function lockRefunded(tx: Tx, paymentId: PaymentId) {
  const order = (await lockOrderIfAny(tx, paymentId)) ?? null
  if (order === null) {
    const { payment, ...allocated } = await lockAllocated(tx, paymentId)
    return { order, attempts: [payment], payment, allocated }
  }
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const payment = attempts.find((attempt) => attempt.id === paymentId)
  invariant(payment !== undefined, 'The order was found through this payment.')
  const { payment: _, ...allocated } = isZero(payment.amountAllocated)
    ? { payment, ...nothingAllocated() }
    : await lockAllocated(tx, paymentId)
  return { order, attempts, payment, allocated }
}

async function settle(
  deps: Deps,
  tx: Tx,
  { operation, refund, news }: { operation: Operation; refund: RefundRecord; news: RefundNews },
): Promise<void> {
  if (refund.status === 'succeeded') return endOperation(tx, operation.id, { status: 'succeeded', reason: null })
  if (refund.status === 'failed') {
    const reason = news.result.kind === 'failed' ? news.result.reason : refund.gatewayCode
    return endOperation(tx, operation.id, { status: news.result.kind === 'declined' ? 'declined' : 'failed', reason })
  }
  if (operation.id !== news.operationId) return
  await postpone(deps, tx, operation, {
    status: refund.status === 'unknown' ? 'unknown' : 'pending',
    reason: news.result.kind === 'unknown' ? news.result.reason : null,
  })
}
