import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listDeliveries } from '../operations/list-deliveries.ts'
import { resendDelivery } from '../operations/resend-delivery.ts'
import { rotateWebhookSecret } from '../operations/rotate-webhook-secret.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { itemAt, setUpWebhooks, startReceiver, verifyReceived } from '../testing/webhook-setup.ts'
import type { Receiver, WebhookSetup } from '../testing/webhook-setup.ts'
import { createWebhookJob, deliverDueWebhooks } from './deliver-webhooks.ts'

let database: TestDatabase
let shop: WebhookSetup
let receiver: Receiver
const others: WebhookSetup[] = []

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  shop = await setUpWebhooks(database, { timeoutMs: 1_000 })
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.close()
  for (const setup of [shop, ...others.splice(0)]) await setup.close()
  await database.pools.owner.query('truncate delivery_attempts, deliveries, events, webhook_endpoints cascade')
})

const deliver = (limit = 50) => deliverDueWebhooks(shop.deps, limit, { perEndpoint: 16 })
const all = async () => (await listDeliveries(shop.deps, shop.actor, { limit: 100 })).items
const endpoints = () => shop.sql<Record<string, unknown>>('select * from webhook_endpoints order by id')

describe('a delivery', () => {
  test('reaches each endpoint that subscribes once, signed, and is never sent again', async () => {
    const paid = await shop.createEndpoint({ url: receiver.url('/paid'), eventTypes: ['order.paid'] })
    const everything = await shop.createEndpoint({ url: receiver.url('/all') })
    await shop.createEndpoint({ url: receiver.url('/refunds'), eventTypes: ['refund.succeeded'] })
    const eventId = await shop.emit('order.paid')
    expect(await deliver()).toBe(2)
    expect(await deliver()).toBe(0)
    await shop.advance('30 days')
    expect(await deliver()).toBe(0)
    expect(receiver.received.map((request) => request.path).sort()).toEqual(['/all', '/paid'])
    for (const request of receiver.received) {
      const { secret } = request.path === '/paid' ? paid : everything
      expect(verifyReceived(secret, request)).toMatchObject({ type: 'order.paid' })
      expect(request.headers).toMatchObject({ 'webhook-id': eventId, 'content-type': 'application/json' })
    }
    for (const delivery of await all()) {
      expect(delivery).toMatchObject({ eventId, status: 'delivered', tries: 1, dueAt: null, resend: 0 })
      expect(delivery.attempts).toMatchObject([{ try: 1, outcome: 'delivered', status: 204 }])
    }
  })

  test('is made once when the receiver was down for 75 hours and comes back', async () => {
    const { secret } = await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    const eventId = await shop.emit()
    await deliver()
    for (let hour = 0; hour < 74; hour += 1) {
      await shop.advance('1 hour')
      await deliver()
    }
    const failed = receiver.received.length
    expect(failed).toBeGreaterThanOrEqual(8)
    receiver.answer((_, response) => void response.writeHead(200).end('thanks'))
    for (let hour = 0; hour < 100; hour += 1) {
      await shop.advance('1 hour')
      await deliver()
    }
    const accepted = receiver.received.slice(failed)
    expect(accepted).toHaveLength(1)
    expect(new Set(receiver.received.map((request) => request.headers['webhook-id']))).toEqual(new Set([eventId]))
    expect(new Set(receiver.received.map((request) => request.body)).size).toBe(1)
    expect(verifyReceived(secret, itemAt(accepted, 0))).toBeDefined()
    expect(await all()).toMatchObject([{ status: 'delivered', tries: failed + 1 }])
    expect(await endpoints()).toMatchObject([{ status: 'enabled', failing_since: null }])
  })

  test('is dead after ten tries over at least 75 hours, and a resend reaches the receiver with the same id', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    const eventId = await shop.emit()
    const dueAt: Date[] = []
    for (let tries = 1; tries <= 10; tries += 1) {
      expect(await deliver()).toBe(1)
      expect(await deliver()).toBe(0)
      const [delivery] = await all()
      if (delivery === undefined || delivery.dueAt === null) break
      dueAt.push(delivery.dueAt)
      await shop.sql(
        `update merchants set clock_offset = clock_offset + ($2::timestamptz - (now() + clock_offset)) where id = $1`,
        [shop.actor.tenant.merchantId, delivery.dueAt],
      )
    }
    const dead = itemAt(await all(), 0)
    expect(dead).toMatchObject({ status: 'dead', tries: 10, dueAt: null })
    expect(dead.attempts).toHaveLength(10)
    expect(dead.attempts[0]).toMatchObject({ outcome: 'refused', status: 500 })
    expect(dueAt).toHaveLength(9)
    expect(itemAt(dueAt, 8).getTime() - dead.createdAt.getTime()).toBeGreaterThanOrEqual(75 * 3_600_000)
    expect(await endpoints()).toMatchObject([{ status: 'enabled', failing_since: expect.any(Date) }])
    expect((await listDeliveries(shop.deps, shop.actor, { status: 'dead', limit: 10 })).items).toHaveLength(1)

    receiver.answer((_, response) => void response.writeHead(202).end())
    const resent = await resendDelivery(shop.deps, shop.actor, { deliveryId: dead.id })
    expect(resent).toMatchObject({ eventId, resend: 1, status: 'pending', tries: 0, attempts: [] })
    expect(await deliver()).toBe(1)
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(eventId)
    expect((await all()).map((delivery) => delivery.status).sort()).toEqual(['dead', 'delivered'])
  })

  test.each([
    [301, 'refused'],
    [302, 'refused'],
    [404, 'refused'],
    [500, 'refused'],
  ])('is tried again after the answer %i', async (status, outcome) => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(status, { location: receiver.url('/elsewhere') }).end())
    await shop.emit()
    await deliver()
    expect(receiver.received.map((request) => request.path)).toEqual(['/hook'])
    expect(await all()).toMatchObject([{ status: 'pending', attempts: [{ outcome, status }] }])
  })

  test.each([429, 503])('waits as long as the receiver asks with %i', async (status) => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(status, { 'retry-after': '1800' }).end())
    await shop.emit()
    await deliver()
    await shop.advance('29 minutes')
    expect(await deliver()).toBe(0)
    await shop.advance('2 minutes')
    expect(await deliver()).toBe(1)
  })

  test('is refused by the guard when its address is no longer allowed, and says so', async () => {
    const { endpoint } = await shop.createEndpoint({ url: receiver.url() })
    await shop.sql('update webhook_endpoints set url = $2 where id = $1', [endpoint.id, 'http://10.0.0.1/hook'])
    await shop.emit()
    await deliver()
    expect(await all()).toMatchObject([{ status: 'pending', attempts: [{ outcome: 'url_refused_plain_http' }] }])
  })

  test('fails alone when its secret cannot be opened', async () => {
    const broken = await shop.createEndpoint({ url: receiver.url('/broken') })
    await shop.createEndpoint({ url: receiver.url('/whole') })
    await shop.sql(`update webhook_endpoints set secret_sealed = '\\x00' where id = $1`, [broken.endpoint.id])
    await shop.emit()
    await deliver()
    expect(receiver.received.map((request) => request.path)).toEqual(['/whole'])
    const outcomes = (await all()).map(({ status, attempts }) => [status, attempts[0]?.outcome])
    expect(outcomes).toContainEqual(['pending', 'secret_unreadable'])
    expect(outcomes).toContainEqual(['delivered', 'delivered'])
  })

  test('is given up without a try when it was claimed fifty times and never came to a result', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    await shop.emit()
    await shop.sql('update deliveries set tries = 50')
    await deliver()
    expect(receiver.received).toEqual([])
    expect(await all()).toMatchObject([{ status: 'dead', attempts: [] }])
  })
})

