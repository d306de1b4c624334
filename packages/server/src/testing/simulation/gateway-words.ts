// The model gateway's objects as the reports that a connector would make of them, for runs without a wire.
import type { PaymentReport, RefundReport, ReportedRefundState, ReportedState } from '../../domain/payment/report.ts'
import { money } from '../../kernel/money.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import type { GatewayPayment, GatewayRefund } from './gateway-model.ts'
import type { Chance } from './seeded-chance.ts'

const STATES: Record<GatewayPayment['status'], ReportedState> = {
  ACTION_NEEDED: 'requires_action',
  PENDING: 'pending',
  HELD: 'authorized',
  PART_PAID: 'captured',
  PAID: 'captured',
  REJECTED: 'declined',
  RELEASED: 'voided',
  LAPSED: 'expired',
  CANCELLED: 'canceled',
}

const REFUND_STATES: Record<GatewayRefund['status'], ReportedRefundState> = {
  PROCESSING: 'pending',
  ON_REVIEW: 'review',
  RETURNED: 'succeeded',
  FAILED: 'failed',
}

export function paymentReport(payment: GatewayPayment): PaymentReport {
  const { currency } = payment.amount
  const state = STATES[payment.status]
  return {
    gatewayPaymentId: payment.id,
    reference: payment.reference,
    amount: payment.amount,
    state,
    authorized: money(payment.held, currency),
    captured: money(payment.paid, currency),
    captureFinal: payment.closed,
    facts: {},
    ...(state === 'requires_action' ? { action: { type: 'redirect', url: 'https://bank.example/' } as const } : {}),
    ...(state === 'declined'
      ? { decline: { stage: 'authorization', code: 'insufficient_funds', gatewayCode: '51' } as const }
      : {}),
  }
}

export function refundReport(refund: GatewayRefund, currency: Currency): RefundReport {
  return {
    gatewayRefundId: refund.id,
    gatewayPaymentId: refund.paymentId,
    reference: refund.reference,
    amount: money(refund.amount, currency),
    state: REFUND_STATES[refund.status],
  }
}

/** Genuine, but not about this payment's money. What a liar says of amount or currency is never booked. */
export function lieAbout(report: PaymentReport, chance: Chance): PaymentReport {
  const wrong = (amount: Money, by: bigint): Money => ({ ...amount, minor: amount.minor + by })
  const foreign = (amount: Money): Money => ({
    minor: amount.minor,
    currency: amount.currency === 'INR' ? 'USD' : 'INR',
  })
  const asPaid = { ...report, state: 'captured', captured: report.amount, authorized: report.amount } as const
  switch (chance.whole(4)) {
    case 0:
      return { ...asPaid, amount: wrong(report.amount, 1n), captured: wrong(report.amount, 1n) }
    case 1:
      return {
        ...asPaid,
        amount: foreign(report.amount),
        captured: foreign(report.amount),
        authorized: foreign(report.amount),
      }
    case 2:
      return { ...asPaid, amount: wrong(report.amount, -1n), captured: wrong(report.amount, -1n) }
    default:
      return { ...asPaid, captured: wrong(report.amount, 1_000n), authorized: wrong(report.amount, 1_000n) }
  }
}
