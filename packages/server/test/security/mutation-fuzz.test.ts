// Twenty thousand requests made from the route table and spoilt, in one seeded order, against the whole server.
// Whatever was sent, the answer is one that a client can act on and never our bug; a refused request leaves nothing.
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Route } from '../../src/dialects/contract/route.ts'
import { surfaces } from '../../src/dialects/registry.ts'
import { buildApp } from '../../src/http/app.ts'
import { nativeRoutes } from '../../src/dialects/native/routes.ts'
import { sdkRoutes } from '../../src/dialects/sdk/session.ts'
import { createSandboxAccount } from '../../src/sandbox-gateway/index.ts'
import { callApp, freshKey } from '../../src/testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../src/testing/api-setup.ts'
import { complaintAbout, complaintAboutError } from '../../src/testing/check-reply.ts'
import { createChance, spoil, sweep, validRequest } from '../../src/testing/request-mutations.ts'
import type { World } from '../../src/testing/request-mutations.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

const SEED = 20_261_120
const REQUESTS = 20_000
const AT_ONCE = 8

let server: TestServer
let app: FastifyInstance
let clientToken: string

const call = (request: ApiRequest): Promise<ApiReply> => callApp(app, { token: server.secretKey, ...request })

async function make(path: string, body: object = {}): Promise<Loose> {
  const { status, body: made, text } = await call({ method: 'POST', path, body })
  if (status >= 300) throw new Error(text)
  return made
}

beforeAll(async () => {
  server = await startTestServer()
  // The same parts behind limits that let all of this through: a limiter would answer most of it instead of us.
  const many = { perCredential: 1e9, perAddress: 1e9, refusedPerAddress: 1e9, attemptsPerSession: 1e9 }
  app = await buildApp(server.runtime.deps, { surfaces, readiness: async () => [], rateLimits: many })
})

afterAll(async () => {
  await app.close()
  await server.close()
})

async function givenSecondAccount(): Promise<string> {
  const { clock } = server.runtime.deps
  const notificationUrl = `${server.baseUrl}/nowhere`
  const account = { name: 'Second', notificationUrl, now: clock.now() }
  const { apiKey, notificationSecret } = await createSandboxAccount(server.runtime.sandbox.pool, account)
  const credentials = { base_url: server.baseUrl, api_key: apiKey, notification_secret: notificationSecret }
  return (await make('/v1/gateway-accounts', { connector: 'sandbox', label: 'Second', credentials })).id
}

/** Something of every noun, so that spoilt requests get as far as they can. */
async function givenWorld(): Promise<World> {
  const mandate = {
    max_amount: 500,
    frequency: 'daily',
    ends_at: '2090-01-01T00:00:00Z',
    registration_uses_period: false,
  }
  const order = () => make('/v1/orders', { reference: freshKey(), amount: 500, currency: 'INR', mandate })
  const [open, paid] = [await order(), await order()]
  const session = await make(`/v1/orders/${open.id}/sessions`)
  clientToken = session.client_token
  const instrument = { method: 'card', token: 'tok_approve' }
  const payment = await make(`/v1/orders/${paid.id}/payments`, { instrument })
  const refund = await make(`/v1/payments/${payment.id}/refunds`, { amount: 1, reason: 'other' })
  const { id: customer } = await make('/v1/customers', { reference: freshKey() })
  const theirs = { reference: freshKey(), amount: 500, currency: 'INR', customer_id: customer }
  await make(`/v1/orders/${(await make('/v1/orders', theirs)).id}/payments`, { instrument, save: true })
  const saved = (await call({ path: `/v1/customers/${customer}/saved-methods` })).body.items[0]
  const cash = { amount: 500, currency: 'INR', method: 'cash', received_at: '2026-01-05T10:00:00Z' }
  const offline = await make('/v1/offline-payments', cash)
  const invoice = { amount: 1, invoice_id: 'I-1', invoice_amount: 400 }
  const allocation = await make(`/v1/payments/${offline.id}/allocations`, invoice)
  const endpoint = await make('/v1/webhook-endpoints', { url: 'https://shop.example/hook' })
  const delivery = await make(`/v1/webhook-endpoints/${endpoint.id}/test`)
  const { rows } = await server.db.pools.owner.query<{ name: string }>(
    `select distinct column_name as name from information_schema.columns where table_schema = 'purser' order by 1`,
  )
  const chance = createChance(SEED)
  let made = 0
  return {
    chance,
    ids: {
      ord: [open.id, paid.id],
      pay: [payment.id, offline.id],
      alc: [allocation.id],
      ref: [refund.id],
      ses: [session.id],
      whe: [endpoint.id],
      dlv: [delivery.id],
      rct: [(await call({ path: `/v1/payments/${payment.id}/receipt` })).body.id],
      evt: [delivery.event_id],
      // Not the demo's: it is paused and renamed all the time, and payments are to get further than that.
      gwa: [await givenSecondAccount()],
      man: [open.mandate_id, paid.mandate_id],
      cus: [customer],
      svm: [saved.id],
    },
    columns: rows.map(({ name }) => name),
    tokens: [null, 'x', server.publishableKey, clientToken, server.secretKey, `sk_test_${'0'.repeat(64)}`],
    fresh: () => `fuzz-${(made += 1)}`,
  }
}

