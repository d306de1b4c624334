// Juspay's shapes as its public documents and samples show them (wire juspay 0-4), and nothing of our own dialect: this
// side of the wire knows only what a merchant would. What decides is checked; what merely describes (cards, banks) is
// read leniently, because samples differ and a reply must not become unknown over a missing name.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import { isCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { parseDecimal } from '../../kernel/money.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import type { Result } from '../contract/connector.ts'
import type { WireRequest } from '../contract/wire.ts'

/** The version of the response contract that is asked for (wire juspay 0.3). */
const VERSION = '2023-06-30'

export const JuspayCredentials = Type.Object(
  {
    base_url: Type.String({
      pattern: '^https?://[^\\s/?#@]+(/[A-Za-z0-9._-]+)*$',
      maxLength: 200,
      description: '`https://sandbox.juspay.in`, `https://api.juspay.in` or your bank’s host; no slash at the end.',
    }),
    merchant_id: Type.String({
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
      description: 'The merchant id of Juspay’s dashboard, sent as `x-merchantid`.',
    }),
    api_key: Type.String({
      pattern: '^[!-9;-~]{16,256}$',
      writeOnly: true,
      description: 'The API key of Juspay’s dashboard, without a colon.',
    }),
    payment_page_client_id: Type.String({
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
      description: 'The client id of the payment page, from Juspay’s dashboard.',
    }),
    // No special characters (wire juspay 6.1).
    webhook_user: Type.String({
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
      description: 'Choose it: the user that Juspay’s webhooks log in with here.',
    }),
    // It is all that keeps strangers out, so it is long.
    webhook_password: Type.String({
      pattern: '^[!-~]{20,128}$',
      writeOnly: true,
      description: 'Choose it: the password that goes with it, at least 20 characters and no blank.',
    }),
  },
  { additionalProperties: false },
)
export type JuspayCredentials = Static<typeof JuspayCredentials>

const Id = Type.String({ minLength: 1, maxLength: 64 })
/** A number as a rule, a text in older samples: `readMoney` reads both. */
export const AmountOf = Type.Unknown()

export const JuspayRefund = Type.Object({ unique_request_id: Id, status: Type.String(), amount: AmountOf })

/** The order object of wire juspay 2.3, as far as it decides anything. */
export const JuspayOrder = Type.Object({
  order_id: Id,
  status: Type.String({ minLength: 1, maxLength: 60 }),
  amount: AmountOf,
  currency: Type.String({ maxLength: 10 }),
  txn_id: Type.Optional(Type.Union([Type.String({ maxLength: 128 }), Type.Null()])),
  txn_uuid: Type.Optional(Type.Union([Type.String({ maxLength: 128 }), Type.Null()])),
  captured_amount: Type.Optional(AmountOf),
  amount_refunded: Type.Optional(AmountOf),
  refunds: Type.Optional(Type.Union([Type.Array(Type.Unknown(), { maxItems: 100 }), Type.Null()])),
  payment_links: Type.Optional(Type.Unknown()),
  order_expiry: Type.Optional(Type.Unknown()),
  mandate: Type.Optional(Type.Unknown()),
  txn_detail: Type.Optional(Type.Unknown()),
  card: Type.Optional(Type.Unknown()),
  payment_method: Type.Optional(Type.Unknown()),
  payment_method_type: Type.Optional(Type.Unknown()),
  payer_vpa: Type.Optional(Type.Unknown()),
  auth_type: Type.Optional(Type.Unknown()),
  bank_error_code: Type.Optional(Type.Unknown()),
  bank_error_message: Type.Optional(Type.Unknown()),
  payment_gateway_response: Type.Optional(Type.Unknown()),
})
export type JuspayOrder = Static<typeof JuspayOrder>

/** The error envelope of wire juspay 0.6. Its `status` differs from error to error and says nothing. */
export const JuspayRefusal = Type.Object({
  error_code: Type.String({ minLength: 1, maxLength: 200 }),
  error_info: Type.Optional(Type.Object({ code: Type.Optional(Type.String({ maxLength: 100 })) })),
})
export type JuspayRefusal = Static<typeof JuspayRefusal>

