// What callers send, checked and turned into commands. Amounts arrive as decimal text with their currency beside them.
// The request's hash is taken over what was understood, so that spaces and key order do not make another request.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { sha256 } from '../../kernel/hmac.ts'
import type { StepCommand } from '../actions/change-payment.ts'
import type { AskedPayment } from '../actions/create-payment.ts'
import type { RefundCommand } from '../actions/create-refund.ts'
import { GatewayRefusal } from '../refusal.ts'
import { MandateBody, readTerms } from './mandates.ts'
import { Amount, hashOf, Name, reader, readMoney, readWebAddress, Reference } from './shapes.ts'

const strict = { additionalProperties: false } as const
const Nullable = Type.Union([Type.String({ maxLength: 255 }), Type.Null()])

const Method = Type.Union([
  Type.Object({ type: Type.Literal('CARD'), token: Name }, strict),
  Type.Object({ type: Type.Literal('UPI'), flow: Type.Union([Type.Literal('INTENT'), Type.Literal('QR')]) }, strict),
  Type.Object({ type: Type.Literal('UPI'), flow: Type.Literal('COLLECT'), vpa: Name }, strict),
  Type.Object({ type: Type.Literal('NETBANKING'), bank: Name }, strict),
  Type.Object({ type: Type.Literal('WALLET'), wallet: Name }, strict),
  Type.Object({ type: Type.Literal('SAVED'), saved_instrument: Name, customer: Name }, strict),
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
    // Keeps the instrument for this customer, under a name that the merchant may pay with later.
    save_for: Type.Optional(Name),
    mandate: Type.Optional(MandateBody),
  },
  strict,
)
const CaptureBody = Type.Object({ ...Amount, final: Type.Boolean() }, strict)
const RefundBody = Type.Object(
  { payment_id: Name, reference: Reference, ...Amount, reason: Type.String({ maxLength: 100 }) },
  strict,
)

const readPaymentBody = reader(PaymentBody)
const readCaptureBody = reader(CaptureBody)
const readRefundBody = reader(RefundBody)

/** @throws GatewayRefusal BAD_REQUEST, AMOUNT_INVALID, CURRENCY_UNKNOWN */
export function readPayment(body: unknown): AskedPayment {
  const { amount, currency, method, capture, return_url: returnUrl, ...rest } = readPaymentBody(body)
  const money = readMoney(amount, currency)
  const chosen = readMethod(method)
  return {
    reference: rest.reference,
    requestHash: hashOf(money, [
      rest.reference,
      capture,
      method,
      rest.description,
      rest.payer,
      returnUrl,
      ...(rest.mandate === undefined ? [] : [rest.mandate]),
      ...(rest.save_for === undefined ? [] : ['save_for', rest.save_for]),
    ]),
    amount: money.minor,
    currency: money.currency,
    captureMode: capture === 'NOW' ? 'automatic' : 'manual',
    means: chosen,
    description: rest.description,
    returnUrl: readWebAddress(returnUrl, 'return_url'),
    saveFor: rest.save_for ?? null,
    mandate: rest.mandate === undefined ? null : readTerms(rest.mandate, currency),
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

function readKey(key: string | undefined): string {
  if (key === undefined || !/^[!-~]{1,255}$/.test(key)) throw new GatewayRefusal('BAD_REQUEST', 'idempotency-key')
  return key
}

function readMethod(method: Static<typeof Method>): AskedPayment['means'] {
  if (method.type === 'SAVED') return { saved: method.saved_instrument, customer: method.customer }
  if (method.type === 'CARD') return { method: 'card', instrument: method.token, flow: null }
  if (method.type === 'NETBANKING') return { method: 'netbanking', instrument: method.bank, flow: null }
  if (method.type === 'WALLET') return { method: 'wallet', instrument: method.wallet, flow: null }
  if (method.flow === 'COLLECT') return { method: 'upi', instrument: method.vpa, flow: 'collect' }
  return { method: 'upi', instrument: 'intent', flow: method.flow === 'QR' ? 'qr' : 'intent' }
}
