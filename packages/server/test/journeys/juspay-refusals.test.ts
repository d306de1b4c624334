// What the Juspay dialect refuses: each case answers in Juspay's envelope with the documented code, and nothing that is
// stored anywhere changes, the gateway's book included. Right keys are accepted in both of the ways that clients write.
import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKeys, createMerchant } from '../../src/operations/create-merchant.ts'
import { callApp } from '../../src/testing/api-setup.ts'
import { printDatabase } from '../../src/testing/database-print.ts'
import type { ApiReply, Loose } from '../../src/testing/api-setup.ts'
import { createJuspayClient } from '../../src/testing/juspay-client.ts'
import type { JuspayClient } from '../../src/testing/juspay-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { eventually, runDue } from '../../src/testing/virtual-time.ts'

const own = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const CARD = { payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }

let server: TestServer
let juspay: JuspayClient
let stranger: string
let keyId: string
let expired: string

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const refunds = (order_id: string) => `/orders/${order_id}/refunds`

async function made(reply: Promise<ApiReply>): Promise<Loose> {
  const { status, body, text } = await reply
  expect(status, text).toBe(200)
  return body
}

const given = (order_id: string) => made(juspay.post('/orders', { form: { order_id, amount: '100.00' } }))
const pay = (order_id: string, more = {}) => made(juspay.post('/txns', { form: { order_id, ...CARD, ...more } }))

beforeAll(async () => {
  server = await startTestServer()
  const { deps, app } = server.runtime
  juspay = createJuspayClient(app, server.secretKey)
  const merchantId = await createMerchant(deps, { name: 'Coffee house' })
  stranger = (await createApiKeys(deps, { merchantId, mode: 'test' }, 'stranger')).secretKey
  const public_key = own.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  keyId = (await made(juspay.post('/juspay/settings/keys', { json: { public_key } }))).key_id

  await given('OPEN1')
  const session = { order_id: 'OPEN1', amount: '100.00', payment_page_client_id: 'tea' }
  expired = (await made(juspay.post('/session', { json: session }))).sdk_payload.payload.clientAuthToken
  await server.db.pools.owner.query(`update sessions set expires_at = now() - interval '1 second'`)
  await given('PAID1')
  await pay('PAID1')
  await made(juspay.post(refunds('PAID1'), { form: { unique_request_id: 'R1', amount: '40.00' } }))
  await given('TRIED25')
  for (let attempt = 0; attempt < 25; attempt += 1) await pay('TRIED25', { card_token: 'tok_decline_do_not_honor' })
  await given('GAVE25')
  await pay('GAVE25')
  for (let refund = 0; refund < 25; refund += 1) {
    await made(juspay.post(refunds('GAVE25'), { form: { unique_request_id: `G${refund}`, amount: '1.00' } }))
  }
  await eventually(async () => {
    await runDue(server)
    return (await hasMore()) ? undefined : true
  }, 'the gateway to have told everything')
}, 120_000)

/** Something that happened before the tests is still being told or worked on. */
async function hasMore(): Promise<boolean> {
  const { rows } = await server.db.pools.owner.query(
    `select 1 from purser.refunds where status not in ('succeeded', 'failed')
     union all select 1 from sandbox.notifications where delivered_at is null and given_up_at is null
     union all select 1 from purser.notifications where due_at is not null`,
  )
  return rows.length > 0
}

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

/** A payload as the app of a merchant sends it, signed with the merchant's own key or with another. */
function signed(order_id: string, more: { by?: typeof own.privateKey; timestamp?: string; merchant_id?: string } = {}) {
  const { by = own.privateKey, timestamp = String(performance.timeOrigin + performance.now()).slice(0, 13) } = more
  const merchant_id = more.merchant_id ?? server.merchantId
  const text = JSON.stringify({ order_id, amount: '5.00', customer_id: 'c_1', merchant_id, timestamp })
  const signature = sign('RSA-SHA256', Buffer.from(text), by).toString('base64')
  return { signature_payload: text, signature, merchant_key_id: keyId }
}

const encrypted = (body: object) =>
  callApp(server.runtime.app, {
    method: 'POST',
    path: '/v4/order-status',
    body,
    idempotencyKey: null,
    headers: { 'x-merchantid': server.merchantId },
  })

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwe = (more: object = {}) => ({
  header: b64({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: keyId }),
  encryptedKey: Buffer.alloc(384, 1).toString('base64url'),
  iv: 'AAAAAAAAAAAAAAAA',
  encryptedPayload: 'AAAA',
  tag: 'AAAAAAAAAAAAAAAAAAAAAA',
  ...more,
})

type Case = readonly [what: string, send: () => Promise<ApiReply>, http: number, word: string, code: string]