describe('an endpoint', () => {
  test('that answers 410 is disabled at once, with everything that was pending', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    await shop.emit()
    await deliver()
    receiver.answer((_, response) => void response.writeHead(410).end())
    await shop.emit()
    await deliver()
    expect(await endpoints()).toMatchObject([{ status: 'disabled', disabled_reason: 'gone' }])
    expect((await all()).map((delivery) => delivery.status)).toEqual(['dead', 'dead'])
    expect(await shop.sql(`select actor, action, details from audit where action like '%disabled'`)).toEqual([
      { actor: 'job:deliver-webhooks', action: 'webhook_endpoint.disabled', details: { reason: 'gone' } },
    ])
    await shop.emit()
    expect(await deliver()).toBe(0)
  })

  test('is disabled after five days of failing, and not before', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    for (let day = 0; day < 5; day += 1) {
      await shop.emit()
      await deliver()
      expect(await endpoints()).toMatchObject([{ status: 'enabled', failing_since: expect.any(Date) }])
      await shop.advance('1 day')
    }
    await shop.emit()
    await deliver()
    expect(await endpoints()).toMatchObject([{ status: 'disabled', disabled_reason: 'failing' }])
    expect(new Set((await all()).map((delivery) => delivery.status))).toEqual(new Set(['dead']))
  })

  test('starts over with its five days after one success', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    await shop.emit()
    await deliver()
    await shop.advance('4 days')
    receiver.answer((_, response) => void response.writeHead(200).end())
    await deliver()
    expect(await endpoints()).toMatchObject([{ failing_since: null }])
    receiver.answer((_, response) => void response.writeHead(500).end())
    await shop.advance('2 days')
    await shop.emit()
    await deliver()
    expect(await endpoints()).toMatchObject([{ status: 'enabled' }])
  })

  test('is verified with the old and the new secret until the overlap ends, then with the new one only', async () => {
    const { endpoint, secret: old } = await shop.createEndpoint({ url: receiver.url() })
    const { secret: fresh } = await rotateWebhookSecret(shop.deps, shop.actor, { endpointId: endpoint.id })
    await shop.emit()
    await deliver()
    expect(verifyReceived(old, itemAt(receiver.received, 0))).toBeDefined()
    expect(verifyReceived(fresh, itemAt(receiver.received, 0))).toBeDefined()
    await shop.advance('24 hours')
    await shop.emit()
    await deliver()
    expect(verifyReceived(fresh, itemAt(receiver.received, 1))).toBeDefined()
    expect(() => verifyReceived(old, itemAt(receiver.received, 1))).toThrow()
  })
})

