// The demo's story: one order from its creation to the last refund and the receipt. Every claim is checked against what
// the server answered or sent, and against what the payer's card was charged; amounts are minor units (paise).
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Api, Json } from './api.ts'
import type { Narrator } from './narrator.ts'
import type { ReceivedEvent, Receiver } from './receiver.ts'

const AMOUNT = 149_900
const FIRST_REFUND = 49_900
const WAIT_MS = 20_000
const ASK_AGAIN_MS = 100

export type Stage = {
  readonly narrator: Narrator
  readonly receiver: Receiver
  /** As the merchant's backend. */
  readonly merchant: Api
  /** As the page or app that holds a client token. */
  readonly payerWith: (clientToken: string) => Api
  /** Where the receipt is written. */
  readonly folder: string
  readonly reference: string
}

export async function tellStory(stage: Stage): Promise<void> {
  const endpointId = await registerEndpoint(stage)
  try {
    const order = await createOrder(stage)
    const clientToken = await openSession(stage, text(order.body, 'id'))
    const paymentId = await pay(stage, clientToken)
    await hearOfPayment(stage, paymentId)
    await refund(stage, paymentId, 'Give a part back', FIRST_REFUND, FIRST_REFUND)
    await refund(stage, paymentId, 'Give the rest back', AMOUNT - FIRST_REFUND, AMOUNT)
    await refuseThirdRefund(stage, paymentId)
    await fetchReceipt(stage, paymentId)
  } finally {
    // The address of this receiver will belong to nobody in a moment.
    const path = `/v1/webhook-endpoints/${endpointId}`
    await stage.merchant.call({ method: 'DELETE', path, silent: true }).catch(() => {})
  }
}

async function registerEndpoint({ narrator, merchant, receiver }: Stage): Promise<string> {
  narrator.step('The merchant registers where it wants to hear of everything')
  const { status, body } = await merchant.call({
    method: 'POST',
    path: '/v1/webhook-endpoints',
    body: { url: receiver.url, event_types: ['*'] },
    show: ['id', 'url', 'status'],
  })
  need(status === 201, 'the endpoint was not created', body)
  receiver.trust(text(body, 'secret'))
  narrator.check('the endpoint has a secret of its own, shown once', text(body, 'secret').startsWith('whsec_'))
  return text(body, 'id')
}

async function createOrder({ narrator, merchant, reference }: Stage): Promise<Answer> {
  narrator.step("The merchant's backend creates an order")
  const answer = await merchant.call({
    method: 'POST',
    path: '/v1/orders',
    body: { reference, amount: AMOUNT, currency: 'INR', description: 'Broadband, one year' },
    show: ['id', 'reference', 'status', 'amount', 'currency'],
  })
  need(answer.status === 201, 'the order was not created', answer.body)
  narrator.check('the order is open, for exactly this amount', is(answer.body, { status: 'open', amount: AMOUNT }))
  return answer
}

async function openSession({ narrator, merchant }: Stage, orderId: string): Promise<string> {
  narrator.step('It opens a session, whose token goes to the app and grants this payment only')
  const { status, body } = await merchant.call({
    method: 'POST',
    path: `/v1/orders/${orderId}/sessions`,
    body: {},
    show: ['id', 'status', 'url', 'expires_at'],
  })
  need(status === 201, 'the session was not opened', body)
  narrator.check('the session is open', is(body, { status: 'open' }))
  narrator.plain(`A person would pay here: ${text(body, 'url')}`)
  return text(body, 'client_token')
}

async function pay({ narrator, merchant, payerWith }: Stage, clientToken: string): Promise<string> {
  narrator.step("The payer pays with a test card, over the payment page's own API")
  const payer = payerWith(clientToken)
  const session = await payer.call({ method: 'GET', path: '/sdk/v1/session', show: ['order', 'methods'] })
  need(session.status === 200, 'the page cannot read its session', session.body)
  const { status, body } = await payer.call({
    method: 'POST',
    path: '/sdk/v1/payments',
    body: { instrument: { method: 'card', token: 'tok_approve' } },
    show: ['id', 'status', 'amount', 'currency'],
  })
  need(status < 300, 'the payment was not started', body)
  const paymentId = text(body, 'id')
  narrator.step('The merchant asks the server, not the browser, what became of it')
  const path = `/v1/payments/${paymentId}`
  await readUntil(merchant, path, ({ status: state }) => state === 'captured')
  const show = ['id', 'status', 'amount_captured', 'method', 'facts']
  const read = await merchant.call({ method: 'GET', path, show })
  narrator.check('all of it is captured', is(read.body, { status: 'captured', amount_captured: AMOUNT }))
  return paymentId
}