const DENIED = [401, 'access_denied', 'UNAUTHORIZED'] as const
const DONE = [400, 'invalid_request_error', 'INVALID_ACTION'] as const
const UNKNOWN = [404, 'order_not_found', 'RESOURCE_NOT_FOUND'] as const
const MISSING = [400, 'Mandatory fields are missing', 'INVALID_INPUT'] as const
const fresh = { order_id: 'FRESH1', amount: '5.00' }
const wrongKey = `sk_test_${'0'.repeat(64)}`

const CASES: readonly Case[] = [
  ['no key', () => juspay.post('/orders', { key: null, form: fresh }), ...DENIED],
  ['a wrong key', () => juspay.post('/orders', { key: wrongKey, form: fresh }), ...DENIED],
  ['a wrong key without the colon', () => juspay.post('/orders', { form: fresh, headers: basic(wrongKey) }), ...DENIED],
  ['a publishable key', () => juspay.post('/orders', { key: server.publishableKey, form: fresh }), ...DENIED],
  [
    'a wrong merchant header',
    () => juspay.post('/orders', { form: fresh, headers: { 'x-merchantid': 'mer_other' } }),
    ...DENIED,
  ],
  [
    'a wrong merchant header in its other spelling',
    () => juspay.post('/orders', { form: fresh, headers: { 'x-merchant-id': 'mer_other' } }),
    ...DENIED,
  ],
  [
    'an expired client token, asking',
    () => juspay.get(`/orders/OPEN1?client_auth_token=${expired}`, { key: null }),
    401,
    'access_denied',
    'EXPIRED',
  ],
  [
    'an expired client token, paying',
    () => juspay.post('/txns', { key: null, form: { order_id: 'OPEN1', client_auth_token: expired, ...CARD } }),
    401,
    'access_denied',
    'EXPIRED',
  ],
  [
    'a foreign merchant in the body',
    () => juspay.post('/txns', { form: { order_id: 'OPEN1', merchant_id: 'mer_other', ...CARD } }),
    ...DENIED,
  ],
  [
    'a signature by another key',
    () =>
      juspay.post('/v2/orders', {
        key: null,
        json: signed('SIGNED1', { by: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey }),
      }),
    ...DENIED,
  ],
  [
    'a signature over something else',
    () =>
      juspay.post('/v2/orders', {
        key: null,
        json: { ...signed('SIGNED1'), signature_payload: signed('SIGNED2').signature_payload },
      }),
    ...DENIED,
  ],
  [
    'a signature for another merchant',
    () => juspay.post('/v2/orders', { key: null, json: signed('SIGNED1', { merchant_id: 'mer_other' }) }),
    ...DENIED,
  ],
  [
    'a signature of two days ago',
    () => juspay.post('/v2/orders', { key: null, json: signed('SIGNED1', { timestamp: '1571922200845' }) }),
    ...DENIED,
  ],
  ['a body that is no JWE', () => encrypted({ order_id: 'PAID1' }), 400, 'invalid_request', 'INVALID_INPUT'],
  ['a JWE of two pieces', () => encrypted({ JWT: 'a.b' }), 400, 'invalid_request', 'INVALID_INPUT'],
  ['a JWE that nobody can open', () => encrypted(jwe()), 400, 'invalid_request', 'INVALID_INPUT'],
  [
    'a JWE under a key of nobody',
    () => encrypted(jwe({ header: b64({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: `key_${'0'.repeat(26)}` }) })),
    ...DENIED,
  ],
  ['a create without an amount', () => juspay.post('/orders', { form: { order_id: 'FRESH1' } }), ...MISSING],
  [
    'a create of nothing',
    () => juspay.post('/orders', { form: { ...fresh, amount: '0' } }),
    400,
    'invalid.amount',
    'INVALID_INPUT',
  ],
  [
    'a create with too many decimals',
    () => juspay.post('/orders', { form: { ...fresh, amount: '1.001' } }),
    400,
    'invalid.amount',
    'INVALID_INPUT',
  ],
  ['a create under an id in use', () => createAgain('paid1'), 400, 'invalid_request_error', 'ALREADY_EXISTS'],
  ['the status of an unknown order', () => juspay.get('/orders/NOBODY'), ...UNKNOWN],
  ['the status of another merchant’s order', () => juspay.get('/orders/PAID1', { key: stranger }), ...UNKNOWN],
  ['an update of an unknown order', () => juspay.post('/orders/NOBODY', { form: { amount: '1.00' } }), ...UNKNOWN],
  ['a payment of an unknown order', () => juspay.post('/txns', { form: { order_id: 'NOBODY', ...CARD } }), ...UNKNOWN],
  ['a refund of an unknown order', () => refund('NOBODY', 'R9', '1.00'), ...UNKNOWN],
  ['an update after the charge', () => juspay.post('/orders/PAID1', { form: { amount: '9.00' } }), ...DONE],
  ['the same by the client’s wrong path', () => juspay.post('/ordersPAID1', { form: { amount: '9.00' } }), ...DONE],
  [
    'a session after the charge',
    () => juspay.post('/session', { json: { order_id: 'PAID1', amount: '9.00', payment_page_client_id: 'tea' } }),
    ...DONE,
  ],
  ['a second charge', () => juspay.post('/txns', { form: { order_id: 'PAID1', ...CARD } }), ...DONE],
  [
    'the 26th attempt',
    () => juspay.post('/txns', { form: { order_id: 'TRIED25', ...CARD } }),
    400,
    'request.exceeded',
    'INVALID_ACTION',
  ],
  ['a replayed refund id', () => refund('PAID1', 'R1', '40.00'), 400, 'duplicate.call', 'DUPLICATE_REQUEST'],
  [
    'a replayed refund id with another amount',
    () => refund('PAID1', 'R1', '1.00'),
    400,
    'duplicate.call',
    'DUPLICATE_REQUEST',
  ],
  ['a refund over the balance', () => refund('PAID1', 'R2', '60.01'), 400, 'invalid.amount.exceeded', 'INVALID_INPUT'],
  ['a refund of nothing', () => refund('PAID1', 'R2', '0.00'), 400, 'invalid.amount', 'INVALID_INPUT'],
  ['a refund without an id', () => juspay.post(refunds('PAID1'), { form: { amount: '1.00' } }), ...MISSING],
  [
    'a refund of an unpaid order',
    () => refund('OPEN1', 'R2', '1.00'),
    400,
    'invalid.order.not_successful',
    'INVALID_ACTION',
  ],
  ['the 26th refund', () => refund('GAVE25', 'R26', '1.00'), 400, 'request.exceeded', 'INVALID_ACTION'],
  [
    'a card number',
    () =>
      juspay.post('/txns', { form: { order_id: 'OPEN1', ...CARD, card_token: '', card_number: '4012888888881881' } }),
    400,
    'invalid_request',
    'INVALID_INPUT',
  ],
]

