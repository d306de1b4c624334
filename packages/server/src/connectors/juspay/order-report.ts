// Juspay's order as our report. Status, capture and void, refund and every notification's confirmation show this one
// object, so it is read here once. One order of theirs is one payment of ours; the tries that a payer makes on Juspay's
// page lie inside it: one that was refused is told beside, and the payment goes on until the page shuts.
import { Value } from 'typebox/value'
import type { MandateReport } from '../../domain/mandate/report.ts'
import type { GatewayTry, PaymentFacts, PaymentReport, RefundReport } from '../../domain/payment/report.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { money } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { Result, SyncInput } from '../contract/connector.ts'
import { toDecline } from './decline-codes.ts'
import { lookUp, MANDATE_STATES, meaningOf, REFUND_STATES, stageOf } from './statuses.ts'
import type { Meaning } from './statuses.ts'
import { JuspayRefund, readMoney, textAt } from './wire.ts'
import type { JuspayOrder } from './wire.ts'

const UNREADABLE = 'The reply names a status, an amount or a step that this connector does not know.'

/** `asked`: whether a refused try is the end, and whether we knew the order before. */
export function orderResult(
  order: JuspayOrder,
  asked: Pick<SyncInput, 'onPage' | 'gatewayPaymentId'>,
): Result<PaymentReport> {
  const meaning = meaningOf(order.status)
  const amount = readMoney(order.amount, order.currency)
  const unknown = { kind: 'unknown', reason: UNREADABLE } as const
  if (meaning === undefined || meaning === 'unclear' || amount === undefined) return unknown
  // The order was made and its transaction was not: the call may still be on its way.
  if (!asked.onPage && meaning === 'untried' && asked.gatewayPaymentId === null) return { kind: 'absent' }
  const stands = asked.onPage ? standsOnPage(order, meaning, amount) : standsDirectly(order, meaning, amount)
  if (stands === undefined) return unknown
  const none = money(0n, amount.currency)
  const closesAt = typeof order.order_expiry === 'string' ? parseInstant(order.order_expiry) : undefined
  const mandate = mandateOf(order)
  const report: PaymentReport = {
    gatewayPaymentId: order.order_id.toLowerCase(),
    reference: order.order_id.toLowerCase(),
    amount,
    authorized: none,
    captured: none,
    captureFinal: false,
    facts: factsOf(order),
    ...stands,
    refunds: refundsOf(order),
    ...(closesAt === undefined ? {} : { closesAt }),
    ...(mandate === undefined ? {} : { mandate }),
  }
  return { kind: 'report', report }
}

type Stands = Pick<PaymentReport, 'state'> & Partial<PaymentReport>

/** What is the same whoever asked for the money. */
function standsAnywhere(order: JuspayOrder, meaning: Meaning, amount: Money): Stands | undefined {
  switch (meaning) {
    case 'pending':
      return { state: 'pending' }
    case 'held':
      return { state: 'authorized', authorized: amount }
    case 'charged':
      return { state: 'captured', authorized: amount, captured: amount, captureFinal: true }
    case 'partly_charged': {
      const captured = readMoney(order.captured_amount, order.currency)
      return captured === undefined ? undefined : { state: 'captured', authorized: amount, captured }
    }
    case 'released':
    case 'given_back':
      return { state: 'voided' }
    case 'untried':
    case 'refused':
    case 'unclear':
      return undefined
  }
}

/** A charge without a page: one transaction, and a refusal is its end. */
function standsDirectly(order: JuspayOrder, meaning: Meaning, amount: Money): Stands | undefined {
  if (meaning !== 'refused') return standsAnywhere(order, meaning, amount)
  return { state: 'declined', decline: declineOf(order) }
}

/** On the page a refused try is not the end: the payer may try again there. */
function standsOnPage(order: JuspayOrder, meaning: Meaning, amount: Money): Stands | undefined {
  if (meaning !== 'untried' && meaning !== 'refused') return standsAnywhere(order, meaning, amount)
  const one = meaning === 'refused' ? tryOf(order, amount) : undefined
  // Refused without anybody having tried: the order itself was ended.
  if (meaning === 'refused' && one === undefined) return { state: 'canceled' }
  const action = pageOf(order.payment_links)
  if (action === undefined) return undefined
  return { state: 'requires_action', action, ...(one === undefined ? {} : { tries: [one] }) }
}

