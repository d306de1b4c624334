// The sandbox gateway's shapes, from its reference (docs/reference/sandbox.md), and nothing of its code: this side of
// the wire knows only what a merchant would. Unknown fields are ignored, because gateways add fields; a value that
// cannot be read makes the reply unknown, never a decline.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { isCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { parseDecimal } from '../../kernel/money.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import type { Result } from '../contract/connector.ts'

export const SandboxCredentials = Type.Object(
  {
    /** Without `/sandbox`. */
    base_url: Type.String({
      pattern: '^https?://[^\\s/]+$',
      maxLength: 200,
      description: 'Root of the server that the sandbox gateway runs in, without a slash at the end.',
    }),
    api_key: Type.String({
      pattern: '^sk_sandbox_[0-9a-f]{64}$',
      writeOnly: true,
      description: 'The key that the sandbox gateway gave when the account was made there.',
    }),
    notification_secret: Type.String({
      pattern: '^ns_sandbox_[0-9a-f]{64}$',
      writeOnly: true,
      description: 'The secret that it signs its notifications with, given with the key.',
    }),
  },
  { additionalProperties: false },
)
export type SandboxCredentials = Static<typeof SandboxCredentials>

const Id = Type.String({ minLength: 1, maxLength: 64 })
const Amount = Type.String({ maxLength: 40 })
const Word = Type.String({ minLength: 1, maxLength: 100 })

export const SandboxMandate = Type.Object({
  id: Id,
  reference: Id,
  status: Type.String(),
  currency: Type.String(),
  max_amount: Amount,
  pause_until: Type.Union([Type.String({ maxLength: 40 }), Type.Null()]),
  version: Type.Integer({ minimum: 1 }),
})
export type SandboxMandate = Static<typeof SandboxMandate>

export const SandboxNotice = Type.Object({
  id: Id,
  reference: Id,
  status: Type.String(),
  currency: Type.String(),
  amount: Amount,
  failure: Type.Optional(Word),
})
export type SandboxNotice = Static<typeof SandboxNotice>

export const SandboxDispute = Type.Object({
  id: Id,
  payment_id: Id,
  reference: Id,
  status: Type.String(),
  currency: Type.String(),
  amount: Amount,
  reason: Word,
  answer_by: Type.String({ maxLength: 40 }),
  version: Type.Integer({ minimum: 1 }),
})
export type SandboxDispute = Static<typeof SandboxDispute>

export const SandboxPayment = Type.Object({
  id: Id,
  reference: Id,
  status: Type.String(),
  currency: Type.String(),
  amount: Amount,
  held: Amount,
  paid: Amount,
  closed: Type.Boolean(),
  instrument: Type.Object({
    network: Type.Optional(Word),
    funding: Type.Optional(Word),
    issuer: Type.Optional(Word),
    bin: Type.Optional(Type.String({ pattern: '^\\d{6,8}$' })),
    last_four: Type.Optional(Type.String({ pattern: '^\\d{4}$' })),
    authentication: Type.Optional(Word),
    vpa: Type.Optional(Word),
    bank: Type.Optional(Word),
  }),
  next_step: Type.Optional(
    Type.Object({
      type: Type.String(),
      url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2048 })),
      uri: Type.Optional(Type.String({ pattern: '^upi://pay\\?', maxLength: 4096 })),
      vpa: Type.Optional(Word),
    }),
  ),
  rejection: Type.Optional(Type.Object({ code: Word, text: Type.Optional(Type.String()) })),
  rrn: Type.Optional(Type.String({ pattern: '^\\d{12}$' })),
  auth_code: Type.Optional(Type.String({ pattern: '^\\d{6}$' })),
  mandate: Type.Optional(SandboxMandate),
  saved_instrument: Type.Optional(
    Type.Object({
      id: Id,
      type: Type.String(),
      last_four: Type.Optional(Type.String({ pattern: '^\\d{4}$' })),
      expiry_month: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
      expiry_year: Type.Optional(Type.Integer({ minimum: 2000, maximum: 2199 })),
      vpa: Type.Optional(Word),
      wallet: Type.Optional(Word),
    }),
  ),
  disputes: Type.Optional(Type.Array(SandboxDispute, { maxItems: 100 })),
})
export type SandboxPayment = Static<typeof SandboxPayment>

export const SandboxRefund = Type.Object({
  id: Id,
  payment_id: Id,
  reference: Id,
  status: Type.String(),
  currency: Type.String(),
  amount: Amount,
  failure: Type.Optional(Word),
  arn: Type.Optional(Type.String({ pattern: '^\\d{12}$' })),
})
export type SandboxRefund = Static<typeof SandboxRefund>

export const SandboxRefusal = Type.Object({
  error: Type.Object({ code: Word, message: Type.Optional(Type.String()), detail: Type.Optional(Type.String()) }),
})

/** What a payment call may answer: the payment, or a refusal. */
export const PaymentReply = Type.Union([SandboxPayment, SandboxRefusal])
export const RefundReply = Type.Union([SandboxRefund, SandboxRefusal])
export const MandateReply = Type.Union([SandboxMandate, SandboxRefusal])
export const DisputeReply = Type.Union([SandboxDispute, SandboxRefusal])
export const NoticeReply = Type.Union([SandboxNotice, SandboxRefusal])

export const SandboxNotification = Type.Union([
  Type.Object({ id: Id, type: Type.Literal('payment.updated'), payment: SandboxPayment }),
  Type.Object({ id: Id, type: Type.Literal('refund.updated'), refund: SandboxRefund }),
  Type.Object({ id: Id, type: Type.Literal('mandate.updated'), mandate: SandboxMandate }),
  Type.Object({ id: Id, type: Type.Literal('notice.updated'), notice: SandboxNotice }),
  Type.Object({ id: Id, type: Type.Literal('dispute.updated'), dispute: SandboxDispute }),
])

export function endpoint(credentials: SandboxCredentials, path: string): string {
  return `${credentials.base_url}/sandbox/v1${path}`
}

/** `idempotencyKey` where the body has no reference of its own. */
export function headers(credentials: SandboxCredentials, idempotencyKey?: string): Record<string, string> {
  return {
    accept: 'application/json',
    authorization: `Bearer ${credentials.api_key}`,
    'content-type': 'application/json',
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  }
}

/** Undefined when it is no amount of a currency that we know: then nothing about the object can be believed. */
export function readMoney(amount: string, currency: string): Money | undefined {
  return isCurrency(currency) ? parse(amount, currency) : undefined
}

function parse(amount: string, currency: Currency): Money | undefined {
  try {
    return parseDecimal(amount, currency)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

// Codes that the reference names as "nothing happened". Anything else is not certain. REFERENCE_REUSED is left out on
// purpose: it says that something with our reference does exist, so only asking tells what became of it.
const NOTHING_HAPPENED: ReadonlySet<string> = new Set([
  'BAD_REQUEST',
  'UNAUTHORISED',
  'NOT_FOUND',
  'NOT_ALLOWED_NOW',
  'AMOUNT_INVALID',
  'AMOUNT_TOO_HIGH',
  'CURRENCY_UNKNOWN',
  'INSTRUMENT_UNKNOWN',
  'TOO_MANY_REQUESTS',
])

export function refused<Report>(refusal: Static<typeof SandboxRefusal>, status: number): Result<Report> {
  const { code, detail } = refusal.error
  const reason = `The gateway answered ${status} ${code}${detail === undefined ? '' : ` (${detail})`}.`
  const isCertain = status >= 400 && status < 500 && NOTHING_HAPPENED.has(code)
  return { kind: isCertain ? 'failed' : 'unknown', reason }
}
