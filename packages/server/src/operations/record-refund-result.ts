// The same door for refunds: whatever says something about a refund, it changes here, with the payment's totals, the
// postings, the order and the event in one transaction. A refund that somebody made at the gateway is taken in.
import type { Result } from '../connectors/contract/connector.ts'
import { postingsForRefund } from '../domain/ledger/posting.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundReport, ReportedRefundState } from '../domain/payment/report.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { isReserving, refundStep } from '../domain/refund/states.ts'
import type { RefundEventType, RefundStatus } from '../domain/refund/states.ts'
import { add, equals, isGreater, subtract } from '../kernel/money.ts'
import type { OperationId, RefundId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { endOperation, listOpenOperations } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import { insertPostings } from '../store/payment-history.ts'
import { listPaymentsOfOrder, savePayment } from '../store/payments.ts'
import { lockOrder } from '../store/orders.ts'
import { lockRefund, readRefund, saveRefund } from '../store/refunds.ts'
import { announceRefund, recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import { postpone } from './postpone.ts'
import type { Source } from './record-result.ts'
import { refreshOrder } from './refresh-order.ts'
import { refundable } from './reserve-refund.ts'

export type RefundNews = {
  readonly refundId: RefundId
  readonly operationId: OperationId | null
  readonly result: Result<RefundReport>
}

/** Returns the refund as it is afterwards. */
export async function recordRefundResult(deps: Deps, tx: Tx, source: Source, news: RefundNews): Promise<RefundRecord> {
  const { orderId } = await readRefund(tx, news.refundId)
  const order = await lockOrder(tx, orderId)
  const before = await lockRefund(tx, news.refundId)
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const payment = attempts.find((attempt) => attempt.id === before.paymentId)
  if (payment === undefined) throw new Error('unreachable: a refund belongs to a payment of its order')

  const wrong = news.result.kind === 'report' ? mismatch(before, payment, news.result.report) : undefined
  if (wrong !== undefined)
    await recordConflict(deps, tx, payment, wrong.kind, { ...wrong.details, cause: source.cause })
  const event = wrong === undefined ? eventOf(news.result) : 'outcome_unknown'
  const { refund, payment: changed } = await move(deps, tx, { before, payment, event, result: news.result })
  if (changed !== payment) {
    await refreshOrder(
      tx,
      order,
      attempts.map((attempt) => (attempt.id === changed.id ? changed : attempt)),
    )
  }
  const open = await listOpenOperations(tx, payment.id)
  const operation = open.find((candidate) => candidate.refundId === refund.id)
  if (operation !== undefined) await settle(deps, tx, { operation, refund, news })
  return refund
}

function eventOf(result: Result<RefundReport>): RefundEventType | undefined {
  switch (result.kind) {
    case 'report':
      return EVENT_OF_STATE[result.report.state]
    // The gateway's definite no, or a call that certainly did nothing.
    case 'declined':
    case 'failed':
      return 'failed'
    case 'unknown':
      return 'outcome_unknown'
    case 'absent':
      return undefined
  }
}

const EVENT_OF_STATE: Record<ReportedRefundState, RefundEventType> = {
  pending: 'accepted',
  review: 'reviewed',
  succeeded: 'succeeded',
  failed: 'failed',
}

function mismatch(refund: RefundRecord, payment: PaymentRecord, report: RefundReport) {
  const details = {
    refund_id: refund.id,
    gateway_refund_id: report.gatewayRefundId,
    reported_amount: report.amount.minor.toString(),
    reported_currency: report.amount.currency,
    reported_state: report.state,
  }
  if (!equals(report.amount, refund.amount)) return { kind: 'refund_wrong_amount', details }
  if (payment.gatewayPaymentId !== null && report.gatewayPaymentId !== payment.gatewayPaymentId) {
    return { kind: 'refund_of_other_payment', details }
  }
  if (refund.gatewayRefundId !== null && refund.gatewayRefundId !== report.gatewayRefundId) {
    return { kind: 'refund_has_other_id', details }
  }
  return undefined
}

type Move = {
  readonly before: RefundRecord
  readonly payment: PaymentRecord
  readonly event: RefundEventType | undefined
  readonly result: Result<RefundReport>
}

async function move(
  deps: Deps,
  tx: Tx,
  { before, payment, event, result }: Move,
): Promise<{ refund: RefundRecord; payment: PaymentRecord }> {
  const report = result.kind === 'report' ? result.report : undefined
  const learnt = {
    gatewayRefundId: before.gatewayRefundId ?? report?.gatewayRefundId ?? null,
    gatewayCode: report?.gatewayCode ?? before.gatewayCode,
    arn: report?.arn ?? before.arn,
  }
  const step = event === undefined ? ({ kind: 'same' } as const) : refundStep(before.status, event)
  if (step.kind === 'conflict') {
    await recordConflict(deps, tx, payment, 'refund_unexpected', { refund_id: before.id, status: before.status, event })
    return { refund: before, payment }
  }
  const to = step.kind === 'moved' ? step.to : before.status
  // Told failed, its balance was given back and may be spent: money that went back after all is a person's to settle.
  if (before.status === 'failed' && to === 'succeeded' && isGreater(before.amount, refundable(payment))) {
    await recordConflict(deps, tx, payment, 'refund_beyond_balance', { refund_id: before.id })
    return { refund: before, payment }
  }
  if (step.kind === 'moved' && step.conflict) {
    await recordConflict(deps, tx, payment, 'refund_late_success', { refund_id: before.id })
  }
  const fresh = learnt.gatewayRefundId !== before.gatewayRefundId || learnt.arn !== before.arn
  if (step.kind === 'same' && !fresh) return { refund: before, payment }
  const refund = await saveRefund(tx, before, {
    ...before,
    ...learnt,
    status: to,
    succeededAt: before.succeededAt ?? (to === 'succeeded' ? tx.now : null),
  })
  if (step.kind === 'same') return { refund, payment }
  const changed = await moveTotals(deps, tx, { before: before.status, refund, payment })
  await announceRefund(tx, refund)
  return { refund, payment: changed }
}

async function moveTotals(
  deps: Deps,
  tx: Tx,
  change: { before: RefundStatus; refund: RefundRecord; payment: PaymentRecord },
): Promise<PaymentRecord> {
  const { before, refund, payment } = change
  const releases = isReserving(before) && !isReserving(refund.status)
  const counts = before !== 'succeeded' && refund.status === 'succeeded'
  const pending = payment.amountRefundPending
  let saved = payment
  if (releases || counts) {
    saved = await savePayment(tx, payment, {
      ...payment,
      amountRefundPending: releases ? subtract(pending, refund.amount) : pending,
      amountRefunded: counts ? add(payment.amountRefunded, refund.amount) : payment.amountRefunded,
    })
  }
  await insertPostings(
    tx,
    deps.clock,
    { paymentId: payment.id, refundId: refund.id, paymentVersion: saved.version },
    postingsForRefund(before, refund.status, refund.amount),
  )
  return saved
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
    sent: news.result.kind !== 'absent',
  })
}