/** Asked first of every body: beside an error nothing else in it is believed. */
export function isRefusal(body: object): body is JuspayRefusal {
  return Value.Check(JuspayRefusal, body)
}

// An order is named by at most 20 characters, 18 on the page's own documents, whatever their case; a refund by letters
// and digits (wire juspay 0.5, 2.5).
const NAME_LENGTH = 18

/** The end of one of our ids, whose last 17 characters are random. What is no id of ours stays as it is. */
export function nameOf(id: string): string {
  return /^[a-z]+_[0-9a-z]{26}$/.test(id) ? id.slice(-NAME_LENGTH) : id
}

type Call = { readonly method: 'GET' | 'POST'; readonly path: string; readonly routing: string }
type Body = { readonly form: Readonly<Record<string, string>> } | { readonly json: object }

export function requestOf(credentials: JuspayCredentials, { method, path, routing }: Call, body?: Body): WireRequest {
  const isForm = body !== undefined && 'form' in body
  return {
    method,
    url: `${credentials.base_url}${path}`,
    headers: {
      accept: 'application/json',
      authorization: basicAuth(credentials.api_key, ''),
      'x-merchantid': credentials.merchant_id,
      'x-routing-id': routing.replaceAll(/[^\x20-\x7e]/g, ''),
      version: VERSION,
      ...(body === undefined
        ? {}
        : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
    },
    ...(body === undefined
      ? {}
      : { body: isForm ? new URLSearchParams(body.form).toString() : JSON.stringify(body.json) }),
  }
}

export function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Undefined when it is no amount of a currency that we know: then nothing about the object can be believed. */
export function readMoney(amount: unknown, currency: unknown): Money | undefined {
  if (typeof currency !== 'string' || !isCurrency(currency)) return undefined
  if (typeof amount !== 'number' && typeof amount !== 'string') return undefined
  // A double of at most fifteen digits prints as it was written. `10.0` and `10.00` are one amount.
  const text = String(amount)
    .trim()
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
  return parse(text, currency)
}

function parse(text: string, currency: Currency): Money | undefined {
  try {
    return parseDecimal(text, currency)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** The text at a name of something that may be no object at all; undefined when it is missing, empty or no text. */
export function textAt(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  const found: unknown = (value as Readonly<Record<string, unknown>>)[name]
  return typeof found === 'string' && found !== '' && found.length <= 2048 ? found : undefined
}

// Refusals of the call itself: certainly nothing happened. `duplicate.call`, INVALID_ACTION and ALREADY_EXISTS are left
// out on purpose: they say that something by our name is there, so only asking tells what became of it.
const NOTHING_HAPPENED: ReadonlySet<string> = new Set([
  'access_denied',
  'Mandatory fields are missing',
  'mandatory.fields.missing',
  'invalid amount',
  'invalid.amount',
  'invalid.amount.exceeded',
  'invalid.client.id',
  'invalid.order.not_successful',
  'request.exceeded',
  'PAYMENT_PAGE_CLIENT_ID_NOT_FOUND',
  'CUSTOMER_ID_NOT_FOUND',
])
const REFUSED_CLASSES: ReadonlySet<string> = new Set([
  'INVALID_INPUT',
  'MISSING_MANDATORY_PARAMETER',
  'UNAUTHORIZED',
  'UNAUTHENTICATED',
  'BAD_ORIGIN',
  'FEATURE_NOT_ENABLED',
])

export function refused<Report>(refusal: JuspayRefusal, status: number): Result<Report> {
  const { error_code: word, error_info: info } = refusal
  const isCertain = NOTHING_HAPPENED.has(word) || REFUSED_CLASSES.has(info?.code ?? '')
  const isDuplicate = word === 'duplicate.call'
  const kind = status >= 400 && status < 500 && isCertain && !isDuplicate ? 'failed' : 'unknown'
  return { kind, reason: `The gateway answered ${status} ${word}${info?.code === undefined ? '' : ` (${info.code})`}.` }
}