/** Where the payer pays; only to the web. */
export function pageOf(links: unknown): PaymentReport['action'] | undefined {
  const url = textAt(links, 'web')
  return url !== undefined && /^https?:\/\/[^\s]+$/.test(url) ? { type: 'redirect', url } : undefined
}

function tryOf(order: JuspayOrder, amount: Money): GatewayTry | undefined {
  const id = order.txn_id ?? order.txn_uuid ?? ''
  if (id === '') return undefined
  return { gatewayPaymentId: id, amount, decline: declineOf(order), facts: factsOf(order) }
}

function declineOf(order: JuspayOrder) {
  const code = textAt(order, 'bank_error_code') ?? textAt(order.txn_detail, 'error_code') ?? order.status
  const text = textAt(order, 'bank_error_message') ?? textAt(order.txn_detail, 'error_message') ?? ''
  return toDecline(stageOf(order.status), code, text)
}

function factsOf(order: JuspayOrder): PaymentFacts {
  const { card, payment_gateway_response: answer } = order
  const isBank = order.payment_method_type === 'NB'
  const facts = {
    network: textAt(card, 'card_brand')?.toLowerCase(),
    funding: textAt(card, 'card_type')?.toLowerCase(),
    issuer: textAt(card, 'card_issuer'),
    bin: /^\d{6,8}$/.exec(textAt(card, 'card_isin') ?? '')?.[0],
    lastFour: /^\d{4}$/.exec(textAt(card, 'last_four_digits') ?? '')?.[0],
    authenticationType: textAt(order, 'auth_type'),
    vpa: textAt(order, 'payer_vpa'),
    bank: isBank ? textAt(order, 'payment_method')?.replace(/^(?:NB|JP)_/, '') : undefined,
    rrn: /^\d{6,20}$/.exec(textAt(answer, 'rrn') ?? '')?.[0],
    authCode: /^[0-9A-Za-z]{1,20}$/.exec(textAt(answer, 'auth_id_code') ?? '')?.[0],
    gatewayTry: order.txn_uuid ?? undefined,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined && fact !== ''))
}

/** Refunds of this order's money. Of one that Juspay made of another try of the payer's nothing was ever ours. */
function refundsOf(order: JuspayOrder): readonly RefundReport[] {
  return (order.refunds ?? []).flatMap((refund) => {
    if (textAt(refund, 'initiated_by') === 'AUTO_REFUNDED') return []
    const report = toRefundReport(refund, order)
    return report === undefined ? [] : [report]
  })
}

/** Undefined when it cannot be read, and so is not to be believed. */
export function toRefundReport(
  refund: unknown,
  { order_id: orderId, currency }: Pick<JuspayOrder, 'order_id' | 'currency'>,
): RefundReport | undefined {
  if (!Value.Check(JuspayRefund, refund)) return undefined
  const state = lookUp(REFUND_STATES, refund.status)
  const amount = readMoney(refund.amount, currency)
  if (state === undefined || amount === undefined) return undefined
  const gatewayCode = state === 'failed' ? textAt(refund, 'error_code') : undefined
  const arn = /^[0-9A-Za-z]{6,30}$/.exec(textAt(refund, 'arn') ?? '')?.[0]
  return {
    // Unique in its order only, so the order stands in front.
    gatewayRefundId: `${orderId.toLowerCase()}/${refund.unique_request_id}`,
    gatewayPaymentId: orderId.toLowerCase(),
    reference: refund.unique_request_id,
    amount,
    state,
    ...(gatewayCode === undefined ? {} : { gatewayCode }),
    ...(arn === undefined ? {} : { arn }),
  }
}

/** The block of wire juspay 4.3. It says nothing about when, so it is no newer word than any other. */
function mandateOf(order: JuspayOrder): MandateReport | undefined {
  const { mandate } = order
  const gatewayMandateId = textAt(mandate, 'mandate_id')
  const state = lookUp(MANDATE_STATES, textAt(mandate, 'mandate_status') ?? '')
  const most =
    typeof mandate === 'object' && mandate !== null && 'max_amount' in mandate ? mandate.max_amount : undefined
  const maxAmount = readMoney(most, order.currency)
  if (gatewayMandateId === undefined || state === undefined || maxAmount === undefined) return undefined
  return { gatewayMandateId, reference: null, state, maxAmount, sequence: null, pausedUntil: null }
}
