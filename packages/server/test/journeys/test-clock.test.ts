// Days in a moment: what waits happens at its own time on the way, not all at the end.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiKeys, createMerchant } from '../../src/operations/create-merchant.ts'
import { readTestClock } from '../../src/operations/test-clock.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(async () => {
  await server.close()
})

const HOUR = 3_600
const DAY = 24 * HOUR
const clock = async () => (await merchant.get('/v1/test-clock')).body
const advance = (body: object, key?: string) => merchant.post('/v1/test-clock/advance', body, key)
const offsetMs = async () => Number((await clock())['offset_ms'])
const timeOf = (value: unknown) => Date.parse(String(value))

async function sandboxOffsetMs(): Promise<number> {
  const { account_id: id, admin_token: token } = server.demo.sandbox
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(`${server.baseUrl}/sandbox/accounts/${id}/clock`, { headers })
  return ((await reply.json()) as { offset_ms: number }).offset_ms
}

test('the clock moves by seconds or to an instant, and the sandbox gateway’s with it', async () => {
  expect(await clock()).toMatchObject({ object: 'test_clock', offset_ms: 0 })
  const moved = await advance({ seconds: HOUR })
  expect(moved).toMatchObject({ status: 200, body: { offset_ms: HOUR * 1_000 } })
  const to = new Date(timeOf(moved.body['now']) + DAY * 1_000).toISOString()
  const reached = timeOf((await advance({ to })).body['now']) - timeOf(to)
  expect(reached).toBeGreaterThanOrEqual(0)
  expect(reached).toBeLessThan(5_000)
  expect(await sandboxOffsetMs()).toBe(await offsetMs())
})

test('one key moves it once, and a repeat after a crash walks on to where the first one wanted to be', async () => {
  const key = randomUUID()
  const before = await offsetMs()
  const first = await advance({ seconds: 100 }, key)
  const again = await advance({ seconds: 100 }, key)
  expect(again.body).toEqual(first.body)
  expect(await offsetMs()).toBe(before + 100_000)

  // As if the server had died half way.
  await server.db.pools.owner.query(
    `update merchants set clock_offset = clock_offset - interval '40 seconds' where id = $1`,
    [server.merchantId],
  )
  await server.db.pools.owner.query(
    `update idempotency_keys set answer_status = null, answer_body = null, leased_until = now() where key = $1`,
    [key],
  )
  expect((await advance({ seconds: 100 }, key)).body).toMatchObject({ offset_ms: before + 100_000 })
})

test('two who move it at once do not add up', async () => {
  const before = await offsetMs()
  const asked = await countAsked()
  // Both have said where they want to be before either can go: whoever comes when the other has arrived does add up.
  const holder = await server.db.pools.owner.connect()
  await holder.query('begin')
  await holder.query('select from merchants where id = $1 for no key update', [server.merchantId])
  const both = Promise.all([advance({ seconds: 600 }), advance({ seconds: 600 })])
  await expect.poll(countAsked).toBe(asked + 2)
  await holder.query('commit')
  holder.release()
  await both
  expect((await offsetMs()) - before).toBe(600_000)
  expect(await sandboxOffsetMs()).toBe(before + 600_000)
})

async function countAsked(): Promise<number> {
  const { rows } = await server.db.pools.owner.query(
    `select count(*)::int as asked from audit where merchant_id = $1 and action = 'test_clock.advanced'`,
    [server.merchantId],
  )
  return rows[0].asked
}

test.each([
  [400, 'request_malformed', {}],
  [400, 'request_malformed', { seconds: 1, to: '2099-01-01T00:00:00Z' }],
  [422, 'field_invalid', { seconds: 0 }],
  [400, 'request_malformed', { seconds: 1.5 }],
  [422, 'field_invalid', { to: '2020-01-01T00:00:00Z' }],
  [422, 'field_invalid', { to: '2199-01-01T00:00:00Z' }],
])('%i %s for %j', async (status, code, body) => {
  expect(await advance(body)).toMatchObject({ status, body: { code } })
})

test('there is none in live mode', async () => {
  const actor = { ...server.actor, tenant: { ...server.tenant, mode: 'live' as const } }
  await expect(readTestClock(server.runtime.deps, actor)).rejects.toMatchObject({ code: 'test_mode_only' })
})

test('what waits happens at its own time on the way', async () => {
  const now = timeOf((await clock())['now'])
  const expiresAt = new Date(now + 3 * HOUR * 1_000).toISOString()
  const orderId = await merchant.order(5_000, { expires_at: expiresAt })
  const { paymentId } = await merchant.pay({ token: 'tok_refund_slow' })
  const refund = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 1_000, reason: 'other' })
  const late = await merchant.pay({ token: 'tok_late_notice' })
  const unknown = await merchant.pay({ token: 'tok_http_500_not_applied' })
  expect(unknown.status).toBe('unknown')
  expect((await clock())['next_due_at']).not.toBeNull()

  await advance({ seconds: 30 * DAY })
  const order = (await merchant.get(`/v1/orders/${orderId}`)).body
  expect(order['status']).toBe('expired')
  expect(timeOf(order['expired_at']) - timeOf(expiresAt)).toBeLessThan(HOUR * 1_000)
  const settled = (await merchant.get(`/v1/refunds/${String(refund.body['id'])}`)).body
  expect(settled['status']).toBe('succeeded')
  // A day at the gateway; then it tells us, or we ask.
  expect(timeOf(settled['succeeded_at']) - timeOf(settled['created_at'])).toBeLessThan(1.5 * DAY * 1_000)
  expect((await merchant.get(`/v1/payments/${late.paymentId}`)).body['status']).toBe('captured')
  expect((await merchant.get(`/v1/payments/${unknown.paymentId}`)).body['status']).toBe('failed')

  const { violations } = await verifyServer(server, { isQuiet: true })
  expect(violations).toEqual([])
  expect(server.errors).toEqual([])
})

test('moving it neither does nor waits for the work of other merchants', async () => {
  const { deps } = server.runtime
  const merchantId = await createMerchant(deps, { name: 'Coffee house' })
  const { secretKey } = await createApiKeys(deps, { merchantId, mode: 'test' }, 'neighbour')
  const neighbour = merchantClient({ baseUrl: server.baseUrl, secretKey })
  const before = await offsetMs()
  const orderId = await neighbour.order(500, { expires_at: new Date(performance.timeOrigin + 10 * DAY * 1_000) })
  const client = await server.db.pools.owner.connect()
  try {
    // The neighbour's order is due to expire, and whoever expires it has to wait.
    await client.query('begin')
    await client.query('select from orders where id = $1 for update', [orderId])
    await server.db.pools.owner.query(`update merchants set clock_offset = interval '11 days' where id = $1`, [
      merchantId,
    ])
    expect(await advance({ seconds: 60 })).toMatchObject({ status: 200, body: { offset_ms: before + 60_000 } })
    expect((await neighbour.get(`/v1/orders/${orderId}`)).body).toMatchObject({ status: 'open' })
  } finally {
    await client.query('rollback')
    client.release()
  }
  const look = async () =>
    (await neighbour.get(`/v1/orders/${orderId}`)).body['status'] === 'expired' ? true : undefined
  await eventually(look, 'the neighbour’s own work')
})
