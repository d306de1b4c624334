// The model gateway behind the sandbox connector: requests as they would leave us are acted on, and answered in the
// sandbox's own JSON. So a run without a network still goes through the real connector, both ways.
import { Buffer } from 'node:buffer'
import type { RawNotification } from '../../connectors/contract/connector.ts'
import type { WireReply, WireRequest } from '../../connectors/contract/wire.ts'
import { isCurrency } from '../../kernel/currencies.ts'
import { hmacSha256 } from '../../kernel/hmac.ts'
import { formatDecimal, money, parseDecimal } from '../../kernel/money.ts'
import type { Currency } from '../../kernel/money.ts'
import type { GatewayModel, GatewayPayment, GatewayRefund, Outcome, Refusal, Snapshot } from './gateway-model.ts'

type Answer = GatewayPayment | GatewayRefund | Refusal | undefined

/** Acts on one request of the sandbox connector. `outcome` is what the payer's bank says to a new payment. */
export function actOn(gateway: GatewayModel, request: WireRequest, outcome: () => Outcome): WireReply {
  const path = new URL(request.url).pathname
    .replace(/^\/sandbox\/v1\//, '')
    .split('/')
    .map(decodeURIComponent)
  const body = (request.body === undefined ? {} : JSON.parse(request.body)) as Record<string, string | boolean>
  const answer = dispatch(gateway, request, path, body, outcome)
  if (answer === undefined) return reply(404, { error: { code: 'NOT_FOUND' } })
  if ('refused' in answer) return reply(answer.refused === 'NOT_FOUND' ? 404 : 409, { error: { code: answer.refused } })
  return reply(
    request.method === 'POST' ? 201 : 200,
    'paymentId' in answer ? refundJson(gateway, answer) : paymentJson(answer),
  )
}

function dispatch(
  gateway: GatewayModel,
  request: WireRequest,
  [noun = '', id = '', verb]: readonly string[],
  body: Readonly<Record<string, string | boolean>>,
  outcome: () => Outcome,
): Answer {
  const key = request.headers['idempotency-key'] ?? ''
  const text = (name: string) => String(body[name] ?? '')
  const amount = () => parseDecimal(text('amount'), currencyOf(text('currency')))
  const isPayment = noun === 'payments'
  if (request.method === 'GET') {
    const name = id === 'by-reference' ? { reference: verb ?? '' } : { id }
    return isPayment ? gateway.payment(name) : gateway.findRefund(name)
  }
  if (isPayment && id === '') {
    const capture = text('capture') === 'NOW' ? 'automatic' : 'manual'
    return gateway.authorize({ reference: text('reference'), amount: amount(), capture, outcome: outcome() })
  }
  if (isPayment && verb === 'capture') {
    return gateway.capture({ id, key, amount: amount().minor, final: body['final'] === true })
  }
  if (isPayment && verb === 'void') return gateway.release({ id, key })
  if (noun === 'refunds') {
    return gateway.refund({ paymentId: text('payment_id'), reference: text('reference'), amount: amount().minor })
  }
  throw new Error(`The model gateway does not know ${request.method} ${request.url}`)
}

function currencyOf(text: string): Currency {
  if (!isCurrency(text)) throw new Error(`The model gateway does not know ${text}.`)
  return text
}

function paymentJson(payment: GatewayPayment): object {
  const { currency } = payment.amount
  return {
    id: payment.id,
    reference: payment.reference,
    status: payment.status,
    currency,
    amount: formatDecimal(payment.amount),
    held: formatDecimal(money(payment.held, currency)),
    paid: formatDecimal(money(payment.paid, currency)),
    closed: payment.closed,
    instrument: {},
    ...(payment.status === 'ACTION_NEEDED' ? { next_step: { type: 'REDIRECT', url: 'https://bank.example/' } } : {}),
    ...(payment.status === 'REJECTED' ? { rejection: { code: '51' } } : {}),
  }
}

function refundJson(gateway: GatewayModel, refund: GatewayRefund): object {
  const currency = gateway.payments.get(refund.paymentId)?.amount.currency ?? 'INR'
  return {
    id: refund.id,
    payment_id: refund.paymentId,
    reference: refund.reference ?? `made_${refund.id}`,
    status: refund.status,
    currency,
    amount: formatDecimal(money(refund.amount, currency)),
  }
}

const reply = (status: number, body: object): WireReply => ({
  kind: 'reply',
  status,
  headers: {},
  body: JSON.stringify(body),
})

/** The same reply about one minor unit more: genuine, but not about our payment's money. */
export function twist(answer: WireReply): WireReply {
  if (answer.kind !== 'reply' || answer.status >= 300 || !answer.body.startsWith('{')) return answer
  const body = JSON.parse(answer.body) as { amount?: string; paid?: string; status: string }
  if (body.amount === undefined) return answer
  const more = `${body.amount.split('.')[0]}9${body.amount.includes('.') ? `.${body.amount.split('.')[1]}` : ''}`
  return { ...answer, body: JSON.stringify({ ...body, amount: more }) }
}

/** A signed notification, as the sandbox sends it. */
export function notificationOf(
  gateway: GatewayModel,
  message: { readonly eventId: string; readonly snapshot: Snapshot; readonly secret: string; readonly now: Date },
): RawNotification {
  const { snapshot } = message
  const about =
    snapshot.kind === 'payment'
      ? { type: 'payment.updated', payment: paymentJson(snapshot.payment) }
      : { type: 'refund.updated', refund: refundJson(gateway, snapshot.refund) }
  const body = Buffer.from(JSON.stringify({ id: message.eventId, ...about }))
  const timestamp = String(Math.floor(message.now.getTime() / 1_000))
  const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body])
  return {
    headers: {
      'content-type': 'application/json',
      'x-sandbox-timestamp': timestamp,
      'x-sandbox-signature': `v1=${hmacSha256(message.secret, signed).toString('hex')}`,
    },
    body,
  }
}
