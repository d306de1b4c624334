// The gateway's payment and refund objects as our reports. Replies, queries and notifications carry the same objects,
// so they are read here once. Undefined means: not readable, and so not to be believed.
import type { KeptMethodReport } from '../../domain/customer/saved-method.ts'
import type {
  PayerAction,
  PaymentFacts,
  PaymentReport,
  RefundReport,
  ReportedRefundState,
  ReportedState,
} from '../../domain/payment/report.ts'
import type { Result } from '../contract/connector.ts'
import { toDecline } from './decline-codes.ts'
import { toDisputeReport } from './disputes.ts'
import { toMandateReport } from './mandate-report.ts'
import type { SandboxPayment, SandboxRefund } from './wire.ts'
import { readMoney } from './wire.ts'

const STATES: Readonly<Record<string, ReportedState>> = {
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

const REFUND_STATES: Readonly<Record<string, ReportedRefundState>> = {
  PROCESSING: 'pending',
  ON_REVIEW: 'review',
  RETURNED: 'succeeded',
  FAILED: 'failed',
}

export function paymentResult(payment: SandboxPayment): Result<PaymentReport> {
  const report = toPaymentReport(payment)
  if (report !== undefined) return { kind: 'report', report }
  return { kind: 'unknown', reason: 'The reply names a status, an amount or a step that this connector does not know.' }
}

export function refundResult(refund: SandboxRefund): Result<RefundReport> {
  const report = toRefundReport(refund)
  if (report !== undefined) return { kind: 'report', report }
  return { kind: 'unknown', reason: 'The reply names a status or an amount that this connector does not know.' }
}

export function toPaymentReport(payment: SandboxPayment): PaymentReport | undefined {
  const state = Object.hasOwn(STATES, payment.status) ? STATES[payment.status] : undefined
  const amount = readMoney(payment.amount, payment.currency)
  const authorized = readMoney(payment.held, payment.currency)
  const captured = readMoney(payment.paid, payment.currency)
  if (state === undefined || amount === undefined || authorized === undefined || captured === undefined) {
    return undefined
  }
  const mandate = payment.mandate === undefined ? undefined : toMandateReport(payment.mandate)
  if (payment.mandate !== undefined && mandate === undefined) return undefined
  const kept = toKept(payment)
  const disputes = payment.disputes?.map(toDisputeReport) ?? []
  if (disputes.includes(undefined)) return undefined
  const action = state === 'requires_action' ? toAction(payment) : undefined
  // A payer who is asked to do nothing would wait for ever.
  if (state === 'requires_action' && action === undefined) return undefined
  return {
    gatewayPaymentId: payment.id,
    reference: payment.reference,
    amount,
    state,
    authorized,
    captured,
    captureFinal: payment.closed,
    ...(action === undefined ? {} : { action }),
    ...(state === 'declined' ? { decline: toDecline(payment.rejection?.code ?? 'none') } : {}),
    facts: toFacts(payment),
    ...(mandate === undefined ? {} : { mandate }),
    ...(kept === undefined ? {} : { kept }),
    ...(disputes.length === 0 ? {} : { disputes: disputes.filter((report) => report !== undefined) }),
  }
}

export function toRefundReport(refund: SandboxRefund): RefundReport | undefined {
  const state = Object.hasOwn(REFUND_STATES, refund.status) ? REFUND_STATES[refund.status] : undefined
  const amount = readMoney(refund.amount, refund.currency)
  if (state === undefined || amount === undefined) return undefined
  return {
    gatewayRefundId: refund.id,
    gatewayPaymentId: refund.payment_id,
    reference: refund.reference,
    amount,
    state,
    ...(refund.failure === undefined ? {} : { gatewayCode: refund.failure }),
    ...(refund.arn === undefined ? {} : { arn: refund.arn }),
  }
}

function toAction({ next_step: step }: SandboxPayment): PayerAction | undefined {
  if (step?.type === 'REDIRECT' && step.url !== undefined) return { type: 'redirect', url: step.url }
  if (step?.type === 'OPEN_UPI_APP' && step.uri !== undefined) return { type: 'upi_intent', uri: step.uri }
  if (step?.type === 'APPROVE_IN_UPI_APP' && step.vpa !== undefined) return { type: 'upi_collect', vpa: step.vpa }
  return undefined
}

const KEPT_KINDS: Readonly<Record<string, KeptMethodReport['kind']>> = { CARD: 'card', UPI: 'upi', WALLET: 'wallet' }

function toKept({ saved_instrument: saved, instrument }: SandboxPayment): KeptMethodReport | undefined {
  const kind = saved === undefined || !Object.hasOwn(KEPT_KINDS, saved.type) ? undefined : KEPT_KINDS[saved.type]
  if (saved === undefined || kind === undefined) return undefined
  const { expiry_month: month, expiry_year: year } = saved
  const told = {
    network: instrument.network,
    funding: instrument.funding,
    issuer: instrument.issuer,
    bin: instrument.bin,
    lastFour: saved.last_four,
    expiry: month === undefined || year === undefined ? undefined : { month, year },
    vpa: saved.vpa,
    wallet: saved.wallet,
  }
  const known = Object.fromEntries(Object.entries(told).filter(([, fact]) => fact !== undefined))
  return { ...known, kind, gatewayMethodId: saved.id }
}

function toFacts(payment: SandboxPayment): PaymentFacts {
  const { instrument } = payment
  const facts = {
    network: instrument.network,
    funding: instrument.funding,
    issuer: instrument.issuer,
    bin: instrument.bin,
    lastFour: instrument.last_four,
    authenticationType: instrument.authentication,
    vpa: instrument.vpa,
    bank: instrument.bank,
    rrn: payment.rrn,
    authCode: payment.auth_code,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined))
}
