// The vendor's own steps of an integration (prefetch, initiate, process, events, terminate, webhooks, status, refund;
// its list has no step 8), as an app and a merchant's server written for Juspay take them, against Purser.
import { createHmac, createPublicKey, verify } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import type { Api, Json } from './api.ts'
import type { JuspayApi } from './juspay-api.ts'
import { createSdk } from './juspay-sdk.ts'
import type { Sdk, SdkEvent } from './juspay-sdk.ts'
import { shortJson } from './narrator.ts'
import type { Narrator } from './narrator.ts'
import { openInbox } from './receiver.ts'
import type { Inbox, ReceivedEvent } from './receiver.ts'

const AMOUNT = '1499.00'
const FIRST_REFUND = '499.00'
const WAIT_MS = 20_000
const USER = { username: 'purser-demo', password: 'letmein' }

export type JuspayStage = {
  readonly narrator: Narrator
  /** As the merchant's server, with its key in Basic auth. */
  readonly merchant: JuspayApi
  /** As the app, without a key. */
  readonly app: JuspayApi
  /** Our own API, to clean up after the story. */
  readonly native: Api
  readonly merchantId: string
  /** Return addresses are signed with it; without one their signature is not checked. */
  readonly responseKey: string | undefined
  readonly clientId: string
  readonly orderId: string
}

export async function tellJuspayStory(stage: JuspayStage): Promise<readonly SdkEvent[]> {
  const events: SdkEvent[] = []
  const sdk = createSdk(stage.app, (event) => {
    events.push(event)
    const { error, errorCode, errorMessage, payload } = event
    const told = error ? { error, errorCode, errorMessage, payload } : { error, payload }
    stage.narrator.plain(`event   ${event.event} ${shortJson(told)}`)
  })
  const inbox = await openInbox(200, believed)
  const endpointId = await subscribe(stage, inbox)
  try {
    await initiate(stage, sdk)
    await pay(stage, sdk)
    check(stage, 'the app heard initiate_result, show_loader, hide_loader and process_result, in this order', () => {
      const order = ['initiate_result', 'show_loader', 'hide_loader', 'process_result']
      return events.map(({ event }) => event).join() === order.join()
    })
    check(stage, 'process_result says charged, which is a hint: the server is asked below', () => {
      const { error, payload } = events.at(-1) ?? {}
      return error === false && payload?.['status'] === 'charged' && payload['orderId'] === stage.orderId
    })
    stage.narrator.step('Terminate: the app frees the SDK', 7)
    sdk.terminate()
    await hear(stage, inbox)
    await ask(stage)
    await refund(stage, inbox)
    return events
  } finally {
    const path = `/v1/webhook-endpoints/${endpointId}`
    await stage.native.call({ method: 'DELETE', path, silent: true }).catch(() => {})
    await inbox.close()
  }
}

