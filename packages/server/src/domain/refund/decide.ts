// What news from a gateway makes of a refund and of its payment's totals, complete and pure. The caller writes it down.
import { add, equals, isGreater, subtract } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import { postingsForRefund, refundAccounts } from '../ledger/posting.ts'
import type { Posting } from '../ledger/posting.ts'
import type { Conflict } from '../payment/news.ts'
import type { PaymentRecord } from '../payment/record.ts'
import type { RefundReport, ReportedRefundState } from '../payment/report.ts'
import type { RefundRecord } from './refund.ts'
import { isReserving, refundStep } from './states.ts'
import type { RefundEventType } from './states.ts'

export type RefundNews =
  | { readonly kind: 'report'; readonly report: RefundReport }
  | { readonly kind: 'declined' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'absent' }
  /** A person's word, with evidence. */
  | { readonly kind: 'decided'; readonly outcome: 'succeeded' | 'failed' }
  /** A person has paid it out. */
  | { readonly kind: 'given_back' }
  /** A second person's word on a refund that waits for one. */
  | { readonly kind: 'approved' | 'rejected'; readonly by: string }

export type RefundDecision = {
  /** The same objects as before where nothing changes. */
  readonly refund: RefundRecord
  readonly payment: PaymentRecord
  readonly conflicts: readonly Conflict[]
  readonly postings: readonly Posting[]
  /** Whether the merchant hears of it: its status changed. */
  readonly announce: boolean
}

/** What may still be refunded: captured less what is refunded, reserved, disputed or reversed. */
export function refundable(payment: PaymentRecord): Money {
  return subtract(
    payment.amountCaptured,
    add(add(add(payment.amountRefunded, payment.amountRefundPending), payment.amountDisputed), payment.amountReversed),
  )
}

export function decideRefund(
  before: RefundRecord,
  payment: PaymentRecord,
  news: RefundNews,
  now: Date,
): RefundDecision {
  const wrong = news.kind === 'report' ? mismatch(before, payment, news.report) : undefined
  const event = wrong === undefined ? eventOf(news) : 'outcome_unknown'
  const learnt = wrong === undefined && news.kind === 'report' ? withFacts(before, news.report) : before
  const conflicts: Conflict[] = wrong === undefined ? [] : [wrong]
  const stay = (conflict?: Conflict): RefundDecision => ({
    refund: learnt,
    payment,
    conflicts: conflict === undefined ? conflicts : [...conflicts, conflict],
    postings: [],
    announce: false,
  })
  if (event === undefined) return stay()

  const step = refundStep(before.status, event)
  if (step.kind === 'same') return stay()
  const details = { refund_id: before.id, status: before.status, event }
  if (step.kind === 'conflict') return { ...stay({ kind: 'refund_unexpected', details }), refund: before }
  // Told failed or rejected, its balance was given back and may be spent: money that went back after all is a person's
  // to settle.
  if (!isReserving(before.status) && isGreater(before.amount, refundable(payment))) {
    return { ...stay({ kind: 'refund_beyond_balance', details }), refund: before }
  }
  if (step.conflict) conflicts.push({ kind: 'refund_late_success', details })
  const refund: RefundRecord = {
    ...learnt,
    status: step.to,
    decidedBy: 'by' in news ? news.by : before.decidedBy,
    succeededAt: before.succeededAt ?? (step.to === 'succeeded' ? now : null),
  }
  return {
    refund,
    payment: withTotals(payment, before, refund),
    conflicts,
    postings: postingsForRefund(before.status, refund.status, refund.amount, refundAccounts(payment, refund)),
    announce: true,
  }
}

function eventOf(news: RefundNews): RefundEventType | undefined {
  switch (news.kind) {
    case 'report':
      return EVENT_OF_STATE[news.report.state]
    // The gateway's definite no, or a call that certainly did nothing.
    case 'declined':
    case 'failed':
      return 'failed'
    case 'unknown':
      return 'outcome_unknown'
    case 'absent':
      return undefined
    case 'decided':
      return news.outcome
    case 'given_back':
      return 'succeeded'
    case 'approved':
    case 'rejected':
      return news.kind
  }
}

const EVENT_OF_STATE: Record<ReportedRefundState, RefundEventType> = {
  pending: 'accepted',
  review: 'reviewed',
  succeeded: 'succeeded',
  failed: 'failed',
}

function mismatch(refund: RefundRecord, payment: PaymentRecord, report: RefundReport): Conflict | undefined {
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

function withFacts(refund: RefundRecord, report: RefundReport): RefundRecord {
  const gatewayRefundId = refund.gatewayRefundId ?? report.gatewayRefundId
  const gatewayCode = report.gatewayCode ?? refund.gatewayCode
  const arn = report.arn ?? refund.arn
  const known = gatewayRefundId === refund.gatewayRefundId && gatewayCode === refund.gatewayCode && arn === refund.arn
  return known ? refund : { ...refund, gatewayRefundId, gatewayCode, arn }
}

/** A reserved amount becomes refunded, or goes back to the balance. */
function withTotals(payment: PaymentRecord, before: RefundRecord, after: RefundRecord): PaymentRecord {
  const releases = isReserving(before.status) && !isReserving(after.status)
  const counts = before.status !== 'succeeded' && after.status === 'succeeded'
  if (!releases && !counts) return payment
  const { amountRefundPending: pending, amountRefunded: refunded } = payment
  return {
    ...payment,
    amountRefundPending: releases ? subtract(pending, after.amount) : pending,
    amountRefunded: counts ? add(refunded, after.amount) : refunded,
  }
}