const createAgain = (order_id: string) => juspay.post('/orders', { form: { order_id, amount: '100.00' } })
const refund = (order_id: string, unique_request_id: string, amount: string) =>
  juspay.post(refunds(order_id), { form: { unique_request_id, amount } })

describe('Refused, with nothing changed anywhere:', () => {
  test.each(CASES)('%s', async (_what, send, http, word, code) => {
    const before = await printDatabase(server.db.pools.owner)
    const { status, body, text, headers } = await send()
    expect([status, body?.error_code, body?.error_info?.code], text).toEqual([http, word, code])
    expect(headers['content-type']).toBe('application/json')
    expect(body).toMatchObject({
      status: expect.any(String),
      error_message: expect.any(String),
      error_info: { category: 'USER_ERROR', developer_message: expect.any(String), request_id: expect.any(String) },
    })
    expect(await printDatabase(server.db.pools.owner)).toEqual(before)
  })

  test('and the print would have told of one word that changed', async () => {
    const before = await printDatabase(server.db.pools.owner)
    await server.db.pools.owner.query(`update customers set given_name = 'Ela'`)
    await server.db.pools.owner.query(`update orders set description = 'other' where reference = 'OPEN1'`)
    expect(await printDatabase(server.db.pools.owner)).not.toEqual(before)
  })
})

describe('A right key', () => {
  test.each(['', ':', ':anything'])('is accepted with "%s" after it', async (rest) => {
    const headers = { ...basic(`${server.secretKey}${rest}`), 'x-merchantid': server.merchantId }
    expect((await juspay.get('/orders/PAID1', { headers })).status).toBe(200)
  })
})

describe('Who signs wrongly again and again', () => {
  test.each([
    ['an order', () => juspay.post('/v2/orders', { key: null, json: { ...signed('S'), signature: 'AAAA' } })],
    [
      'an encrypted call',
      () => encrypted(jwe({ header: b64({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: `key_${'0'.repeat(26)}` }) })),
    ],
  ])('is told to wait: %s', async (_what, send) => {
    const limited: ApiReply[] = []
    for (let tries = 0; tries < 200 && limited.length === 0; tries += 1) {
      const reply = await send()
      if (reply.status === 429) limited.push(reply)
      else expect(reply.status).toBe(401)
    }
    expect(limited[0]?.body).toMatchObject({ error_code: 'request.exceeded' })
    expect(Number(limited[0]?.headers['retry-after'])).toBeGreaterThan(0)
    // Whoever holds a key is not in their way.
    expect((await juspay.get('/orders/PAID1')).status).toBe(200)
  })
})
