import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp } from '../../testing/api-setup.ts'
import type { Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayCall, JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer
let juspay: JuspayClient
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const freshId = () => `OID${String((count += 1)).padStart(6, '0')}`

async function givenOrder(more: Record<string, string> = {}): Promise<string> {
  const order_id = freshId()
  const { status, text } = await juspay.post('/orders', { form: { order_id, amount: '100.00', ...more } })
  expect(status, text).toBe(200)
  return order_id
}

function payWith(order_id: string, more: Record<string, string> = {}) {
  const form = { order_id, payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json', ...more }
  return juspay.post('/txns', { form })
}

async function givenCharged(more: Record<string, string> = {}): Promise<string> {
  const id = await givenOrder(more)
  const { status, text } = await payWith(id)
  expect(status, text).toBe(200)
  return id
}

const statusOf = async (id: string): Promise<Loose> => (await juspay.get(`/orders/${id}`)).body

/** Nothing may have changed. */
async function refused(
  path: string,
  call: JuspayCall,
  expected: { http: number; word: string; code: string },
  id?: string,
) {
  const before = id === undefined ? undefined : await statusOf(id)
  const { status, body } = await juspay.post(path, call)
  expect([status, body.error_code, body.error_info.code]).toEqual([expected.http, expected.word, expected.code])
  expect(body.error_info.request_id).toMatch(/^req_/)
  if (id !== undefined) expect(await statusOf(id)).toEqual(before)
}

describe('A key', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

  test('is accepted with and without the colon, on a GET that names a content type and has no body', async () => {
    const id = await givenOrder()
    for (const text of [server.secretKey, `${server.secretKey}:`, `${server.secretKey}:ignored`]) {
      const headers = { ...basic(text), 'content-type': 'application/json' }
      expect((await juspay.get(`/orders/${id}`, { key: null, headers })).status).toBe(200)
    }
  })

  test('of nobody is refused in the envelope, and so is a merchant header that is not its own', async () => {
    const wrong = await juspay.get('/orders/x', { key: `sk_test_${'0'.repeat(64)}` })
    expect(wrong.status).toBe(401)
    expect(wrong.body).toMatchObject({
      status: 'error',
      error_code: 'access_denied',
      error_info: {
        category: 'USER_ERROR',
        code: 'UNAUTHORIZED',
        developer_message: 'Invalid API Key. Please pass a valid and active api key.',
        user_message: 'Unauthorized.',
      },
    })
    expect((await juspay.get('/orders/x', { key: null })).status).toBe(401)
    expect((await juspay.get('/orders/x', { key: server.publishableKey })).status).toBe(401)
    const id = await givenOrder()
    for (const name of ['x-merchantid', 'x-merchant-id']) {
      expect((await juspay.get(`/orders/${id}`, { headers: { [name]: 'mer_other' } })).status).toBe(401)
      expect((await juspay.get(`/orders/${id}`, { headers: { [name]: server.merchantId } })).status).toBe(200)
    }
  })
})

describe('An order', () => {
  test('is created in the older form, or in the newer one, as the version says', async () => {
    const older = await juspay.post('/orders', {
      form: { order_id: freshId(), amount: '1.00' },
      headers: { version: '2016-10-27' },
    })
    expect(older.body).toEqual({
      status: 'CREATED',
      status_id: 1,
      id: expect.stringMatching(/^ord_/),
      order_id: expect.any(String),
      payment_links: { web: expect.any(String), mobile: expect.any(String), iframe: expect.any(String) },
    })
    const form = {
      order_id: freshId(),
      amount: '98.2',
      customer_id: 'cust_77',
      udf1: 'tea',
      'options.get_client_auth_token': 'true',
    }
    const newer = await juspay.post('/juspay/orders', { form })
    expect(newer.body).toMatchObject({
      status: 'NEW',
      status_id: 10,
      amount: 98.2,
      currency: 'INR',
      customer_id: 'cust_77',
      udf1: 'tea',
      udf2: '',
      refunded: false,
      amount_refunded: 0,
      juspay: { client_auth_token_expiry: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
    })
    const token = newer.body.juspay.client_auth_token
    const seen = await juspay.get(`/orders/${form.order_id}?client_auth_token=${token}`, { key: null })
    expect([seen.status, seen.body.status]).toEqual([200, 'NEW'])
    const other = await givenOrder()
    expect((await juspay.get(`/orders/${other}?client_auth_token=${token}`, { key: null })).status).toBe(404)
  })

  test('is the same order in a form, in flat JSON and in nested JSON, and whatever the case of its id', async () => {
    const [flat, nested] = [freshId(), freshId()]
    const one = await juspay.post('/orders', { json: { order_id: flat, amount: 10.5, 'metadata.a': 'b' } })
    const two = await juspay.post('/orders', { json: { order_id: nested, amount: '10.50', metadata: { a: 'b' } } })
    expect([one.body.amount, two.body.amount]).toEqual([10.5, 10.5])
    expect((await statusOf(flat.toLowerCase())).metadata).toEqual({ a: 'b' })
    expect((await statusOf(nested)).metadata).toEqual({ a: 'b' })
  })

  test('is refused with the documented codes', async () => {
    const id = await givenOrder()
    const missing = await juspay.post('/orders', { form: { order_id: freshId() } })
    expect([missing.status, missing.body.error_code]).toEqual([400, 'Mandatory fields are missing'])
    expect(missing.body.error_info.fields).toEqual([{ field_name: 'amount', reason: 'Mandatory fields are missing' }])
    for (const amount of ['0', '-1', 'NaN', '1.001', '1e2']) {
      await refused(
        '/orders',
        { form: { order_id: freshId(), amount } },
        { http: 400, word: 'invalid.amount', code: 'INVALID_INPUT' },
      )
    }
    const taken = { http: 400, word: 'invalid_request_error', code: 'ALREADY_EXISTS' }
    await refused('/orders', { form: { order_id: id.toLowerCase(), amount: '5' } }, taken, id)
    const unknown = await juspay.get('/orders/nobody')
    expect([unknown.status, unknown.body.status, unknown.body.status_id]).toEqual([404, 'NOT_FOUND', 40])
    expect((await juspay.get('/orders')).body.error_code).toBe('not_found')
  })

  test('changes while nobody has paid it, by every path that clients use, and not after', async () => {
    const id = await givenOrder({ return_url: 'https://shop.example/done' })
    const amounts: number[] = []
    for (const path of [`/orders/${id}`, `/orders${id}`, '/order/update', '/order/create']) {
      const form: Record<string, string> = { order_id: id, amount: `${amounts.length + 1}.00` }
      amounts.push((await juspay.post(path, { form })).body.amount)
    }
    expect(amounts).toEqual([1, 2, 3, 4])
    expect(await statusOf(id)).toMatchObject({ amount: 4, status: 'NEW', return_url: 'https://shop.example/done' })
    await payWith(id)
    const late = { http: 400, word: 'invalid_request_error', code: 'INVALID_ACTION' }
    await refused(`/orders/${id}`, { form: { amount: '9.00' } }, late, id)
    await refused('/session', { json: { order_id: id, amount: '9.00', payment_page_client_id: 'tea' } }, late, id)
    await refused('/txns', { form: { order_id: id, payment_method_type: 'CARD', card_token: 'tok_approve' } }, late, id)
  })
})

describe('A transaction', () => {
  test('with a token charges the order, and the whole object tells of it', async () => {
    const id = await givenOrder()
    const txn = await payWith(id)
    expect(txn.body).toMatchObject({ order_id: id, txn_id: `${server.merchantId}-${id}-1`, status: 'CHARGED' })
    expect(await statusOf(id)).toMatchObject({
      status: 'CHARGED',
      status_id: 21,
      amount: 100,
      effective_amount: 100,
      txn_id: `${server.merchantId}-${id}-1`,
      payment_method_type: 'CARD',
      payment_method: 'VISA',
      card: { last_four_digits: '0001' },
      txn_detail: { status: 'CHARGED', txn_amount: 100, gateway: 'DUMMY' },
      payment_gateway_response: { resp_code: 'SUCCESS' },
      maximum_eligible_refund_amount: 100,
    })
  })

  test('by UPI, bank and wallet, and with the order made along the way', async () => {
    const id = await givenOrder()
    const upi = await juspay.post('/txns', {
      form: { order_id: id, payment_method_type: 'UPI', txn_type: 'UPI_PAY', sdk_params: 'true', format: 'json' },
    })
    expect(upi.body.status).toBe('PENDING_VBV')
    expect(upi.body.payment.sdk_params).toMatchObject({ amount: '100.00' })
    const json = {
      merchant_id: server.merchantId,
      order: { order_id: freshId(), amount: 10.0, currency: 'INR' },
      payment_method_type: 'NB',
      payment_method: 'NB_DUMMY',
    }
    const bank = await juspay.post('/txns', { json })
    expect([bank.status, bank.body.status]).toEqual([200, 'PENDING_VBV'])
    const start = await callApp(server.runtime.app, { path: new URL(bank.body.payment.authentication.url).pathname })
    expect(start.status).toBe(302)
    const wallet = {
      order_id: await givenOrder(),
      payment_method_type: 'WALLET',
      payment_method: 'SANDBOX_WALLET',
      format: 'json',
    }
    expect((await juspay.post('/txns', { form: wallet })).body.status).toBe('CHARGED')
  })

  test('with a documented test number works in test mode; every other number is refused and kept nowhere', async () => {
    const numbers = { card_token: '', card_number: '4111111111111111', auth_type: 'MOTO', card_security_code: '123' }
    const good = await payWith(await givenOrder(), numbers)
    expect([good.status, good.body.status]).toEqual([200, 'CHARGED'])
    const id = await givenOrder()
    const form = { order_id: id, payment_method_type: 'CARD', card_number: '4012888888881881' }
    await refused('/txns', { form }, { http: 400, word: 'invalid_request', code: 'INVALID_INPUT' }, id)
    const elsewhere = { order_id: freshId(), amount: '1.00', udf3: '4111111111111111' }
    await refused('/orders', { form: elsewhere }, { http: 400, word: 'invalid_request', code: 'INVALID_INPUT' })
    const { rows } = await server.db.pools.owner.query(
      `select 'here' from orders o where o::text like '%4111111111111111%' or o::text like '%4012888888881881%'
       union all select 'there' from payments p where p::text like '%4111111111111111%'
       union all select 'exchange' from exchanges e where e::text like '%4111111111111111%'`,
    )
    expect(rows).toEqual([])
  })

  test('is refused after 25 attempts', async () => {
    const id = await givenOrder()
    for (let attempt = 1; attempt <= 25; attempt += 1) {
      expect((await payWith(id, { card_token: 'tok_decline_insufficient_funds' })).body.txn_id).toMatch(
        new RegExp(`-${attempt}$`),
      )
    }
    expect(await statusOf(id)).toMatchObject({ status: 'AUTHORIZATION_FAILED', status_id: 27 })
    const form = { order_id: id, payment_method_type: 'CARD', card_token: 'tok_approve' }
    await refused('/txns', { form }, { http: 400, word: 'request.exceeded', code: 'INVALID_ACTION' }, id)
  })

  test('that only holds the money is captured or voided once', async () => {
    const ids = [await givenOrder(), await givenOrder()]
    const held = await Promise.all(ids.map(async (id) => (await payWith(id, { pre_auth_enabled: 'true' })).body))
    expect(held.map(({ status }) => status)).toEqual(['AUTHORIZED', 'AUTHORIZED'])
    const captured = await juspay.post(`/v2/txns/${held[0].txn_uuid}/capture`, { form: { amount: '40.00' } })
    expect(captured.body).toMatchObject({ status: 'PARTIAL_CHARGED', status_id: 37, captured_amount: 40 })
    const voided = await juspay.post(`/v2/txns/${held[1].txn_uuid}/void`)
    expect(voided.body).toMatchObject({ status: 'VOIDED', status_id: 31 })
    const again = { http: 400, word: 'Invalid', code: 'INVALID_INPUT' }
    await refused(`/v2/txns/${held[0].txn_uuid}/void`, {}, again, ids[0])
  })
})

describe('A refund', () => {
  test('is made once per unique_request_id and never beyond the balance', async () => {
    const id = await givenCharged()
    const form = { unique_request_id: 'R1', amount: '60.00' }
    const made = await juspay.post(`/orders/${id}/refunds`, { form })
    expect(made.status, made.text).toBe(200)
    expect(made.body).toMatchObject({
      status: 'CHARGED',
      amount_refunded: 60,
      refunded: false,
      txn_id: expect.any(String),
    })
    expect(made.body.refunds).toMatchObject([{ unique_request_id: 'R1', amount: 60, initiated_by: 'API' }])
    const replay = { http: 400, word: 'duplicate.call', code: 'DUPLICATE_REQUEST' }
    const counted = async () => (await statusOf(id)).refunds.length
    expect((await juspay.post(`/orders/${id}/refunds`, { form })).body.error_code).toBe(replay.word)
    const over = await juspay.post(`/orders/${id}/refunds`, { form: { unique_request_id: 'R2', amount: '41.00' } })
    expect([over.status, over.body.error_code]).toEqual([400, 'invalid.amount.exceeded'])
    expect(await counted()).toBe(1)
    const rest = await juspay.post('/refunds', {
      form: { unique_request_id: 'R3', txn_id: made.body.txn_id, amount: '40.00' },
    })
    expect(rest.body).toMatchObject({ unique_request_id: 'R3', order_id: id, amount: 40, gateway: 'DUMMY' })
    expect(await statusOf(id)).toMatchObject({ refunded: true, amount_refunded: 100, status: 'CHARGED' })
    expect((await juspay.post(`/orders/${id}/refunds`, { form })).body.error_code).toBe(replay.word)
  })

  test('of an order that was never paid is refused', async () => {
    const id = await givenOrder()
    const code = { http: 400, word: 'invalid.order.not_successful', code: 'INVALID_ACTION' }
    await refused('/order/refund', { form: { order_id: id, amount: '1.00' } }, code, id)
    const missing = await juspay.post(`/orders/${id}/refunds`, { form: { amount: '1.00' } })
    expect(missing.body.error_code).toBe('Mandatory fields are missing')
  })
})

describe('A session', () => {
  const json = (more: object = {}) => ({ order_id: freshId(), amount: '10.00', payment_page_client_id: 'tea', ...more })

  test('answers a payload that echoes the request under camel-cased names', async () => {
    const body = json({
      customer_id: 'cust_9',
      return_url: 'https://shop.example/done',
      'metadata.JUSPAY:gateway_reference_id': 'g',
    })
    const reply = await juspay.post('/session', { json: body })
    expect(reply.status, reply.text).toBe(200)
    expect(reply.body).toMatchObject({ status: 'NEW', order_id: body.order_id, payment_links: { deep_link: null } })
    expect(reply.body.sdk_payload).toMatchObject({
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      service: 'in.juspay.hyperpay',
      payload: {
        clientId: 'tea',
        merchantId: server.merchantId,
        amount: '10.0',
        currency: 'INR',
        environment: 'sandbox',
        action: 'paymentPage',
        customerId: 'cust_9',
        orderId: body.order_id,
        returnUrl: 'https://shop.example/done',
        'metadata.JUSPAY:gatewayReferenceId': 'g',
      },
    })
  })

  test('takes up an order that is there, at its own amount, and pays with its token', async () => {
    const order_id = await givenOrder()
    const reply = await juspay.post('/session', { json: json({ order_id }) })
    expect(reply.body.status).toBe('NEW')
    expect((await statusOf(order_id)).amount).toBe(10)
    const { clientAuthToken: client_auth_token } = reply.body.sdk_payload.payload
    const form = { order_id, client_auth_token, payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }
    expect((await juspay.post('/txns', { key: null, form })).body.status).toBe('CHARGED')
  })

  test('runs out: its token is refused, and nothing changes', async () => {
    const order_id = await givenOrder()
    const reply = await juspay.post('/session', { json: json({ order_id }) })
    const { clientAuthToken: client_auth_token } = reply.body.sdk_payload.payload
    await server.db.pools.owner.query(`update sessions set expires_at = now() - interval '1 second'`)
    const form = { order_id, client_auth_token, payment_method_type: 'CARD', card_token: 'tok_approve' }
    await refused('/txns', { key: null, form }, { http: 401, word: 'access_denied', code: 'EXPIRED' }, order_id)
  })
})

describe('A customer', () => {
  test('is made once, found by either name, changed, and found or made', async () => {
    const form = { object_reference_id: 'cust_0001', mobile_number: '9876543210', first_name: 'Asha' }
    const made = await juspay.post('/customers', { form: { ...form, 'options.get_client_auth_token': 'true' } })
    expect(made.body).toMatchObject({
      object: 'customer',
      object_reference_id: 'cust_0001',
      mobile_country_code: '91',
      first_name: 'Asha',
    })
    expect(made.body.juspay.client_auth_token).toMatch(/./)
    await refused('/customers', { form }, { http: 400, word: 'invalid_request', code: 'ALREADY_EXISTS' })
    for (const name of [made.body.id, 'cust_0001']) {
      expect((await juspay.get(`/customers/${name}`)).body.id).toBe(made.body.id)
    }
    expect((await juspay.post('/customers/cust_0001', { form: { last_name: 'Rao' } })).body.last_name).toBe('Rao')
    const found = await juspay.post('/v2/customers/cust_0001', { form: { last_name: 'Sen' } })
    expect([found.body.id, found.body.last_name]).toEqual([made.body.id, 'Rao'])
    expect((await juspay.post('/v2/customers/cust_0002', { form: {} })).body.object_reference_id).toBe('cust_0002')
    expect((await juspay.get('/customers/nobody')).status).toBe(404)
  })
})
