// The building blocks of every schema. Each text field has a pattern that keeps control characters out, because a NUL
// cannot be stored and the rest would forge lines in a log; each object refuses fields it does not know.
import Type from 'typebox'
import type { TObjectOptions, TProperties, TSchema, TSchemaOptions } from 'typebox'

/** An object that refuses unknown fields. */
export function Strict<Properties extends TProperties>(properties: Properties, options: TObjectOptions = {}) {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

const ONE_LINE = '^[^\\u0000-\\u001f\\u007f]*$'
const LINES = '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$'

/** One line of text of at most `maximum` characters (code points). */
export function Line(maximum: number, options: TSchemaOptions = {}) {
  return Type.String({ ...options, maxLength: maximum, pattern: ONE_LINE })
}

/** Text that may have line breaks, of at most `maximum` characters (code points). */
export function Lines(maximum: number, options: TSchemaOptions = {}) {
  return Type.String({ ...options, maxLength: maximum, pattern: LINES })
}

/** An identifier made by Purser: the prefix, `_` and 26 characters. */
export function Id(prefix: string, what: string) {
  return Type.String({ pattern: `^${prefix}_[0-9a-z]{26}$`, description: `Identifier of ${what}.` })
}

export const OrderId = Id('ord', 'an order')
export const CustomerId = Id('cus', 'a customer')
export const SessionId = Id('ses', 'a session')
export const PaymentId = Id('pay', 'a payment')
export const DisputeId = Id('dsp', 'a dispute')
export const RefundId = Id('ref', 'a refund')
export const GatewayAccountId = Id('gwa', 'a gateway account')
export const EventId = Id('evt', 'an event')
export const WebhookEndpointId = Id('whe', 'a webhook endpoint')
export const DeliveryId = Id('dlv', 'a delivery')
export const ReceiptId = Id('rct', 'a receipt')
export const AllocationId = Id('alc', 'an allocation')
export const MandateId = Id('man', 'a mandate')
export const SavedMethodId = Id('svm', 'a saved method')
export const PreDebitNoticeId = Id('pdn', 'a pre-debit notice')

/** The largest amount, in minor units. */
export const MAX_AMOUNT = 10_000_000_000_000

/**
 * An amount as a client sends it: minor units, as a whole number or as a string of digits. A number written with a
 * fraction or an exponent is refused whatever its value, so a client cannot send money that went through a float.
 */
export const AmountInput = Type.Union(
  [
    Type.Integer({ minimum: 1, maximum: MAX_AMOUNT }),
    Type.String({ pattern: '^[1-9][0-9]{0,13}$', description: 'The same number as a string of digits.' }),
  ],
  {
    description: `Minor units of the currency (paise, cents), 1 to ${MAX_AMOUNT}: a whole number or a string of digits.`,
    examples: [49900],
  },
)
export type AmountInput = number | string

/** An amount as Purser answers it: minor units. */
export const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'Minor units of the currency.' })

export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217 code in capitals.',
  examples: ['INR'],
})

export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'RFC 3339 with a zone.',
  examples: ['2026-11-20T14:41:00Z'],
})

export const Url = Type.String({
  maxLength: 2048,
  pattern: '^https?://[^\\s\\u0000-\\u001f\\u007f]+$',
  description: 'An absolute http or https address.',
})

/** Where a page comes from, as a browser writes it in `Origin`. */
export const Origin = Type.String({
  maxLength: 300,
  pattern: '^https?://[a-z0-9.:\\[\\]-]+$',
  description: 'Scheme, host and port of a page; no path and no slash at the end.',
  examples: ['https://shop.example'],
})

/** The merchant's own words about an order: at most 20 entries. */
export const Metadata = Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,40}$' }), Line(500), {
  maxProperties: 20,
  additionalProperties: false,
  description: 'Up to 20 entries of your own. Keys: letters, digits, `_`, `.`, `-`; values: up to 500 characters.',
})

export const Version = Type.Integer({
  minimum: 1,
  description: 'Grows with every change, so that states seen out of order can be put in order.',
})

/** One page of a list, newest first. */
export function PageOf<Item extends TSchema>(item: Item) {
  return Strict({
    object: Type.Literal('list'),
    items: Type.Array(item),
    next_cursor: Nullable(
      Type.String({ description: 'Pass it as `cursor` to get the next page; null on the last one.' }),
    ),
  })
}

export const Cursor = Type.String({
  maxLength: 512,
  pattern: '^[A-Za-z0-9_-]+$',
  description: '`next_cursor` of the page before, unchanged.',
})

/** Query strings carry text; `x-parameter` says what the text means, for the API description. */
export const Limit = Type.String({
  pattern: '^([1-9][0-9]?|100)$',
  description: 'Items per page.',
  'x-parameter': { type: 'integer', minimum: 1, maximum: 100, default: 20 },
})

/** What every list is paged by. */
export const pageQuery = {
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
}

/** What a list in time can be narrowed by. */
export const periodQuery = {
  from: Type.Optional({ ...Instant, description: 'Created at this instant or later (RFC 3339 with a zone).' }),
  to: Type.Optional({ ...Instant, description: 'Created before this instant (RFC 3339 with a zone).' }),
}

/** What a person gives who decides what nobody can tell. */
export const personDecision = {
  evidence: Lines(2_000, {
    minLength: 1,
    description: 'Where it can be looked up again: a statement, a ticket, a letter.',
    examples: ['HDFC statement of 20 Nov, line 14'],
  }),
  reason: Lines(500, { minLength: 1, description: 'Why it is decided by hand.' }),
}
