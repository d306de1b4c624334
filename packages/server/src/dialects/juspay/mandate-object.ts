// Mandates as this API shows them: a block in an order, an item of a list, the answer to a command, and the whole
// object of check_status, which webhooks carry too.
import type { MandateJson } from '../../domain/mandate/json.ts'
import type { Mandate } from '../../domain/mandate/mandate.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { MandateFacts } from '../../operations/views.ts'
import type { OrderView } from '../../operations/queries.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { amountNumber } from './amounts.ts'
import { cardPart } from './card-part.ts'
import { epochText, FREQUENCY_WORDS, isEmandate, MANDATE_WORDS } from './mandate-words.ts'
import { customerNameOf } from './order-customer.ts'
import { dateText } from './words.ts'

function namesOf(mandate: Mandate) {
  return {
    mandate_id: mandate.id,
    mandate_token: mandate.token,
    mandate_type: isEmandate(mandate) ? 'EMANDATE' : 'MANDATE',
  }
}

function termsOf(mandate: Mandate) {
  return {
    max_amount: amountNumber(mandate.maxAmount),
    frequency: FREQUENCY_WORDS[mandate.frequency],
    start_date: epochText(mandate.startsAt),
    end_date: epochText(mandate.endsAt),
    revokable_by_customer: mandate.revocableByCustomer,
    block_fund: mandate.blockFunds,
    amount_rule: mandate.amountRule.toUpperCase(),
  }
}

function ruleOf({ dayRule }: Mandate) {
  return dayRule === null ? {} : { rule_type: dayRule.rule.toUpperCase(), rule_value: dayRule.day }
}

/** Nothing before the first attempt that has to do with it: until then there is none in this API's sense. */
export function mandatePart({ mandate, payments }: OrderView): object {
  const attempt = payments.findLast(({ mandateRole }) => mandateRole !== null)
  if (mandate === undefined || attempt === undefined) return {}
  return {
    mandate: {
      ...namesOf(mandate),
      mandate_status: MANDATE_WORDS[mandate.status],
      ...termsOf(mandate),
      ...ruleOf(mandate),
      ...bankPart(attempt),
    },
  }
}

/** What an attempt has to do with its mandate, in txn_detail. */
export function mandateSource({ mandateId, mandateRole, method }: PaymentRecord): object {
  if (mandateRole === null) return {}
  const kind = isEmandate({ method }) ? 'EMANDATE' : 'MANDATE'
  const step = mandateRole === 'registration' ? 'REGISTER' : 'PAYMENT'
  return { txn_object_type: `${kind}_${step}`, source_object: 'MANDATE', source_object_id: mandateId }
}

/** What a return address adds for an order with a mandate. */
export function mandateReturn(view: OrderView): Readonly<Record<string, string>> {
  const { mandate } = view
  if (mandate === undefined || !('mandate' in mandatePart(view))) return {}
  return { mandate_id: mandate.id, mandate_token: mandate.token, mandate_status: MANDATE_WORDS[mandate.status] }
}

function bankPart({ instrument }: PaymentRecord): object {
  if (instrument.method !== 'netbanking') return {}
  return { bank_details: { bank_name: instrument.bank.toUpperCase() } }
}

function paymentInfo(payment: PaymentRecord): object {
  const { facts, instrument } = payment
  switch (instrument.method) {
    case 'upi': {
      const payment_method = instrument.flow === 'collect' ? 'COLLECT' : 'PAY'
      const upi = { payer_vpa: facts.vpa ?? instrument.vpa ?? '' }
      return { payment_method_type: 'UPI', payment_method, upi }
    }
    case 'card': {
      const card = cardPart(payment)
      return { payment_method_type: 'CARD', payment_method: card.card_brand, auth_type: 'THREE_DS', card }
    }
    case 'netbanking': {
      const payment_method = `NB_${instrument.bank.toUpperCase()}`
      return { payment_method_type: 'NB', payment_method, auth_type: '', ...bankPart(payment) }
    }
    case 'wallet':
    case 'cash_on_delivery':
    case 'cash':
    case 'cheque':
    case 'bank_transfer':
    case 'gateway_page':
      return { payment_method_type: instrument.method.toUpperCase() }
  }
}

const infoPart = ({ payment }: MandateFacts) => (payment === null ? {} : { payment_info: paymentInfo(payment) })

/** `tkn_` and the mandate's own token; there while it can be charged. */
function debitToken({ status, token }: Mandate): object {
  return status === 'active' ? { mandate_debit_token: `tkn_${token}` } : {}
}

const since = (name: string, date: Date | null) => (date === null ? {} : { [name]: dateText(date) })

/** One of a customer's list. */
export function mandateItem(facts: MandateFacts) {
  const { mandate } = facts
  return {
    status: MANDATE_WORDS[mandate.status],
    ...namesOf(mandate),
    ...debitToken(mandate),
    ...termsOf(mandate),
    ...ruleOf(mandate),
    currency: mandate.maxAmount.currency,
    ...since('activated_at', mandate.activatedAt),
    ...infoPart(facts),
  }
}

/** The whole of it: check_status, and the content of webhooks. */
export function mandateObject(facts: MandateFacts) {
  const { customer, mandate, order } = facts
  return {
    ...namesOf(mandate),
    status: MANDATE_WORDS[mandate.status],
    order_id: order.reference,
    customer_id: customerNameOf({ order, ...(customer === null ? {} : { customer }) }),
    ...termsOf(mandate),
    currency: mandate.maxAmount.currency,
    last_updated: dateText(mandate.updatedAt),
    ...since('activated_at', mandate.activatedAt),
    ...since('last_activated_at', mandate.lastActivatedAt),
    ...debitToken(mandate),
    ...infoPart(facts),
  }
}

/** As an event of ours tells it: what happened to it since is told by later events. */
export function mandateAsTold(facts: MandateFacts, told: MandateJson): MandateFacts {
  const at = (text: string | null) => (text === null ? null : (parseInstant(text) ?? null))
  const mandate: Mandate = {
    ...facts.mandate,
    status: told.status,
    method: told.method,
    activatedAt: at(told.activated_at),
    lastActivatedAt: at(told.last_activated_at),
    updatedAt: at(told.updated_at) ?? facts.mandate.updatedAt,
  }
  return { ...facts, mandate, payment: told.payment_id === null ? null : facts.payment }
}

/** The answer to pause and resume. */
export function changedMandate(mandate: Mandate, message: string) {
  const { pauseFrom, pauseStartsAt, pauseEndsAt } = mandate
  return {
    ...namesOf(mandate),
    mandate_status: MANDATE_WORDS[mandate.status],
    response_message: message,
    ...since('pause_start_date', pauseFrom ?? pauseStartsAt),
    ...since('pause_end_date', pauseEndsAt),
    ...termsOf(mandate),
    ...(mandate.dayRule === null ? {} : { rule_type: mandate.dayRule.rule.toUpperCase() }),
    ...since('last_activated_at', mandate.lastActivatedAt),
  }
}
