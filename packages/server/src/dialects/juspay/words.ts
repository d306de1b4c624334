// Our statuses in this API's words, with their numbers. Complete tables: a new status of ours does not compile until it
// has a word here. An outcome that nobody knows is AUTHORIZING, never a failure.
import { GIVEN_UP } from '../../operations/give-up-charge.ts'
import type { OrderView } from '../../operations/queries.ts'
import type { DeclineStage } from '../../domain/payment/report.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { PaymentStatus } from '../../domain/payment/states.ts'
import type { RefundStatus } from '../../domain/refund/states.ts'
import { isGreater, isPositive } from '../../kernel/money.ts'

export const STATUS_IDS = {
  CREATED: 1,
  NEW: 10,
  STARTED: 20,
  CHARGED: 21,
  JUSPAY_DECLINED: 22,
  PENDING_VBV: 23,
  AUTHORIZED: 25,
  AUTHENTICATION_FAILED: 26,
  AUTHORIZATION_FAILED: 27,
  AUTHORIZING: 28,
  COD_INITIATED: 29,
  VOIDED: 31,
  AUTO_REFUNDED: 36,
  PARTIAL_CHARGED: 37,
} as const
export type Status = keyof typeof STATUS_IDS

const BY_STAGE: Record<DeclineStage, Status> = {
  authentication: 'AUTHENTICATION_FAILED',
  authorization: 'AUTHORIZATION_FAILED',
  risk: 'JUSPAY_DECLINED',
}

const BY_STATUS: Record<PaymentStatus, Status> = {
  created: 'STARTED',
  requires_action: 'PENDING_VBV',
  processing: 'AUTHORIZING',
  unknown: 'AUTHORIZING',
  failed: 'JUSPAY_DECLINED',
  expired: 'AUTHENTICATION_FAILED',
  canceled: 'JUSPAY_DECLINED',
  declined: 'AUTHORIZATION_FAILED',
  authorized: 'AUTHORIZED',
  voided: 'VOIDED',
  captured: 'CHARGED',
}

export function txnStatus(payment: PaymentRecord): Status {
  if (payment.duplicate && payment.status === 'captured') return 'AUTO_REFUNDED'
  if (payment.decline !== null && payment.status === 'declined') return BY_STAGE[payment.decline.stage]
  if (payment.action?.type === 'collect_cash' && BY_STATUS[payment.status] === 'PENDING_VBV') return 'COD_INITIATED'
  // It waits for its notice or its day, and this API has no word for that.
  if (payment.mandateRole === 'charge' && payment.status === 'created') return 'PENDING_VBV'
  const partly = payment.status === 'captured' && isGreater(payment.amount, payment.amountCaptured)
  return partly ? 'PARTIAL_CHARGED' : BY_STATUS[payment.status]
}

/** Why there is no money, as the gateway's code and in words; null where there is or may be. */
export function failureOf({ decline, failureReason, status }: PaymentRecord) {
  // A payment that was declined and turned out paid keeps the decline; here it would say that the payment failed.
  if (decline !== null && status === 'declined')
    return { code: decline.gatewayCode, message: decline.code.replaceAll('_', ' ') }
  // The merchant stopped a charge of a mandate in time: the one code of the original's own (wire juspay 4.6).
  const isStopped = status === 'failed' && failureReason === GIVEN_UP
  return isStopped ? { code: 'JP_852', message: 'Transaction was declined by merchant.' } : null
}

/** The attempt that an order is told by: one that charged it, else the latest. */
export function shownAttempt({ payments }: OrderView): PaymentRecord | undefined {
  return payments.find((payment) => payment.status === 'captured' && !payment.duplicate) ?? payments.at(-1)
}

export function orderStatus(view: OrderView): Status {
  const { amountAllocated, status } = view.order
  // What credit pays has no attempt that could tell of it.
  if (isPositive(amountAllocated) && status === 'paid') return 'CHARGED'
  if (isPositive(amountAllocated) && status === 'partially_paid') return 'PARTIAL_CHARGED'
  const attempt = shownAttempt(view)
  if (attempt !== undefined) return txnStatus(attempt)
  return view.order.status === 'canceled' ? 'JUSPAY_DECLINED' : 'NEW'
}

export const REFUND_WORDS: Record<RefundStatus, 'PENDING' | 'SUCCESS' | 'FAILURE' | 'MANUAL_REVIEW'> = {
  pending: 'PENDING',
  unknown: 'PENDING',
  awaiting_approval: 'MANUAL_REVIEW',
  rejected: 'FAILURE',
  review: 'MANUAL_REVIEW',
  succeeded: 'SUCCESS',
  failed: 'FAILURE',
}

/** Seconds and Z; nothing below a second is shown. */
export function dateText(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
