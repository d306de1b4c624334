// What the gateway says about its objects, on its wire: decimals as text, its own words for statuses. Replies,
// notifications and the book use the same views, so they cannot differ. Every view holds totals, never differences.
import { formatDecimal } from '../kernel/money.ts'
import type { Currency } from '../kernel/money.ts'
import type { BookDispute } from './book/dispute.ts'
import type { BookMandate, BookNotice } from './book/mandate.ts'
import type { BookPayment, PayerPage } from './book/payment.ts'
import type { BookRefund } from './book/refund.ts'
import type { Fault } from './faults.ts'
import { bankNumber, pageToken, savedInstrumentId } from './ids.ts'
import { findInstrument } from './instruments.ts'
import { REJECTIONS } from './rejections.ts'
import type { BookEntry } from './store/book.ts'

export type ViewContext = {
  readonly notificationSecret: string
  readonly baseUrl: string
  readonly fault?: Fault
  /** Of the payment, where it has one. */
  readonly mandate?: BookMandate
  /** Of the payment, where it has some. */
  readonly disputes?: readonly BookDispute[]
}

export function paymentView(payment: BookPayment, context: ViewContext) {
  const { currency, amount } = distort(payment, context.fault)
  const wasApproved = payment.held > 0n
  return {
    id: payment.id,
    reference: referenceOf(payment, context.fault),
    status: payment.status,
    currency,
    amount: amount(payment.amount),
    held: amount(payment.held),
    paid: amount(payment.paid),
    returned: amount(payment.returned),
    closed: payment.closed,
    method: payment.method.toUpperCase(),
    instrument: instrumentView(payment),
    ...(payment.status === 'ACTION_NEEDED' ? { next_step: nextStep(payment, context) } : {}),
    ...(payment.rejection === null
      ? {}
      : { rejection: { code: payment.rejection, text: REJECTIONS[payment.rejection].text } }),
    ...(wasApproved ? { rrn: bankNumber(`rrn ${payment.reference}`, 12) } : {}),
    ...(wasApproved && payment.method === 'card' ? { auth_code: bankNumber(`auth ${payment.reference}`, 6) } : {}),
    ...(wasApproved && payment.saveFor !== null
      ? { saved_instrument: savedView(payment, payment.saveFor, context) }
      : {}),
    ...(context.mandate === undefined ? {} : { mandate: mandateView(context.mandate, context.fault) }),
    ...(context.disputes === undefined || context.disputes.length === 0
      ? {}
      : { disputes: context.disputes.map((dispute) => disputeView(dispute, payment, context.fault)) }),
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  }
}

export function mandateView(mandate: BookMandate, fault?: Fault) {
  const { currency, amount } = distort(mandate, fault)
  return {
    id: mandate.id,
    reference: referenceOf(mandate, fault),
    status: mandate.status,
    currency,
    max_amount: amount(mandate.maxAmount),
    amount_rule: mandate.amountRule,
    frequency: mandate.frequency,
    rule_type: mandate.ruleType,
    rule_value: mandate.ruleValue,
    start_date: mandate.startsAt.toISOString(),
    end_date: mandate.endsAt.toISOString(),
    revocable_by_customer: mandate.revocableByCustomer,
    block_funds: mandate.blockFunds,
    pause_until: mandate.pauseUntil?.toISOString() ?? null,
    version: mandate.version,
    created_at: mandate.createdAt.toISOString(),
    updated_at: mandate.updatedAt.toISOString(),
  }
}

export function noticeView(notice: BookNotice, fault?: Fault) {
  const { currency, amount } = distort(notice, fault)
  return {
    id: notice.id,
    mandate_id: notice.mandateId,
    reference: referenceOf(notice, fault),
    status: notice.status,
    currency,
    amount: amount(notice.amount),
    debit_date: notice.debitDate,
    ...(notice.status === 'FAILED' ? { failure: 'N1' } : {}),
    created_at: notice.createdAt.toISOString(),
  }
}

export function refundView(refund: BookRefund, context: Pick<ViewContext, 'fault'>) {
  const { currency, amount } = distort(refund, context.fault)
  return {
    id: refund.id,
    payment_id: refund.paymentId,
    reference: referenceOf(refund, context.fault),
    status: refund.status,
    currency,
    amount: amount(refund.amount),
    reason: refund.reason,
    ...(refund.failure === null ? {} : { failure: refund.failure }),
    ...(refund.status === 'RETURNED' ? { arn: `74${bankNumber(`arn ${refund.reference}`, 10)}` } : {}),
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.updatedAt.toISOString(),
  }
}