describe('the claim', () => {
  test('is never shared: two workers at once send each delivery once', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    for (let count = 0; count < 40; count += 1) await shop.emit()
    for (;;) {
      const counts = await Promise.all([1, 2, 3, 4].map(() => deliver(10)))
      if (counts.every((count) => count === 0)) break
    }
    const ids = receiver.received.map((request) => request.headers['webhook-id'])
    expect(ids).toHaveLength(40)
    expect(new Set(ids).size).toBe(40)
  })

  test('that ran out is taken over, and its former holder can no longer write', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    await shop.emit()
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    // The first worker is stopped after its webhook arrived and before it can write the failure down.
    receiver.answer((_, response) => void response.writeHead(500).end())
    const zombie = createWebhookJob({
      ...shop.deps,
      sendToMerchant: async (request) => {
        const reply = await shop.deps.sendToMerchant(request)
        await held
        return reply
      },
    })
    await zombie.run(10)
    expect(await deliver()).toBe(0)
    await shop.sql(`update deliveries set leased_until = now() - interval '1 second'`)
    receiver.answer((_, response) => void response.writeHead(200).end())
    expect(await deliver()).toBe(1)
    release?.()
    await zombie.drain()
    const [delivery] = await all()
    expect(delivery).toMatchObject({ status: 'delivered', tries: 2 })
    expect(delivery?.attempts).toMatchObject([{ try: 2, outcome: 'delivered' }])
    expect(await endpoints()).toMatchObject([{ failing_since: null }])
  })

  test('takes a few of each endpoint, so that one with much to send does not hold up another merchant', async () => {
    const other = await setUpWebhooks(database)
    others.push(other)
    await shop.createEndpoint({ url: receiver.url('/noisy') })
    const eventId = await shop.emit()
    await shop.sql(
      `with flood as (
         insert into events select merchant_id, mode, 'evt_' || lpad(n::text, 26, '0'), type, object_id, order_id,
                                   payment_id, body, created_at - interval '1 day'
                              from events, generate_series(1, 20000) n where id = $1 returning *)
       insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, status, due_at, created_at)
       select f.merchant_id, f.mode, 'dlv_' || substr(f.id, 5), f.id, e.id, 'pending', f.created_at, f.created_at
         from flood f, webhook_endpoints e`,
      [eventId],
    )
    await other.createEndpoint({ url: receiver.url('/quiet') })
    await other.emit()
    // Of two places one is the other merchant's, although a whole day's worth is due before it.
    expect(await deliver(2)).toBe(2)
    expect(receiver.received.map((request) => request.path).sort()).toEqual(['/noisy', '/quiet'])
    await other.emit()
    expect(await deliver(32)).toBe(17)
    expect(receiver.received.filter((request) => request.path === '/quiet')).toHaveLength(2)
    expect(receiver.open.most).toBeLessThanOrEqual(17)
  })

  test('gives a failing endpoint little until it answers again', async () => {
    await shop.createEndpoint({ url: receiver.url() })
    receiver.answer((_, response) => void response.writeHead(500).end())
    for (let count = 0; count < 30; count += 1) await shop.emit()
    expect(await deliver(32)).toBe(16)
    expect(await deliver(32)).toBe(2)
    receiver.answer((_, response) => void response.writeHead(200).end())
    expect(await deliver(32)).toBe(2)
    expect(await deliver(32)).toBe(10)
  })

  test('waits for the clock of each merchant and ignores the test clock of live mode', async () => {
    const live = await setUpWebhooks(database, { mode: 'live' })
    others.push(live)
    receiver.answer((_, response) => void response.writeHead(500).end())
    for (const setup of [shop, live]) {
      await setup.createEndpoint({ url: receiver.url() })
      await setup.emit()
    }
    expect(await deliver()).toBe(2)
    await live.advance('1 day')
    expect(await deliver()).toBe(0)
    await shop.advance('1 day')
    expect(await deliver()).toBe(1)
  })
})