function believed({ body, headers }: { body: string; headers: Record<string, string> }): ReceivedEvent | undefined {
  const expected = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`
  if (headers['authorization'] !== expected) return undefined
  const { id, event_name: type, content } = JSON.parse(body) as { id: string; event_name: string; content: Json }
  return { id, type, data: content }
}

async function subscribe({ narrator, merchant }: JuspayStage, inbox: Inbox): Promise<string> {
  narrator.step('Before the first payment: where webhooks go, which a dashboard would ask for', 0)
  const { status, body } = await merchant({
    method: 'POST',
    path: '/juspay/settings/webhooks',
    form: { url: inbox.url, ...USER },
    show: ['id', 'url'],
  })
  narrator.check('the address is known', status === 200)
  return String(body['id'])
}

async function initiate(stage: JuspayStage, sdk: Sdk): Promise<void> {
  const { narrator, merchant, clientId } = stage
  narrator.step('Prefetch: the app loads the SDK on its first screen', 1)
  narrator.check('the SDK is there', (await sdk.preFetch()).status === 200)
  narrator.step('The app fetches a signed payload from the merchant’s server, which gets it from Purser', 2)
  const { status, body } = await merchant({
    method: 'POST',
    path: '/sdk/v1/initiate-payloads',
    json: { customer_id: 'demo_customer', first_name: 'Asha', mobile_number: '9876543210', client_id: clientId },
    show: ['requestId', 'service'],
  })
  const payload = body['payload'] as Record<string, string>
  narrator.plain(`signed  ${payload['signaturePayload']}`)
  narrator.check(
    'it verifies with a key that is published at /jwks, and changed by one letter it does not',
    status === 201 && (await isSigned(stage, payload)),
  )
  narrator.step('Initiate: the app starts the SDK with it', 3)
  await sdk.initiate(body)
}

async function pay(stage: JuspayStage, sdk: Sdk): Promise<void> {
  const { narrator, merchant, orderId } = stage
  narrator.step('The app fetches signed order details; the merchant’s server creates the order first', 4)
  const order = await merchant({
    method: 'POST',
    path: '/orders',
    form: { order_id: orderId, amount: AMOUNT, customer_id: 'demo_customer', return_url: 'https://shop.example/done' },
    show: ['status', 'status_id', 'order_id', 'amount', 'currency'],
  })
  narrator.check('the order is NEW, for exactly this amount', is(order.body, { status: 'NEW', amount: 1499 }))
  const { status, body } = await merchant({
    method: 'POST',
    path: '/sdk/v1/process-payloads',
    json: { order_id: orderId },
    show: ['requestId', 'service'],
  })
  const payload = body['payload'] as Record<string, string>
  narrator.plain(`signed  ${payload['orderDetails']}`)
  narrator.check(
    'it verifies with a key that is published at /jwks, and changed by one letter it does not',
    status === 201 && (await isSigned(stage, payload)),
  )
  narrator.step('Process: the SDK takes the signed order up, opens the page, and the payer pays with a test card', 5)
  narrator.plain('(6. The events that the app gets are shown where they happen.)')
  await sdk.process(body)
}

/** With a key that is published; what was changed on the way does not verify. */
async function isSigned({ app, merchantId }: JuspayStage, payload: Record<string, string>): Promise<boolean> {
  const { body } = await app({ method: 'GET', path: `/jwks/${merchantId}`, silent: true })
  const keys = body['keys'] as readonly JsonWebKey[]
  const jwk = keys.find(({ kid }) => kid === payload['merchantKeyId'])
  const text = payload['signaturePayload'] ?? payload['orderDetails']
  if (jwk === undefined || text === undefined) return false
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const fits = (data: string) =>
    verify('RSA-SHA256', Buffer.from(data), key, Buffer.from(payload['signature'] ?? '', 'base64'))
  return fits(text) && !fits(`${text} `)
}

async function hear({ narrator, orderId }: JuspayStage, inbox: Inbox): Promise<void> {
  narrator.step('Webhooks: the merchant’s server hears of it, with Basic auth', 9)
  for (const name of ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED']) await hearOf(narrator, inbox, name, orderId)
}

async function hearOf(narrator: Narrator, inbox: Inbox, name: string, orderId: string): Promise<void> {
  const event = await inbox.waitFor(({ type, data }) => type === name && orderIn(data) === orderId, WAIT_MS)
  if (event !== undefined) narrator.news(`${event.type} ${event.id}`)
  narrator.check(`${name} arrived`, event !== undefined)
}

const orderIn = (content: Json) => ((content['order'] ?? content['txn']) as Json | undefined)?.['order_id']

async function ask(stage: JuspayStage): Promise<void> {
  const { narrator, merchant, app, orderId, merchantId, responseKey } = stage
  narrator.step('Order status, asked from server to server', 10)
  const { body } = await merchant({
    method: 'GET',
    path: `/orders/${orderId}`,
    show: ['order_id', 'status', 'status_id', 'amount', 'txn_id', 'payment_method'],
  })
  narrator.check('it is CHARGED, in full', is(body, { status: 'CHARGED', status_id: 21, amount: 1499 }))
  narrator.plain('Where the payer’s browser is sent afterwards:')
  const back = await app({ method: 'GET', path: `/v2/pay/finish/${merchantId}/${String(body['txn_uuid'])}/${orderId}` })
  if (responseKey === undefined) return
  narrator.check(
    'that address is signed with the response key',
    isSignedReturn(String(back.body['location']), responseKey),
  )
}

/** As the vendor's samples check it. */
function isSignedReturn(address: string, key: string): boolean {
  const parameters = new URL(address).searchParams
  const signature = parameters.get('signature')
  const text = [...parameters]
    .filter(([name]) => !name.startsWith('signature'))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&')
  return signature === createHmac('sha256', key).update(encodeURIComponent(text)).digest('base64')
}

async function refund({ narrator, merchant, orderId }: JuspayStage, inbox: Inbox): Promise<void> {
  narrator.step('Refund: a part is given back, once', 11)
  const call = {
    method: 'POST',
    path: `/orders/${orderId}/refunds`,
    form: { unique_request_id: `R${orderId}`.slice(0, 21), amount: FIRST_REFUND },
    show: ['status', 'amount_refunded'],
  } as const
  const { body } = await merchant(call)
  narrator.check('499 of 1499 are given back', is(body, { status: 'CHARGED', amount_refunded: 499, refunded: false }))
  const again = await merchant(call)
  narrator.check(
    'the same call again is refused, and gives nothing back',
    again.status === 400 && is(again.body, { error_code: 'duplicate.call' }),
  )
  await hearOf(narrator, inbox, 'ORDER_REFUNDED', orderId)
  const after = await merchant({ method: 'GET', path: `/orders/${orderId}`, show: ['status', 'amount_refunded'] })
  narrator.check('order status says the same', is(after.body, { status: 'CHARGED', amount_refunded: 499 }))
}

function check({ narrator }: JuspayStage, claim: string, holds: () => boolean): void {
  narrator.check(claim, holds())
}

function is(body: Json, expected: Json): boolean {
  return Object.entries(expected).every(([name, value]) => body[name] === value)
}
