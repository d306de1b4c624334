// Opens Juspay's page for one payment: POST /session (wire juspay 1.5) makes the order at Juspay by our reference and
// answers where the payer goes. A repeat while nobody has paid shows the same order; nothing is charged by this call.
import { Type } from 'typebox'
import type { MandateTerms } from '../../domain/mandate/mandate.ts'
import type { PaymentReport } from '../../domain/payment/report.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { formatDecimal, money } from '../../kernel/money.ts'
import type { AuthorizeInput, Exchange } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { pageOf } from './order-report.ts'
import type { JuspayCredentials } from './wire.ts'
import { isRefusal, JuspayRefusal, nameOf, readMoney, refused, requestOf } from './wire.ts'

/** How long the page stays open, minutes. From then on Juspay takes no new try. */
export const PAGE_MINUTES = 30

const Session = Type.Object({
  status: Type.Literal('NEW'),
  order_id: Type.String({ minLength: 1, maxLength: 64 }),
  payment_links: Type.Object({ web: Type.String() }),
  sdk_payload: Type.Object({ payload: Type.Object({ amount: Type.String(), currency: Type.String() }) }),
  order_expiry: Type.Optional(Type.Unknown()),
})

export const authorize: Exchange<AuthorizeInput, JuspayCredentials, PaymentReport> = {
  toRequest: (input, credentials) => {
    const person = input.customer ?? input.mandate?.reference
    const customer = person === undefined ? undefined : nameOf(person)
    const { name, email, phone } = input.payer
    return requestOf(
      credentials,
      { method: 'POST', path: '/session', routing: customer ?? input.reference },
      {
        json: {
          order_id: input.reference,
          amount: formatDecimal(input.amount),
          currency: input.amount.currency,
          payment_page_client_id: credentials.payment_page_client_id,
          action: 'paymentPage',
          return_url: input.returnUrl,
          'metadata.expiryInMins': String(PAGE_MINUTES),
          ...(customer === undefined ? {} : { customer_id: customer }),
          ...(input.description === '' ? {} : { description: input.description }),
          ...(name === null ? {} : { first_name: name }),
          ...(email === null ? {} : { customer_email: email }),
          ...(phone === null ? {} : { customer_phone: phone }),
          ...(input.mandate === undefined ? {} : mandateFields(input.mandate)),
        },
      },
    )
  },

  fromReply: (reply) =>
    readReply(reply, Type.Union([Session, JuspayRefusal]), (body, status) => {
      if (isRefusal(body)) return refused(body, status)
      const amount = readMoney(body.sdk_payload.payload.amount, body.sdk_payload.payload.currency)
      const action = pageOf(body.payment_links)
      if (amount === undefined || action === undefined) {
        return { kind: 'unknown', reason: 'The reply names an amount or a page that this connector does not know.' }
      }
      const none = money(0n, amount.currency)
      const closesAt = typeof body.order_expiry === 'string' ? parseInstant(body.order_expiry) : undefined
      const id = body.order_id.toLowerCase()
      const report: PaymentReport = {
        gatewayPaymentId: id,
        reference: id,
        amount,
        state: 'requires_action',
        authorized: none,
        captured: none,
        captureFinal: false,
        action,
        facts: {},
        ...(closesAt === undefined ? {} : { closesAt }),
      }
      return { kind: 'report', report }
    }),
}

/** Wire juspay 4.1. Dates are epoch seconds as text. */
function mandateFields(terms: MandateTerms): Readonly<Record<string, string | boolean>> {
  return {
    'options.create_mandate': 'REQUIRED',
    'mandate.max_amount': formatDecimal(terms.maxAmount),
    'mandate.amount_rule': terms.amountRule.toUpperCase(),
    'mandate.frequency': terms.frequency.replaceAll('_', '').toUpperCase(),
    ...(terms.dayRule === null
      ? {}
      : { 'mandate.rule_type': terms.dayRule.rule.toUpperCase(), 'mandate.rule_value': String(terms.dayRule.day) }),
    'mandate.start_date': epochSeconds(terms.startsAt),
    'mandate.end_date': epochSeconds(terms.endsAt),
    'mandate.revokable_by_customer': terms.revocableByCustomer,
    'mandate.block_funds': terms.blockFunds,
  }
}

export function epochSeconds(instant: Date): string {
  return Math.floor(instant.getTime() / 1_000).toString()
}
