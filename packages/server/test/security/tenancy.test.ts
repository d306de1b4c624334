// Every route that takes an identifier, with an identifier of another merchant: the answer is byte for byte the one for
// an identifier that does not exist, apart from the request id. What is not told cannot be counted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Route } from '../../src/dialects/contract/route.ts'
import { nativeRoutes } from '../../src/dialects/native/routes.ts'
import { createApiKeys, createMerchant } from '../../src/operations/create-merchant.ts'
import { callApp, freshKey } from '../../src/testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../src/testing/api-setup.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
/** The first merchant's, by prefix. */
let theirs: Record<string, string>
let theirReference: string
let stranger: string

async function call(token: string, request: ApiRequest): Promise<ApiReply> {
  return callApp(server.runtime.app, { token, ...request })
}

async function make(token: string, path: string, body: object = {}): Promise<Loose> {
  const { status, body: made, text } = await call(token, { method: 'POST', path, body })
  if (status >= 300) throw new Error(text)
  return made
}

beforeAll(async () => {
  server = await startTestServer({ live: true })
  const made = (path: string, body?: object) => make(server.secretKey, path, body)
  theirReference = freshKey()
  const open = await made('/v1/orders', { reference: theirReference, amount: 500, currency: 'INR' })
  const mandate = { max_amount: 500, frequency: 'daily', ends_at: '2090-01-01T00:00:00Z' }
  const paid = await made('/v1/orders', { reference: freshKey(), amount: 500, currency: 'INR', mandate })
  const session = await made(`/v1/orders/${open.id}/sessions`)
  const instrument = { method: 'card', token: 'tok_approve' }
  const payment = await made(`/v1/orders/${paid.id}/payments`, { instrument })
  const refund = await made(`/v1/payments/${payment.id}/refunds`, { amount: 1, reason: 'other' })
  const endpoint = await made('/v1/webhook-endpoints', { url: 'https://shop.example/hook' })
  const delivery = await made(`/v1/webhook-endpoints/${endpoint.id}/test`)
  const cash = { amount: 500, currency: 'INR', method: 'cash', received_at: '2026-01-05T10:00:00Z' }
  const offline = await made('/v1/offline-payments', cash)
  const allocation = await made(`/v1/payments/${offline.id}/allocations`, {
    amount: 1,
    invoice_id: 'I-1',
    invoice_amount: 9,
  })
  theirs = {
    ord: open.id,
    pay: payment.id,
    ref: refund.id,
    ses: session.id,
    whe: endpoint.id,
    dlv: delivery.id,
    rct: (await call(server.secretKey, { path: `/v1/payments/${payment.id}/receipt` })).body.id,
    evt: delivery.event_id,
    gwa: server.demo.gateway_account_id,
    man: paid.mandate_id,
    ...(await givenSavedMethod(made)),
    alc: allocation.id,
  }
  const reconciliation = await made('/v1/reconciliations')
  const broken = unknownId('brk').replace(/0$/, '1')
  await server.db.pools.owner.query(
    `insert into breaks (merchant_id, mode, id, gateway_account_id, reason, subject, details, created_at)
     values ($1, 'test', $2, $3, 'missing_from_settlement', $2, '{}', now())`,
    [server.merchantId, broken, server.demo.gateway_account_id],
  )
  const dispute = unknownId('dsp').replace(/0$/, '1')
  await server.db.pools.owner.query(
    `insert into disputes (merchant_id, mode, id, payment_id, order_id, gateway_account_id, gateway_dispute_id, status,
       currency, amount, amount_reserved, reason, due_at, opened_at, created_at, updated_at)
     values ($1, 'test', $2, $3, $4, $5, $2, 'open', 'INR', 1, 0, 'other', now() + interval '1 day', now(), now(), now())`,
    [server.merchantId, dispute, payment.id, paid.id, server.demo.gateway_account_id],
  )
  theirs = { ...theirs, rcn: reconciliation.id, brk: broken, dsp: dispute }
  const { deps } = server.runtime
  const merchantId = await createMerchant(deps, { name: 'Coffee house' })
  stranger = (await createApiKeys(deps, { merchantId, mode: 'test' }, 'stranger')).secretKey
})

