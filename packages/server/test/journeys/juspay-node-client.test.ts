// The vendor's own Node client, as it is published, against a started server. It speaks TLS alone and only to port 443,
// so its requests are led to our TLS port on their way out (wire juspay 8.2 b); nothing else about it is changed.
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import type { RequestOptions } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addJuspayKeys } from '../../src/demo-juspay.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { makeTlsPair } from '../../src/testing/tls-pair.ts'

const require = createRequire(import.meta.url)
const https = require('node:https') as typeof import('node:https')
const { Juspay } = require('expresscheckout-nodejs') as typeof import('expresscheckout-nodejs')

const HOST = 'juspay.example'
const untouched = https.request

type Sent = { readonly line: string; readonly authorization: unknown; readonly merchant: unknown }
type Jwe = { readonly keyId: string; readonly publicKey: string; readonly privateKey: string }

let server: TestServer
let jweAuth: Jwe
let clientId: string
let sent: Sent[]
let count = 0

beforeAll(async () => {
  const tls = await makeTlsPair()
  server = await startTestServer({ tls })
  leadTo(server, tls.cert)
  Juspay.customLogger = Juspay.silentLogger
  // As demo.json has them.
  const { jwe, payment_page_client_id } = await addJuspayKeys(server.runtime, server.demo)
  jweAuth = { keyId: jwe.key_id, publicKey: jwe.public_key, privateKey: jwe.private_key }
  clientId = payment_page_client_id
})

afterAll(async () => {
  https.request = untouched
  expect(server.errors).toEqual([])
  await server.close()
})

beforeEach(() => {
  sent = []
})

/** Requests to HOST go to the server's TLS port, which has to show this certificate. */
function leadTo({ demo }: TestServer, ca: string): void {
  const { port } = new URL(demo.tls_url ?? 'https://nowhere')
  const lead = (options: RequestOptions) => {
    if (options.host !== HOST) return untouched(options)
    const { Authorization: authorization, 'x-merchantid': merchant } = options.headers as Record<string, unknown>
    sent.push({ line: `${options.method} ${options.path?.split('?')[0]}`, authorization, merchant })
    return untouched({ ...options, host: '127.0.0.1', hostname: '127.0.0.1', port, ca, servername: 'localhost' })
  }
  https.request = lead as typeof https.request
}

function clientWith(more: { readonly apiKey?: string; readonly jweAuth?: Jwe; readonly merchantId?: string } = {}) {
  return new Juspay({
    merchantId: server.merchantId,
    apiKey: server.secretKey,
    baseUrl: `https://${HOST}`,
    timeout: 20_000,
    ...more,
  })
}

const freshId = () => `SDK${String((count += 1)).padStart(6, '0')}`
const basic = () => `Basic ${Buffer.from(server.secretKey).toString('base64')}`

