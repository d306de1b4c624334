// A shop's own server: what you write, and all of it. It knows its prices, opens an order and a session at Purser, and
// believes only what Purser's API and its signed webhooks say, never what a browser brings back.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'

export type Settings = { readonly purser: string; readonly secretKey: string; readonly webhookSecret: string }
type Reply = Readonly<Record<string, unknown>>

const PUBLIC = new URL('../shop/public/', import.meta.url)
const PRICES: Readonly<Record<string, number>> = { shirt: 49_900, mug: 24_900, poster: 12_950 }
const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['home.html', 'text/html'],
  '/basket': ['basket.html', 'text/html'],
  '/home.js': ['home.js', 'text/javascript'],
  '/basket.js': ['basket.js', 'text/javascript'],
  '/shop.css': ['shop.css', 'text/css'],
}
// A real shop has a database here.
const paid = new Set<string>()

async function call({ purser, secretKey }: Settings, method: string, path: string, body?: object): Promise<Reply> {
  const headers = {
    authorization: `Bearer ${secretKey}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  }
  const reply = await fetch(purser + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const answer = (await reply.json()) as Reply
  if (!reply.ok) throw new Error(`Purser answered ${reply.status} ${String(answer['code'])} to ${method} ${path}`)
  return answer
}

/** The amount comes from our own list; the browser says only what it wants. */
async function openOrder(settings: Settings, item: string, origin: string): Promise<object> {
  const amount = PRICES[item]
  if (amount === undefined) throw new Error('We do not sell that.')
  const order = { reference: `shop-${randomUUID().slice(0, 13)}`, amount, currency: 'INR', description: `One ${item}` }
  const { id } = await call(settings, 'POST', '/v1/orders', order)
  const session = { frame_origins: [origin], return_url: `${origin}/basket?order=${String(id)}` }
  const { client_token } = await call(settings, 'POST', `/v1/orders/${String(id)}/sessions`, session)
  return { order_id: id, amount, client_token, base_url: settings.purser }
}

/** Standard Webhooks: the signature is over id, time and the exact bytes; an old one is a repeat of somebody's. */
function isGenuine(secret: string, headers: IncomingHttpHeaders, body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  // Written so that a time that is no number is refused, and a key that is not there yet signs for nobody.
  if (!(Math.abs(Date.now() / 1_000 - Number(time)) <= 300) || key.length < 24) return false
  const signature = createHmac('sha256', key)
    .update(`${String(id)}.${String(time)}.${body}`)
    .digest('base64')
  const expected = Buffer.from(`v1,${signature}`)
  const given = String(signatures)
    .split(' ')
    .map((text) => Buffer.from(text))
  return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))
}

async function answer(settings: Settings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const send = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const [, orderId] = /^\/orders\/(\w+)$/.exec(url.pathname) ?? []
  const [name, type] = (request.method === 'GET' && FILES[url.pathname]) || []
  if (name !== undefined) {
    const text = await readFile(new URL(name, PUBLIC), 'utf8')
    const { purser } = settings
    const policy = `default-src 'self'; script-src 'self' ${purser}; frame-src ${purser}; img-src data:`
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy })
    response.end(text.replaceAll('{{purser}}', purser))
  } else if (request.method === 'POST' && url.pathname === '/orders') {
    send(201, await openOrder(settings, url.searchParams.get('item') ?? '', url.origin))
  } else if (request.method === 'GET' && orderId !== undefined) {
    // What the browser heard is a hint. This is the answer.
    const { id, status } = await call(settings, 'GET', `/v1/orders/${orderId}`)
    send(200, { status, told_by_webhook: paid.has(String(id)) })
  } else if (request.method === 'POST' && url.pathname === '/webhooks') {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += String(part)
    if (!isGenuine(settings.webhookSecret, request.headers, body)) return void send(401, { error: 'signature' })
    const event = JSON.parse(body) as { type: string; data: { order?: { id: string } } }
    // Events may come twice and out of order: noting it down twice is the same as once.
    if (event.type === 'order.paid' && event.data.order !== undefined) paid.add(event.data.order.id)
    send(200, {})
  } else send(404, { error: 'not found' })
}

export function createShop(settings: Settings): Server {
  return createServer((request, response) => {
    answer(settings, request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      if (!response.headersSent) response.writeHead(502).end('{"error":"try again"}')
    })
  })
}