/** A customer with something saved. */
async function givenSavedMethod(
  made: (path: string, body?: object) => Promise<Loose>,
): Promise<{ cus: string; svm: string }> {
  const { id: cus } = await made('/v1/customers', { reference: freshKey() })
  const order = await made('/v1/orders', { reference: freshKey(), amount: 500, currency: 'INR', customer_id: cus })
  await made(`/v1/orders/${order.id}/payments`, { instrument: { method: 'card', token: 'tok_approve' }, save: true })
  const { body } = await call(server.secretKey, { path: `/v1/customers/${cus}/saved-methods` })
  return { cus, svm: body.items[0].id }
}

afterAll(() => server.close())

const BODIES: Readonly<Record<string, object>> = {
  'POST /v1/orders/:id': { amount: 1 },
  'POST /v1/orders/:id/sessions': {},
  'POST /v1/orders/:id/payments': { instrument: { method: 'card', token: 'tok_approve' } },
  'POST /v1/payments/:id/capture': { amount: 1 },
  'POST /v1/payments/:id/refunds': { amount: 1, reason: 'other' },
  'POST /v1/payments/:id/collect': { amount: 1, collected_at: '2026-01-05T10:00:00Z', collected_by: 'nobody' },
  'POST /v1/payments/:id/resolve': { outcome: 'failed', evidence: 'none', reason: 'none' },
  'POST /v1/refunds/:id/resolve': { outcome: 'failed', evidence: 'none', reason: 'none' },
  'POST /v1/payments/:id/allocations': { amount: 1, invoice_id: 'mine', invoice_amount: 1 },
  'POST /v1/offline-payments/:id/clear': { cleared_at: '2026-01-05T10:00:00Z' },
  'POST /v1/offline-payments/:id/bounce': { reason: 'mine' },
  'POST /v1/offline-payments/:id/reverse': { reason: 'mine' },
  'POST /v1/allocations/:id/withdraw': { reason: 'mine' },
  'POST /v1/mandates/:id/charges': { reference: 'mine', amount: 1 },
  'POST /v1/mandates/:id/pre-debit-notices': { amount: 1, debit_day: '2089-01-01' },
  'POST /v1/mandates/:id/pause': {},
  'POST /v1/disputes/:id/accept': {},
  'POST /v1/disputes/:id/evidence': { statement: 'Mine now.' },
  'POST /v1/disputes/:id/resolve': { outcome: 'won', evidence: 'none', reason: 'none' },
  'POST /v1/breaks/:id/resolve': { note: 'Mine now.' },
  'POST /v1/gateway-accounts/:id': { label: 'mine now', status: 'paused' },
  'POST /v1/gateway-accounts/:id/credentials': { credentials: { base_url: 'https://mine.example' } },
  'POST /v1/webhook-endpoints/:id': { description: 'mine now' },
  'POST /v1/webhook-endpoints/:id/rotate-secret': { overlap_seconds: 0 },
}

const nameOf = (route: Route) => `${route.method} ${route.path}`
const prefixOf = (route: Route) => /^\^([a-z]+)_/.exec((route.params['id'] as Loose)?.pattern ?? '')?.[1] ?? ''
const unknownId = (prefix: string) => `${prefix}_${'0'.repeat(26)}`
const bytesOf = ({ status, text, headers }: ApiReply) => [status, text.replace(String(headers['x-request-id']), '')]