async function hearOfPayment({ narrator, receiver }: Stage, paymentId: string): Promise<void> {
  narrator.step('The webhook says the same, and its signature proves who said it')
  const event = await receiver.waitFor(concerns('payment.captured', 'payment', paymentId), WAIT_MS)
  tellEvent(narrator, event)
  narrator.check('payment.captured arrived and verified (standardwebhooks)', event !== undefined)
  narrator.check('a copy with another amount does not verify', !receiver.believesForgery())
}

async function refund(
  { narrator, merchant, receiver }: Stage,
  paymentId: string,
  title: string,
  amount: number,
  totalAfter: number,
): Promise<void> {
  narrator.step(title)
  const { status, body } = await merchant.call({
    method: 'POST',
    path: `/v1/payments/${paymentId}/refunds`,
    body: { amount, reason: 'not_satisfied' },
    show: ['id', 'status', 'amount'],
  })
  need(status === 201 || status === 200, 'the refund was not made', body)
  const refundId = text(body, 'id')
  const event = await receiver.waitFor(concerns('refund.succeeded', 'refund', refundId), WAIT_MS)
  tellEvent(narrator, event)
  narrator.check('refund.succeeded arrived and verified', event !== undefined)
  const path = `/v1/payments/${paymentId}`
  const read = await merchant.call({ method: 'GET', path, show: ['status', 'amount_captured', 'amount_refunded'] })
  narrator.check(`${totalAfter} of ${AMOUNT} are given back`, is(read.body, { amount_refunded: totalAfter }))
}

async function refuseThirdRefund({ narrator, merchant }: Stage, paymentId: string): Promise<void> {
  narrator.step('One rupee more than was ever paid')
  const { status, body } = await merchant.call({
    method: 'POST',
    path: `/v1/payments/${paymentId}/refunds`,
    body: { amount: 100, reason: 'other' },
  })
  narrator.check('the third refund is refused', status === 422 && is(body, { code: 'refund_exceeds_captured' }))
}

async function fetchReceipt({ narrator, merchant, folder, reference }: Stage, paymentId: string): Promise<void> {
  narrator.step('The receipt')
  const { status, type, bytes } = await merchant.download(`/v1/payments/${paymentId}/receipt.pdf`)
  const isPdf = status === 200 && type.startsWith('application/pdf') && bytes.subarray(0, 5).toString() === '%PDF-'
  narrator.check('it is a PDF', isPdf)
  if (!isPdf) return
  const path = join(folder, `receipt-${reference}.pdf`)
  await mkdir(folder, { recursive: true })
  await writeFile(path, bytes)
  narrator.plain(`Written to ${path}`)
}

function tellEvent(narrator: Narrator, event: ReceivedEvent | undefined): void {
  if (event !== undefined) narrator.news(`${event.type} ${event.id}`)
}

function concerns(type: string, noun: string, id: string): (event: ReceivedEvent) => boolean {
  return (event) => event.type === type && is((event.data[noun] ?? {}) as Json, { id })
}

async function readUntil(api: Api, path: string, holds: (body: Json) => boolean): Promise<void> {
  const signal = AbortSignal.timeout(WAIT_MS)
  for (;;) {
    const { body } = await api.call({ method: 'GET', path, silent: true })
    if (holds(body) || signal.aborted) return
    await sleep(ASK_AGAIN_MS)
  }
}

function is(body: Json, expected: Json): boolean {
  return Object.entries(expected).every(([name, value]) => body[name] === value)
}

function text(body: Json, name: string): string {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}

// Without this nothing that follows makes sense.
function need(condition: boolean, complaint: string, answer: Json): void {
  if (!condition) throw new Error(`The demo stops: ${complaint}. The server said: ${JSON.stringify(answer)}`)
}