test('Spoilt requests are answered with a code and a request id, never by our bug, and leave no trace', async () => {
  const world = await givenWorld()
  const routes = [...nativeRoutes, ...sdkRoutes]
  const complaints: string[] = []
  const refusedIds: string[] = []
  const refusedKeys: string[] = []
  const counts: Record<number, number> = {}

  async function tryOne(request: ApiRequest, index: number): Promise<void> {
    const reply = await call(request)
    counts[reply.status] = (counts[reply.status] ?? 0) + 1
    const complaint = complaintOf(request, reply)
    if (complaint !== undefined)
      complaints.push(`#${index} ${complaint} ${JSON.stringify(request).slice(0, 600)} -> ${reply.text.slice(0, 300)}`)
    if (reply.status < 400 || reply.status >= 500) return
    refusedIds.push(String(reply.headers['x-request-id']))
    if (request.idempotencyKey?.startsWith('fuzz-') === true) refusedKeys.push(request.idempotencyKey)
  }

  let sent = 0
  for (const batch of batchesOf(requestsOf(routes, world))) {
    const first = sent
    await Promise.all(batch.map((request, at) => tryOne(request, first + at)))
    sent += batch.length
  }

  console.info(`seed ${SEED}: ${JSON.stringify(counts)}`)
  expect(complaints.slice(0, 10), `seed ${SEED}`).toEqual([])
  expect(server.errors).toEqual([])
  expect(Object.values(counts).reduce((total, count) => total + count, 0)).toBe(REQUESTS)
  for (const status of [200, 201, 400, 401, 403, 404, 405, 409, 413, 415, 422]) {
    expect(counts[status], `some requests end in ${status}`).toBeGreaterThan(0)
  }
  expect(await tracesOf(refusedIds, refusedKeys)).toEqual({ audit: '0', transitions: '0', keys: '0' })
}, 240_000)

/** Every hostile value in every field first; the rest by chance. */
function* requestsOf(routes: readonly Route[], world: World): Generator<ApiRequest> {
  let made = 0
  const as = (route: Route) => ({ token: route.access.kind === 'session' ? clientToken : server.secretKey })
  for (const route of routes) {
    for (const request of sweep(route, world)) {
      yield { ...as(route), ...request }
      made += 1
    }
  }
  // At least a quarter is left to chance.
  expect(made).toBeLessThan((REQUESTS * 3) / 4)
  for (; made < REQUESTS; made += 1) {
    const route = world.chance.pick(routes)
    yield spoil({ ...as(route), ...validRequest(route, world) }, world)
  }
}

function* batchesOf(requests: Iterable<ApiRequest>): Generator<readonly ApiRequest[]> {
  let batch: ApiRequest[] = []
  for (const request of requests) {
    batch.push(request)
    if (batch.length < AT_ONCE) continue
    yield batch
    batch = []
  }
  yield batch
}

function complaintOf(request: ApiRequest, reply: ApiReply): string | undefined {
  if (reply.status >= 500 && reply.status !== 503) return `answered ${reply.status}`
  if (reply.status >= 400) return complaintAboutError(reply)
  return complaintAbout(request, reply)
}

async function tracesOf(requestIds: readonly string[], keys: readonly string[]): Promise<unknown> {
  const { rows } = await server.db.pools.owner.query(
    `select (select count(*) from audit where request_id = any($1)) as audit,
            (select count(*) from payment_transitions where request_id = any($1)) as transitions,
            (select count(*) from idempotency_keys where key = any($2)) as keys`,
    [requestIds, keys],
  )
  return rows[0]
}