describe('An identifier of another merchant answers like one that does not exist', () => {
  const ROUTES = nativeRoutes
    .filter((route) => Object.hasOwn(route.params, 'id'))
    .map((route) => [nameOf(route), route] as const)

  test.each(ROUTES)('in %s', async (name, route) => {
    const prefix = prefixOf(route)
    const ask = (id: string) => {
      const body = BODIES[name]
      return call(stranger, {
        method: route.method,
        path: route.path.replace(':id', id),
        ...(body === undefined ? {} : { body }),
      })
    }
    const foreign = await ask(theirs[prefix] ?? 'missing in this test')
    expect(bytesOf(foreign)).toEqual(bytesOf(await ask(unknownId(prefix))))
    expect(foreign.status).toBe(404)
  })

  test('as a reference of an order', async () => {
    const ask = (reference: string) => call(stranger, { path: `/v1/orders/by-reference/${reference}` })
    const foreign = await ask(theirReference)
    expect(bytesOf(foreign)).toEqual(bytesOf(await ask('nothing')))
    expect(foreign.status).toBe(404)
  })

  test.each([
    ['/v1/payments', 'order_id', 'ord'],
    ['/v1/payments', 'search', 'pay'],
    ['/v1/refunds', 'payment_id', 'pay'],
    ['/v1/refunds', 'order_id', 'ord'],
    ['/v1/mandates', 'order_id', 'ord'],
    ['/v1/events', 'order_id', 'ord'],
    ['/v1/events', 'payment_id', 'pay'],
    ['/v1/allocations', 'payment_id', 'pay'],
    ['/v1/allocations', 'order_id', 'ord'],
    ['/v1/postings', 'payment_id', 'pay'],
    ['/v1/postings', 'refund_id', 'ref'],
    ['/v1/disputes', 'payment_id', 'pay'],
    ['/v1/disputes', 'order_id', 'ord'],
    ['/v1/breaks', 'payment_id', 'pay'],
    ['/v1/reconciliations', 'gateway_account_id', 'gwa'],
  ])('in a list: %s?%s', async (path, filter, prefix) => {
    const ask = (id: string) => call(stranger, { path: `${path}?${filter}=${id}` })
    const foreign = await ask(theirs[prefix] ?? '')
    expect(bytesOf(foreign)).toEqual(bytesOf(await ask(unknownId(prefix))))
    expect(foreign.body.items).toEqual([])
  })

  test.each([
    ['session_id', 'ses'],
    ['saved_method_id', 'svm'],
    ['gateway_account_id', 'gwa'],
  ])('in the body of a payment: %s', async (field, prefix) => {
    const order = await make(stranger, '/v1/orders', { reference: freshKey(), amount: 500, currency: 'INR' })
    const instrument = { method: 'card', token: 'tok_approve' }
    const ask = (id: string) =>
      call(stranger, {
        method: 'POST',
        path: `/v1/orders/${order.id}/payments`,
        body: field === 'saved_method_id' ? { instrument: { [field]: id } } : { instrument, [field]: id },
      })
    const foreign = await ask(theirs[prefix] ?? '')
    expect(bytesOf(foreign)).toEqual(bytesOf(await ask(unknownId(prefix))))
    expect(foreign.status).toBeGreaterThanOrEqual(400)
  })

  test('in the body of a reconciliation', async () => {
    const ask = (id: string) =>
      call(stranger, { method: 'POST', path: '/v1/reconciliations', body: { gateway_account_id: id } })
    const foreign = await ask(theirs['gwa'] ?? '')
    expect(bytesOf(foreign)).toEqual(bytesOf(await ask(unknownId('gwa'))))
    expect(foreign.status).toBe(404)
  })

  test('with the key of the other mode', async () => {
    const { deps } = server.runtime
    const { secretKey } = await createApiKeys(deps, { merchantId: server.merchantId, mode: 'live' }, 'live')
    const ask = (id: string) => call(secretKey, { path: `/v1/orders/${id}` })
    const other = await ask(theirs['ord'] ?? '')
    expect(bytesOf(other)).toEqual(bytesOf(await ask(unknownId('ord'))))
    expect(other.status).toBe(404)
  })
})

test('Nothing that a stranger tried has changed anything', async () => {
  const order = await call(server.secretKey, { path: `/v1/orders/${theirs['ord']}` })
  expect(order.body).toMatchObject({ status: 'open', amount: 500, payments: [] })
  const endpoint = await call(server.secretKey, { path: `/v1/webhook-endpoints/${theirs['whe']}` })
  expect(endpoint.body).toMatchObject({ description: '', status: 'enabled', previous_secret_until: null })
  const account = await call(server.secretKey, { path: `/v1/gateway-accounts/${theirs['gwa']}` })
  expect(account.body).toMatchObject({ label: 'Sandbox', status: 'active' })
  const lists = await Promise.all(
    ['orders', 'payments', 'refunds', 'webhook-endpoints', 'gateway-accounts'].map((noun) =>
      call(stranger, { path: `/v1/${noun}` }),
    ),
  )
  const seen = lists.flatMap(({ body }) => body.items.map(({ id }: Loose) => id))
  for (const id of Object.values(theirs)) expect(seen).not.toContain(id)
})
