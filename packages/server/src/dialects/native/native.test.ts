import { createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp, freshKey } from '../../testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../testing/api-setup.ts'
import { complaintAbout } from '../../testing/check-reply.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

/** A call with the demo's secret key; the answer keeps what its route promises. */
async function call(request: ApiRequest): Promise<ApiReply> {
  const reply = await callApp(server.runtime.app, { token: server.secretKey, ...request })
  expect(complaintAbout(request, reply)).toBeUndefined()
  return reply
}

async function post(path: string, body?: unknown, more: Partial<ApiRequest> = {}): Promise<Loose> {
  const reply = await call({ method: 'POST', path, ...(body === undefined ? {} : { body }), ...more })
  if (reply.status >= 400) throw new Error(`${path} answered ${reply.text}`)
  return reply.body
}

async function get(path: string): Promise<Loose> {
  const reply = await call({ path })
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

const givenOrder = (more: object = {}) =>
  post('/v1/orders', { reference: freshKey(), amount: 49900, currency: 'INR', ...more })

async function givenPayment({ token = 'tok_approve', ...order }: { token?: string; capture?: string } = {}) {
  const { id } = await givenOrder(order)
  return post(`/v1/orders/${id}/payments`, { instrument: { method: 'card', token } })
}

describe('An order', () => {
  test('is made as it was asked for, and read back the same', async () => {
    const asked = {
      reference: 'Order 1001/A',
      amount: '49900',
      currency: 'INR',
      description: 'Broadband, November\nwith a router',
      payer: { name: 'Aśa Rao', email: 'asha@example.com', phone: '+91 98000 00000' },
      metadata: { plan: 'gold', 'x.y-z_1': '' },
      return_url: 'https://shop.example/thanks?order=1001',
      capture: 'manual',
      late_success: 'refund',
      expires_at: '2099-01-01T05:30:00+05:30',
    }
    const made = await post('/v1/orders', asked)
    expect(made).toMatchObject({ ...asked, amount: 49900, expires_at: '2099-01-01T00:00:00.000Z', status: 'open' })
    expect(await get(`/v1/orders/${made.id}`)).toEqual({ ...made, payments: [], refunds: [] })
    const byReference = await get(`/v1/orders/by-reference/${encodeURIComponent('oRDER 1001/a')}`)
    expect(byReference.id).toBe(made.id)
  })

  test('is changed where it is told to, and canceled once', async () => {
    const { id } = await givenOrder({ description: 'before' })
    const changed = await post(`/v1/orders/${id}`, { amount: 500, payer: { name: 'Asha' } })
    expect(changed).toMatchObject({ amount: 500, description: 'before', payer: { name: 'Asha', email: null } })
    const other = await call({ method: 'POST', path: `/v1/orders/${id}`, body: { amount: 500, currency: 'USD' } })
    expect([other.status, other.body.code, other.body.field]).toEqual([422, 'amount_invalid', 'currency'])
    expect((await post(`/v1/orders/${id}/cancel`)).status).toBe('canceled')
    expect((await post(`/v1/orders/${id}/cancel`, {})).status).toBe('canceled')
    const late = await call({ method: 'POST', path: `/v1/orders/${id}`, body: { amount: 600 } })
    expect(late.body.code).toBe('order_not_changeable')
  })

  test('whose reference is taken is refused, whatever its case', async () => {
    await givenOrder({ reference: 'taken-1' })
    const body = { reference: 'TAKEN-1', amount: 1, currency: 'INR' }
    const { status, body: problem } = await call({ method: 'POST', path: '/v1/orders', body })
    expect([status, problem.code, problem.field]).toEqual([409, 'order_reference_taken', 'reference'])
  })
})

describe('A payment', () => {
  test('is captured, refunded in parts up to the whole, and no further', async () => {
    const payment = await givenPayment()
    expect(payment).toMatchObject({ status: 'captured', amount_captured: 49900 })
    const refund = (amount: number) => ({
      method: 'POST',
      path: `/v1/payments/${payment.id}/refunds`,
      body: { amount, reason: 'other' },
    })
    const first = await call(refund(9900))
    expect([first.status, first.body.amount]).toEqual([201, 9900])
    expect((await call(refund(40000))).status).toBe(201)
    const third = await call(refund(1))
    expect([third.status, third.body.code, third.body.field]).toEqual([422, 'refund_exceeds_captured', 'amount'])
    expect(await get(`/v1/refunds/${first.body.id}`)).toMatchObject({ id: first.body.id, payment_id: payment.id })
    expect((await get(`/v1/refunds?payment_id=${payment.id}`)).items).toHaveLength(2)
    const order = await get(`/v1/orders/${payment.order_id}`)
    expect([order.payments.length, order.refunds.length]).toEqual([1, 2])
  })

  test('that is held is captured in part and what is left is released', async () => {
    const held = await givenPayment({ capture: 'manual' })
    expect(held.status).toBe('authorized')
    const wrong = await call({
      method: 'POST',
      path: `/v1/payments/${held.id}/capture`,
      body: { amount: 100, currency: 'USD' },
    })
    expect([wrong.status, wrong.body.code, wrong.body.field]).toEqual([422, 'amount_invalid', 'currency'])
    const captured = await post(`/v1/payments/${held.id}/capture`, { amount: 10000 })
    expect(captured).toMatchObject({ status: 'captured', amount_captured: 10000, capture_final: true })
  })

  test('that is held is released whole', async () => {
    const held = await givenPayment({ capture: 'manual' })
    expect((await post(`/v1/payments/${held.id}/void`)).status).toBe('voided')
  })

  test('that is declined is an answer and says why in plain words', async () => {
    const payment = await givenPayment({ token: 'tok_decline_insufficient_funds' })
    expect(payment).toMatchObject({
      status: 'declined',
      decline: { code: 'insufficient_funds', stage: 'authorization' },
    })
  })

  test('shows its whole story, and what was said to the gateway without a secret in it', async () => {
    const payment = await givenPayment()
    const timeline = await get(`/v1/payments/${payment.id}/timeline`)
    expect(timeline.transitions.at(-1).to).toBe('captured')
    expect(timeline.operations).toMatchObject([{ kind: 'authorize', status: 'succeeded', amount: 49900 }])
    expect(timeline.postings.length).toBeGreaterThan(0)
    const { items } = await get(`/v1/payments/${payment.id}/exchanges`)
    expect(items).toMatchObject([{ kind: 'authorize', outcome: 'report' }])
    expect(JSON.stringify(items)).not.toMatch(/Bearer [^[]|sk_/)
  })

  test('is found by what a person has in hand', async () => {
    const payment = await givenPayment()
    const ids = async (search: string) =>
      (await get(`/v1/payments?search=${encodeURIComponent(search)}`)).items.map(({ id }: Loose) => id)
    const { reference } = await get(`/v1/orders/${payment.order_id}`)
    expect(await ids(payment.id)).toEqual([payment.id])
    expect(await ids(reference.toUpperCase())).toEqual([payment.id])
    expect(await ids("' or 1=1 --")).toEqual([])
    const both = await call({ path: `/v1/payments?search=x&status=captured` })
    expect([both.status, both.body.field]).toEqual([422, 'search'])
  })
})

describe('A receipt', () => {
  test('is issued with a number when it is first asked for, and is the same ever after, as JSON and as PDF', async () => {
    const payment = await givenPayment()
    const receipt = await get(`/v1/payments/${payment.id}/receipt`)
    expect(receipt).toMatchObject({ kind: 'receipt', payment_id: payment.id, amount: 49900, overlays: [] })
    expect((await get(`/v1/payments/${payment.id}/receipt`)).number).toBe(receipt.number)
    const reply = await server.runtime.app.inject({
      url: `/v1/payments/${payment.id}/receipt.pdf`,
      headers: { authorization: `Bearer ${server.secretKey}` },
    })
    expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'application/pdf'])
    expect(reply.headers['content-disposition']).toMatch(/^inline; filename="receipt-[\w.-]+\.pdf"$/)
    expect(reply.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
  })

  test('is none before the money came, nor for a refund that has not succeeded', async () => {
    const held = await givenPayment({ capture: 'manual' })
    const { status, body } = await call({ path: `/v1/payments/${held.id}/receipt` })
    expect([status, body.code]).toEqual([409, 'payment_state_conflict'])
    const slow = await givenPayment({ token: 'tok_refund_slow' })
    const refund = await post(`/v1/payments/${slow.id}/refunds`, { amount: 100, reason: 'other' })
    expect((await call({ path: `/v1/refunds/${refund.id}/receipt` })).body.code).toBe('refund_state_conflict')
  })
})

describe('A list', () => {
  test('is read page by page without a gap or a repeat, newest first', async () => {
    for (let made = 0; made < 5; made += 1) await givenOrder()
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await get(`/v1/orders?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.items.map(({ id }: Loose) => id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual([...new Set(seen)].sort().toReversed())
    expect((await get('/v1/orders?limit=100')).items).toHaveLength(seen.length)
  })

  test('refuses a cursor of another list or with other filters', async () => {
    await givenOrder()
    await givenOrder()
    const { next_cursor: cursor } = await get('/v1/orders?limit=1')
    for (const path of [`/v1/payments?cursor=${cursor}`, `/v1/orders?status=open&cursor=${cursor}`]) {
      const { status, body } = await call({ path })
      expect([status, body.code, body.field]).toEqual([400, 'cursor_invalid', 'cursor'])
    }
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=', 'limit'],
    ['status=payed', 'status'],
    ['from=2026-01-01', 'from'],
    ['from=2026-01-01T00:00:00', 'from'],
    ['to=2026-13-01T00:00:00Z', 'to'],
    ['cursor=%00', 'cursor'],
    ['offset=10', 'offset'],
    ['limit[]=1', '(unknown)'],
  ])('refuses %s and says which part', async (query, field) => {
    const { status, body } = await call({ path: `/v1/orders?${query}` })
    expect([Math.floor(status / 100), body.field]).toEqual([4, field])
  })

  test('is narrowed by time', async () => {
    const { created_at: at } = await givenOrder()
    const count = async (query: string) => (await get(`/v1/orders?${query}`)).items.length
    expect(await count(`to=${encodeURIComponent(at)}&limit=100`)).toBe((await count('limit=100')) - 1)
    expect(await count(`from=${encodeURIComponent(at)}`)).toBe(1)
  })
})

describe('An Idempotency-Key', () => {
  const request = (body: object, idempotencyKey: string | null): ApiRequest => ({
    method: 'POST',
    path: '/v1/orders',
    body,
    idempotencyKey,
  })

  test('gives the same bytes for the same request, and says so', async () => {
    const body = { reference: freshKey(), amount: 100, currency: 'INR' }
    const key = freshKey()
    const first = await call(request(body, key))
    const again = await call(request({ currency: 'INR', amount: 100, reference: body.reference }, key))
    expect([again.status, again.text]).toEqual([201, first.text])
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
  })

  test('with another request is refused', async () => {
    const key = freshKey()
    await call(request({ reference: freshKey(), amount: 100, currency: 'INR' }, key))
    const other = await call(request({ reference: freshKey(), amount: 100, currency: 'INR' }, key))
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  test('is needed for every write, and is text that can be printed', async () => {
    const body = { reference: freshKey(), amount: 100, currency: 'INR' }
    expect((await call(request(body, null))).body.code).toBe('idempotency_key_missing')
    for (const key of ['', ' ', 'x'.repeat(256), 'schlüssel']) {
      const { status, body: problem } = await call({ ...request(body, null), headers: { 'idempotency-key': key } })
      expect([status, problem.code]).toEqual([400, 'idempotency_key_invalid'])
    }
  })

  test('of a refused request is free for the right one', async () => {
    const key = freshKey()
    const body = { reference: freshKey(), amount: 100, currency: 'INR' }
    expect((await call(request({ ...body, amount: 0 }, key))).status).toBe(422)
    expect((await call(request(body, key))).status).toBe(201)
  })

  test('makes one of sixty-four requests at once, and the others hear the same or are put off', async () => {
    const body = { reference: freshKey(), amount: 100, currency: 'INR' }
    const key = freshKey()
    const replies = await Promise.all(Array.from({ length: 64 }, () => call(request(body, key))))
    const made = replies.filter(({ status }) => status === 201)
    expect(new Set(made.map(({ text }) => text)).size).toBe(1)
    for (const { status, body: problem, headers } of replies.filter((reply) => reply.status !== 201)) {
      expect([status, problem.code, headers['retry-after']]).toEqual([409, 'idempotency_in_flight', '1'])
    }
    const { rowCount } = await server.db.pools.owner.query('select from orders where reference = $1', [body.reference])
    expect(rowCount).toBe(1)
  })
})

describe('A token or a secret that is shown once', () => {
  test('is in the answer and in its replay, and nowhere in the database', async () => {
    const { id } = await givenOrder()
    const session = { method: 'POST', path: `/v1/orders/${id}/sessions`, idempotencyKey: freshKey() }
    const opened = await call(session)
    const endpoint = {
      method: 'POST',
      path: '/v1/webhook-endpoints',
      body: { url: 'http://127.0.0.1:59999/hook' },
      idempotencyKey: freshKey(),
    }
    const made = await call(endpoint)
    expect((await call(session)).text).toBe(opened.text)
    expect((await call(endpoint)).text).toBe(made.text)
    const { rows } = await server.db.pools.owner.query<{ dump: string }>(
      `select coalesce(string_agg(answer_body, ' '), '') as dump from idempotency_keys where answer_body is not null`,
    )
    expect(rows[0]?.dump).not.toContain(opened.body.client_token)
    expect(rows[0]?.dump).not.toContain(made.body.secret)
  })

  test('is made anew when the first answer was cut off', async () => {
    const { id } = await givenOrder()
    const session = { method: 'POST', path: `/v1/orders/${id}/sessions`, idempotencyKey: freshKey() }
    const lost = await call(session)
    // As a crash between the session and its answer leaves it.
    await server.db.pools.owner.query(
      `update idempotency_keys set answer_status = null, answer_body = null, leased_until = now() where key = $1`,
      [session.idempotencyKey],
    )
    const again = await call(session)
    expect([again.status, again.body.id]).toEqual([201, lost.body.id])
    const read = await callApp(server.runtime.app, { path: '/sdk/v1/session', token: again.body.client_token })
    expect(read.status).toBe(200)
  })
})

describe('Webhooks', () => {
  test('go to an endpoint that is made, tried, changed, given a new secret, and deleted', async () => {
    const made = await post('/v1/webhook-endpoints', {
      url: 'http://127.0.0.1:59999/hook',
      event_types: ['order.created'],
      description: 'shop',
    })
    expect(made).toMatchObject({
      status: 'enabled',
      event_types: ['order.created'],
      secret: expect.stringMatching(/^whsec_/),
    })
    const path = `/v1/webhook-endpoints/${made.id}`
    expect(await get(path)).not.toHaveProperty('secret')
    expect((await get('/v1/webhook-endpoints')).items.map(({ id }: Loose) => id)).toContain(made.id)
    const rotated = await post(`${path}/rotate-secret`, { overlap_seconds: 60 })
    expect(rotated.secret).not.toBe(made.secret)
    const delivery = await post(`${path}/test`)
    expect(delivery).toMatchObject({ event_type: 'webhook_endpoint.test', endpoint_id: made.id })
    const resent = await post(`/v1/deliveries/${delivery.id}/resend`)
    expect(resent).toMatchObject({ event_id: delivery.event_id, resend: 1 })
    const { items } = await get(`${path}/deliveries?event_id=${delivery.event_id}`)
    expect(items.map(({ id }: Loose) => id)).toEqual([resent.id, delivery.id])
    expect((await get(`/v1/deliveries/${delivery.id}`)).id).toBe(delivery.id)
    expect((await post(path, { status: 'disabled', event_types: ['*'] })).disabled_reason).toBe('requested')
    const deleted = await call({ method: 'DELETE', path })
    expect(deleted.body).toEqual({ id: made.id, object: 'webhook_endpoint', deleted: true })
    expect((await call({ path })).body.code).toBe('webhook_endpoint_not_found')
    expect((await call({ path: `${path}/deliveries` })).body.code).toBe('webhook_endpoint_not_found')
  })

  test('carry events that can be read again', async () => {
    const payment = await givenPayment()
    const { items } = await get(`/v1/events?payment_id=${payment.id}&type=payment.captured`)
    expect(items).toMatchObject([{ type: 'payment.captured', body: { data: { payment: { id: payment.id } } } }])
    expect(await get(`/v1/events/${items[0].id}`)).toEqual(items[0])
  })
})

describe('The public keys of a merchant', () => {
  test('are for everyone, and those of nobody are none', async () => {
    const read = (id: string) => callApp(server.runtime.app, { path: `/jwks/${id}` })
    const { body, headers } = await read(server.merchantId)
    expect(headers['content-type']).toContain('application/jwk-set+json')
    expect(body.keys).toMatchObject([{ kid: server.demo.signing_kid, kty: 'RSA', use: 'sig', alg: 'RS256' }])
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    expect(createPublicKey({ key: body.keys[0], format: 'jwk' }).asymmetricKeyDetails?.modulusLength).toBe(3072)
    expect((await read(`mer_${'0'.repeat(26)}`)).body).toEqual({ keys: [] })
    expect((await read('me')).body.code).toBe('id_malformed')
  })
})
