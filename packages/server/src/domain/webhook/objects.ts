// Our nouns as the JSON of our own API, snake_case, amounts in minor units. The native API answers with these and
// events carry them, so that a webhook and a read of the same object never differ in shape.
import type { Money } from '../../kernel/money.ts'
import type { Order } from '../order/order.ts'
import { DECLINES } from '../payment/decline-codes.ts'
import type { PaymentRecord } from '../payment/record.ts'
import type { RefundRecord } from '../refund/refund.ts'
import type { Session } from '../session/session.ts'

// Safe: an amount is at most 10^13 minor units (kernel/money.ts), well below 2^53.
export const minor = (amount: Money): number => Number(amount.minor)
export const instant = (date: Date | null): string | null => date?.toISOString() ?? null

export function orderJson(order: Order) {
  return {
    id: order.id,
    object: 'order' as const,
    reference: order.reference,
    status: order.status,
    amount: minor(order.amount),
    currency: order.amount.currency,
    amount_captured: minor(order.amountCaptured),
    amount_refunded: minor(order.amountRefunded),
    amount_allocated: minor(order.amountAllocated),
    amount_due: Math.max(0, minor(order.amount) - minor(order.amountCaptured)),
    description: order.description,
    customer_id: order.customerId,
    payer: order.payer,
    metadata: order.metadata,
    return_url: order.returnUrl,
    capture: order.capture,
    mandate_id: order.mandateId,
    late_success: order.lateSuccess,
    paid_late: order.paidLate,
    version: order.version,
    expires_at: instant(order.expiresAt),
    paid_at: instant(order.paidAt),
    canceled_at: instant(order.canceledAt),
    expired_at: instant(order.expiredAt),
    created_at: order.createdAt.toISOString(),
    updated_at: order.updatedAt.toISOString(),
  }
}

export function paymentJson(payment: PaymentRecord) {
  return {
    id: payment.id,
    object: 'payment' as const,
    order_id: payment.orderId,
    session_id: payment.sessionId,
    gateway_account_id: payment.gatewayAccountId,
    gateway_payment_id: payment.gatewayPaymentId,
    reference: payment.reference,
    origin: payment.origin,
    status: payment.status,
    amount: minor(payment.amount),
    currency: payment.amount.currency,
    amount_authorized: minor(payment.amountAuthorized),
    amount_captured: minor(payment.amountCaptured),
    amount_refunded: minor(payment.amountRefunded),
    amount_refund_pending: minor(payment.amountRefundPending),
    amount_disputed: minor(payment.amountDisputed),
    amount_allocated: minor(payment.amountAllocated),
    amount_reversed: minor(payment.amountReversed),
    capture: payment.capture,
    capture_final: payment.captureFinal,
    method: payment.method,
    facts: factsJson(payment),
    action: payment.action,
    decline:
      payment.decline === null
        ? null
        : {
            stage: payment.decline.stage,
            code: payment.decline.code,
            message: DECLINES[payment.decline.code].advice,
            gateway_code: payment.decline.gatewayCode,
          },
    failure_reason: payment.failureReason,
    mandate_id: payment.mandateId,
    duplicate: payment.duplicate,
    late: payment.late,
    version: payment.version,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
    captured_at: instant(payment.capturedAt),
  }
}

function factsJson({ facts }: PaymentRecord) {
  return {
    network: facts.network ?? null,
    funding: facts.funding ?? null,
    issuer: facts.issuer ?? null,
    last_four: facts.lastFour ?? null,
    vpa: facts.vpa ?? null,
    bank: facts.bank ?? null,
    rrn: facts.rrn ?? null,
    auth_code: facts.authCode ?? null,
  }
}

export function refundJson(refund: RefundRecord) {
  return {
    id: refund.id,
    object: 'refund' as const,
    payment_id: refund.paymentId,
    order_id: refund.orderId,
    gateway_refund_id: refund.gatewayRefundId,
    reference: refund.reference,
    status: refund.status,
    amount: minor(refund.amount),
    currency: refund.amount.currency,
    reason: refund.reason,
    note: refund.note,
    automatic: refund.automatic,
    given_back: givenBackJson(refund),
    requested_by: refund.requestedBy,
    decided_by: refund.decidedBy,
    arn: refund.arn,
    version: refund.version,
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.updatedAt.toISOString(),
    succeeded_at: instant(refund.succeededAt),
  }
}

function givenBackJson({ givenBack }: RefundRecord) {
  if (givenBack === null) return null
  const { way, reference, at, by } = givenBack
  return { way, reference, at: at.toISOString(), by }
}

export function sessionJson(session: Session) {
  return {
    id: session.id,
    object: 'session' as const,
    order_id: session.orderId,
    status: session.status,
    methods: session.methods,
    return_url: session.returnUrl,
    frame_origins: session.frameOrigins,
    expires_at: session.expiresAt.toISOString(),
    created_at: session.createdAt.toISOString(),
  }
}

export type OrderJson = ReturnType<typeof orderJson>
export type PaymentJson = ReturnType<typeof paymentJson>
export type RefundJson = ReturnType<typeof refundJson>
export type SessionJson = ReturnType<typeof sessionJson>