export function disputeView(dispute: BookDispute, payment: Pick<BookPayment, 'reference'>, fault?: Fault) {
  const { currency, amount } = distort(dispute, fault)
  return {
    id: dispute.id,
    payment_id: dispute.paymentId,
    reference: referenceOf(payment, fault),
    status: dispute.status,
    currency,
    amount: amount(dispute.amount),
    reason: dispute.reason,
    answer_by: dispute.answerBy.toISOString(),
    evidence: dispute.evidence,
    version: dispute.version,
    created_at: dispute.createdAt.toISOString(),
    updated_at: dispute.updatedAt.toISOString(),
  }
}

export function bookView({ payment, steps, refunds, disputes }: BookEntry, context: ViewContext) {
  return {
    ...paymentView(payment, context),
    ...(payment.mandateId === null ? {} : { mandate_id: payment.mandateId }),
    captures: steps
      .filter((step) => step.kind === 'capture')
      .map((step) => ({
        id: step.id,
        amount: formatDecimal({ minor: step.amount, currency: step.currency }),
        final: step.final,
        idempotency_key: step.idempotencyKey,
        created_at: step.createdAt.toISOString(),
      })),
    refunds: refunds.map((refund) => refundView(refund, {})),
    disputes: disputes.map((dispute) => disputeView(dispute, payment)),
  }
}

export function pageUrl(payment: BookPayment, page: PayerPage, context: ViewContext): string {
  return `${context.baseUrl}/sandbox/${page}/${pageToken(context.notificationSecret, payment.id)}`
}

function nextStep(payment: BookPayment, context: ViewContext) {
  const page = payment.page ?? 'acs'
  const url = pageUrl(payment, page, context)
  if (page !== 'upi') return { type: 'REDIRECT', url }
  if (payment.flow === 'collect') return { type: 'APPROVE_IN_UPI_APP', vpa: payment.instrument, url }
  // The fields of NPCI's linking specification. `url` leads to the payer simulator: a phone without a bank's app, a
  // test or the demo finds its page there.
  const fields = {
    pa: 'merchant@sandbox',
    pn: 'Sandbox merchant',
    tr: payment.id,
    tn: payment.description.slice(0, 50),
    am: formatDecimal({ minor: payment.amount, currency: payment.currency }),
    cu: payment.currency,
    url,
  }
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return { type: 'OPEN_UPI_APP', uri: `upi://pay?${query.join('&')}`, url }
}

function instrumentView(payment: BookPayment) {
  if (payment.method === 'upi') return payment.flow === 'collect' ? { vpa: payment.instrument } : {}
  if (payment.method === 'netbanking') return { bank: payment.instrument }
  if (payment.method === 'wallet') return { wallet: payment.instrument }
  const card = findInstrument('card', payment.instrument)
  return {
    network: card?.network,
    funding: card?.funding,
    issuer: card?.issuer,
    bin: card?.bin,
    last_four: card?.lastFour,
    authentication: card?.script.authentication,
  }
}

function savedView(payment: BookPayment, customer: string, context: ViewContext) {
  const id = savedInstrumentId(context.notificationSecret, customer, payment)
  if (payment.method === 'upi') return { id, type: 'UPI', vpa: payment.instrument }
  if (payment.method === 'wallet') return { id, type: 'WALLET', wallet: payment.instrument }
  const lastFour = findInstrument('card', payment.instrument)?.lastFour
  return { id, type: 'CARD', last_four: lastFour, expiry_month: 12, expiry_year: 2090 }
}

type Amounts = { readonly currency: Currency; readonly amount: (minor: bigint) => string }

function distort(object: { readonly currency: Currency }, fault: Fault | undefined): Amounts {
  const extra = fault?.name === 'wrong_amount' ? 1n : 0n
  const { currency } = object
  return {
    currency: fault?.name === 'wrong_currency' ? otherThan(currency) : currency,
    // Nothing held, paid or returned stays nothing: the lie is about how much, not about what happened.
    amount: (minor) => formatDecimal({ minor: minor === 0n ? 0n : minor + extra, currency }),
  }
}

function otherThan(currency: Currency): Currency {
  return currency === 'EUR' ? 'USD' : 'EUR'
}

function referenceOf(object: { readonly reference: string }, fault: Fault | undefined): string {
  return fault?.name === 'wrong_reference' ? `${object.reference.slice(0, 60)}-not` : object.reference
}