/** Every call of the client once, as a merchant's server makes them. */
async function journey(juspay: InstanceType<typeof Juspay>) {
  const [order_id, customer, unique_request_id] = [freshId(), `cust_${freshId()}`, `R${freshId()}`]
  const made = await juspay.order.create({ order_id, amount: 120, udf1: 'tea', customer_phone: '9876543210' })
  expect(made).toMatchObject({ status: 'NEW', status_id: 10, order_id, amount: 120, udf1: 'tea' })
  expect(await juspay.order.update(order_id, { amount: 100 })).toMatchObject({ status: 'NEW', amount: 100, order_id })
  const session = await juspay.orderSession.create({
    order_id,
    amount: 100,
    payment_page_client_id: clientId,
    action: 'paymentPage',
  })
  expect(session).toMatchObject({
    id: made['id'],
    status: 'NEW',
    sdk_payload: { payload: { orderId: order_id, amount: '100.0', clientId } },
  })
  const txn = await juspay.payments.create({
    order_id,
    payment_method_type: 'CARD',
    payment_method: 'VISA',
    card_token: 'tok_approve',
  })
  expect(txn).toMatchObject({ order_id, status: 'CHARGED', txn_id: `${server.merchantId}-${order_id}-1` })
  const paid = await juspay.order.status(order_id)
  expect(paid).toMatchObject({ order_id, status: 'CHARGED', status_id: 21, amount: 100, amount_refunded: 0 })
  const refunded = await juspay.order.refund(order_id, { order_id, unique_request_id, amount: 40 })
  expect(refunded).toMatchObject({ status: 'CHARGED', amount_refunded: 40, refunds: [{ unique_request_id }] })
  const replayed = juspay.order.refund(order_id, { order_id, unique_request_id, amount: 40 })
  await expect(replayed).rejects.toMatchObject({ name: 'InvalidRequestError', error_code: 'duplicate.call' })
  expect(await juspay.order.status(order_id)).toMatchObject({ amount_refunded: 40, refunded: false })
  const person = {
    mobile_number: '9876543210',
    email_address: 'asha@example.com',
    first_name: 'Asha',
    last_name: 'Rao',
  }
  const created = await juspay.customer.create({ object_reference_id: customer, ...person, mobile_country_code: '91' })
  expect(created).toMatchObject({ object: 'customer', object_reference_id: customer, ...person })
  expect(await juspay.customer.update(customer, { last_name: 'Sen' })).toMatchObject({ id: created['id'] })
  expect(await juspay.customer.get(customer)).toMatchObject({ first_name: 'Asha', last_name: 'Sen' })
  return order_id
}

describe('The published Node client', () => {
  test('makes all its calls with a key in Basic auth, without the colon that it leaves out', async () => {
    const id = await journey(clientWith())
    expect(sent.map(({ line }) => line)).toEqual([
      'POST /orders',
      `POST /orders${id}`,
      'POST /session',
      'POST /txns',
      `GET /orders/${id}`,
      `POST /orders/${id}/refunds`,
      `POST /orders/${id}/refunds`,
      `GET /orders/${id}`,
      'POST /customers',
      expect.stringMatching(/^POST \/customers\//),
      expect.stringMatching(/^GET \/customers\//),
    ])
    expect(new Set(sent.map(({ authorization }) => authorization))).toEqual(new Set([basic()]))
    expect(new Set(sent.map(({ merchant }) => merchant))).toEqual(new Set([server.merchantId]))
  })

  test('encrypts what it can with its keys, and reads the answers that were encrypted to it', async () => {
    const id = await journey(clientWith({ jweAuth }))
    expect(sent.map(({ line }) => line)).toEqual([
      'POST /orders',
      `POST /orders${id}`,
      'POST /v4/session',
      'POST /v4/txns',
      'POST /v4/order-status',
      `POST /v4/orders/${id}/refunds`,
      `POST /v4/orders/${id}/refunds`,
      'POST /v4/order-status',
      'POST /customers',
      expect.stringMatching(/^POST \/customers\//),
      expect.stringMatching(/^GET \/customers\//),
    ])
    for (const { line, authorization } of sent) expect(authorization).toBe(line.includes('/v4/') ? undefined : basic())
  })

  test('tells what went wrong by the classes of its own errors', async () => {
    const juspay = clientWith()
    await expect(juspay.order.status('nobody')).rejects.toMatchObject({
      name: 'InvalidRequestError',
      error_code: 'order_not_found',
    })
    const stranger = clientWith({ apiKey: `sk_test_${'0'.repeat(64)}` })
    await expect(stranger.order.status('nobody')).rejects.toMatchObject({ name: 'AuthenticationError' })
    const elsewhere = clientWith({ merchantId: 'mer_other' })
    await expect(elsewhere.order.status('nobody')).rejects.toMatchObject({ name: 'AuthenticationError' })
    const other = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
    const forged = clientWith({
      jweAuth: { ...jweAuth, privateKey: other.export({ type: 'pkcs8', format: 'pem' }).toString() },
    })
    await expect(forged.order.status('nobody')).rejects.toMatchObject({ name: 'AuthenticationError' })
  })
})
