// What callers send, checked and turned into commands. Amounts arrive as decimal text with their currency beside them.
// The request's hash is taken over what was understood, so that spaces and key order do not make another request.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { isCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { sha256 } from '../../kernel/hmac.ts'
import { isPositive, parseDecimal } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { StepCommand } from '../actions/change-payment.ts'
import type { PaymentCommand } from '../actions/create-payment.ts'
import type { RefundCommand } from '../actions/create-refund.ts'
import { GatewayRefusal } from '../refusal.ts'

const strict = { additionalProperties: false } as const
const Reference = Type.String({ pattern: '^[!-~]{1,64}$' })
const Name = Type.String({ minLength: 1, maxLength: 100 })
const Amount = { amount: Type.String({ maxLength: 40 }), currency: Type.String({ maxLength: 3 }) }
const Nullable = Type.Union([Type.String({ maxLength: 255 }), Type.Null()])

const Method = Type.Union([
  Type.Object({ type: Type.Literal('CARD'), token: Name }, strict),
  Type.Object({ type: Type.Literal('UPI'), flow: Type.Union([Type.Literal('INTENT'), Type.Literal('QR')]) }, strict),
  Type.Object({ type: Type.Literal('UPI'), flow: Type.Literal('COLLECT'), vpa: Name }, strict),
  Type.Object({ type: Type.Literal('NETBANKING'), bank: Name }, strict),
  Type.Object({ type: Type.Literal('WALLET'), wallet: Name }, strict),
])

const PaymentBody = Type.Object(
  {
    reference: Reference,
    ...Amount,
    capture: Type.Union([Type.Literal('NOW'), Type.Literal('LATER')]),
    method: Method,
    description: Type.String({ maxLength: 500 }),
    // Read and forgotten: a gateway asks for it, this one has no use for it.
    payer: Type.Object({ name: Nullable, email: Nullable, phone: Nullable }, strict),
    return_url: Type.String({ maxLength: 2048 }),
  },
  strict,
)
const CaptureBody = Type.Object({ ...Amount, final: Type.Boolean() }, strict)
const RefundBody = Type.Object(
  { payment_id: Name, reference: Reference, ...Amount, reason: Type.String({ maxLength: 100 }) },
  strict,
)

/** Compiled on first use: a gateway that nobody calls costs nothing. */
export function reader<Schema extends TSchema>(schema: Schema): (body: unknown) => Static<Schema> {
  let check: { Check(value: unknown): boolean; Errors(value: unknown): { instancePath: string }[] } | undefined
  return (body) => {
    check ??= Compile(schema)
    if (check.Check(body)) return body as Static<Schema>
    const field = check.Errors(body)[0]?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    throw new GatewayRefusal('BAD_REQUEST', field === '' ? 'body' : field)
  }
}

const readPaymentBody = reader(PaymentBody)
const readCaptureBody = reader(CaptureBody)
const readRefundBody = reader(RefundBody)

/** @throws GatewayRefusal BAD_REQUEST, AMOUNT_INVALID, CURRENCY_UNKNOWN */
export function readPayment(body: unknown): PaymentCommand {
  const { amount, currency, method, capture, return_url: returnUrl, ...rest } = readPaymentBody(body)
  const money = readMoney(amount, currency)
  const chosen = readMethod(method)
  return {
    reference: rest.reference,
    requestHash: hashOf(money, [rest.reference, capture, method, rest.description, rest.payer, returnUrl]),
    amount: money.minor,
    currency: money.currency,
    captureMode: capture === 'NOW' ? 'automatic' : 'manual',
    ...chosen,
    description: rest.description,
    returnUrl: readWebAddress(returnUrl, 'return_url'),
  }
}

export function readCapture(paymentId: string, key: string | undefined, body: unknown): StepCommand {
  const { amount, currency, final } = readCaptureBody(body)
  const money = readMoney(amount, currency)
  const requestHash = hashOf(money, ['capture', paymentId, final])
  return { kind: 'capture', paymentId, idempotencyKey: readKey(key), requestHash, amount: money, final }
}

export function readVoid(paymentId: string, key: string | undefined): StepCommand {
  return { kind: 'void', paymentId, idempotencyKey: readKey(key), requestHash: sha256(`void ${paymentId}`) }
}

export function readRefund(body: unknown): RefundCommand {
  const { payment_id: paymentId, reference, amount, currency, reason } = readRefundBody(body)
  const money = readMoney(amount, currency)
  return { paymentId, reference, requestHash: hashOf(money, [paymentId, reference, reason]), reason, amount: money }
}

/** An address that a browser may be sent to. @throws GatewayRefusal BAD_REQUEST, naming the field */
export function readWebAddress(text: string, field: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !isWeb || url.username !== '' || url.password !== '') {
    throw new GatewayRefusal('BAD_REQUEST', field)
  }
  return text
}

function readKey(key: string | undefined): string {
  if (key === undefined || !/^[!-~]{1,255}$/.test(key)) throw new GatewayRefusal('BAD_REQUEST', 'idempotency-key')
  return key
}

function readMethod(method: Static<typeof Method>): Pick<PaymentCommand, 'method' | 'instrument' | 'flow'> {
  if (method.type === 'CARD') return { method: 'card', instrument: method.token, flow: null }
  if (method.type === 'NETBANKING') return { method: 'netbanking', instrument: method.bank, flow: null }
  if (method.type === 'WALLET') return { method: 'wallet', instrument: method.wallet, flow: null }
  if (method.flow === 'COLLECT') return { method: 'upi', instrument: method.vpa, flow: 'collect' }
  return { method: 'upi', instrument: 'intent', flow: method.flow === 'QR' ? 'qr' : 'intent' }
}

function readMoney(amount: string, currency: string): Money {
  if (!isCurrency(currency)) throw new GatewayRefusal('CURRENCY_UNKNOWN', 'currency')
  const money = parse(amount, currency)
  if (money === undefined || !isPositive(money)) throw new GatewayRefusal('AMOUNT_INVALID', 'amount')
  return money
}

function parse(amount: string, currency: Money['currency']): Money | undefined {
  try {
    return parseDecimal(amount, currency)
  } catch (error) {
    if (error instanceof AppError && error.code === 'amount_invalid') return undefined
    throw error
  }
}

function hashOf({ minor, currency }: Money, parts: readonly unknown[]): Buffer {
  return sha256(JSON.stringify([minor.toString(), currency, ...parts]))
}