describe('a slow receiver', () => {
  test('is cut off at the deadline, and others are served while it drips', async () => {
    const drips: NodeJS.Timeout[] = []
    receiver.answer((request, response) => {
      response.writeHead(request.path === '/slow' ? 200 : 204)
      if (request.path === '/slow') drips.push(setInterval(() => response.write('.'), 50))
      else response.end()
    })
    await shop.createEndpoint({ url: receiver.url('/slow'), eventTypes: ['order.created'] })
    await shop.createEndpoint({ url: receiver.url('/quick'), eventTypes: ['order.paid'] })
    const job = createWebhookJob(shop.deps, { slowAfterMs: 20, quickMax: 16, perEndpoint: 16 })
    for (let count = 0; count < 20; count += 1) await shop.emit('order.created')
    // Every place is taken by the slow one; it gives them up when it turns out slow, long before its deadline.
    expect(await job.run(16)).toBe(16)
    for (let count = 0; count < 30; count += 1) await shop.emit('order.paid')
    let sent = 0
    while (sent < 30) sent += await job.run(16)
    expect(receiver.open.now).toBeGreaterThanOrEqual(16)
    await job.drain()
    for (const drip of drips) clearInterval(drip)
    const outcomes = (await all()).map(({ eventType, attempts }) => `${eventType} ${attempts[0]?.outcome ?? 'waits'}`)
    expect(outcomes.filter((text) => text === 'order.paid delivered')).toHaveLength(30)
    expect(outcomes.filter((text) => text === 'order.created timeout')).toHaveLength(16)
    expect(outcomes.filter((text) => text === 'order.created waits')).toHaveLength(4)
  })

  test('whose answer has no end is cut off at 64 kB and tried again', async () => {
    receiver.answer((_, response) => void response.writeHead(200).end(Buffer.alloc(1_000_000)))
    await shop.createEndpoint({ url: receiver.url() })
    await shop.emit()
    await deliver()
    expect(await all()).toMatchObject([{ status: 'pending', attempts: [{ outcome: 'reply_too_large', status: null }] }])
  })
})
