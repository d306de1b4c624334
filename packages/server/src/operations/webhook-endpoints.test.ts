import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deliverDueWebhooks } from '../jobs/deliver-webhooks.ts'
import { EventId } from '../kernel/ids.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { itemAt, setUpWebhooks, startReceiver } from '../testing/webhook-setup.ts'
import type { Receiver, WebhookSetup } from '../testing/webhook-setup.ts'
import { createWebhookEndpoint } from './create-webhook-endpoint.ts'
import { deleteWebhookEndpoint } from './delete-webhook-endpoint.ts'
import { getDelivery } from './get-delivery.ts'
import { getEvent } from './get-event.ts'
import { getWebhookEndpoint } from './get-webhook-endpoint.ts'
import { idempotent } from './idempotent.ts'
import { listDeliveries } from './list-deliveries.ts'
import { listEvents } from './list-events.ts'
import { listWebhookEndpoints } from './list-webhook-endpoints.ts'
import { resendDelivery } from './resend-delivery.ts'
import { resumeWebhookSecret, rotateWebhookSecret } from './rotate-webhook-secret.ts'
import { sendTestEvent } from './send-test-event.ts'
import { updateWebhookEndpoint } from './update-webhook-endpoint.ts'

let database: TestDatabase
let shop: WebhookSetup
let stranger: WebhookSetup
let receiver: Receiver

beforeAll(async () => {
  database = await openTestDatabase()
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  await database.close()
})
beforeEach(async () => {
  shop = await setUpWebhooks(database)
  stranger = await setUpWebhooks(database)
  receiver.received.length = 0
})
afterEach(async () => {
  await shop.close()
  await stranger.close()
})

const create = (url = 'https://shop.example/hook', eventTypes = ['*']) =>
  createWebhookEndpoint(shop.deps, shop.actor, { url, eventTypes })

const audit = () =>
  shop.sql<{ action: string; actor: string; object_id: string; request_id: string; details: object }>(
    'select action, actor, object_id, request_id, details from audit where merchant_id = $1 order by id',
    [shop.actor.tenant.merchantId],
  )

const deliveries = async () => (await listDeliveries(shop.deps, shop.actor, { limit: 100 })).items

describe('creating an endpoint', () => {
  test('answers its secret once and keeps it sealed', async () => {
    const { endpoint, secret } = await create('https://shop.example/hook', ['order.paid', 'order.paid', '*'])
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(endpoint).toMatchObject({ eventTypes: ['order.paid', '*'], status: 'enabled', description: '' })
    expect(await getWebhookEndpoint(shop.deps, shop.actor, endpoint.id)).toEqual(endpoint)
    const [row] = await shop.sql<{ whole: string }>(
      `select e::text || encode(secret_sealed, 'escape') as whole from webhook_endpoints e where id = $1`,
      [endpoint.id],
    )
    expect(row?.whole).not.toContain(secret.slice('whsec_'.length))
  })

  test('is written down with who did it, and never with the secret', async () => {
    const { endpoint, secret } = await create()
    const rows = await audit()
    expect(rows).toMatchObject([
      { action: 'webhook_endpoint.created', actor: 'key:test_key', object_id: endpoint.id, request_id: 'req_1' },
    ])
    expect(JSON.stringify(rows)).not.toContain(secret)
  })

  test.each([
    ['http://10.0.0.1/hook', 'url_refused'],
    ['ftp://shop.example/hook', 'url_refused'],
    ['https://user:password@shop.example/', 'url_refused'],
  ])('refuses the address %s', async (url, code) => {
    await expect(create(url)).rejects.toMatchObject({ code })
    expect(await audit()).toEqual([])
  })

  test.each([[[]], [['order.sold']], [['toString']], [['ORDER.PAID']]])('refuses the event types %j', async (types) => {
    await expect(create('https://shop.example/hook', types)).rejects.toMatchObject({
      code: 'field_invalid',
      details: { field: 'event_types' },
    })
  })

  test('stops at twenty, also when thirty are asked for at once, and goes on after one is deleted', async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => create()))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(20)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'webhook_endpoints_exhausted' })
    }
    const { items } = await listWebhookEndpoints(shop.deps, shop.actor)
    expect(items).toHaveLength(20)
    await deleteWebhookEndpoint(shop.deps, shop.actor, { endpointId: itemAt(items, 0).id })
    await create()
    await createWebhookEndpoint(stranger.deps, stranger.actor, { url: 'https://shop.example/', eventTypes: ['*'] })
  })

  test('happens once for one Idempotency-Key, and a repeat gets the same secret', async () => {
    const claim = { route: 'POST /v1/webhook-endpoints', key: 'once', fingerprint: Buffer.alloc(32) }
    const steps = {
      act: (idempotency: NonNullable<Parameters<typeof createWebhookEndpoint>[2]['idempotency']>) =>
        createWebhookEndpoint(shop.deps, shop.actor, { url: 'https://a.example/', eventTypes: ['*'], idempotency }),
      answer: ({ endpoint, secret }: { endpoint: { id: string }; secret: string }) => ({
        status: 201,
        body: { id: endpoint.id, secret },
      }),
      resume: (id: string) => resumeWebhookSecret(shop.deps, shop.actor, id as never),
    }
    const first = await idempotent(shop.deps, shop.actor, claim, steps)
    await shop.sql('update idempotency_keys set answer_status = null, answer_body = null, leased_until = now()')
    const resumed = await idempotent(shop.deps, shop.actor, claim, steps)
    expect(resumed).toEqual({ ...first, replayed: true })
    expect((await listWebhookEndpoints(shop.deps, shop.actor)).items).toHaveLength(1)
  })
})

describe('changing an endpoint', () => {
  test('changes what is named, leaves the rest and keeps both in the audit', async () => {
    const { endpoint } = await create()
    const changed = await updateWebhookEndpoint(shop.deps, shop.actor, {
      endpointId: endpoint.id,
      description: 'the warehouse',
      eventTypes: ['refund.succeeded'],
    })
    expect(changed).toMatchObject({ url: endpoint.url, description: 'the warehouse', eventTypes: ['refund.succeeded'] })
    expect((await audit()).at(-1)).toMatchObject({
      action: 'webhook_endpoint.updated',
      details: { before: { description: '' }, after: { description: 'the warehouse' } },
    })
  })

  test('to disabled ends what is pending as dead, and nothing is queued for it until it is enabled', async () => {
    const { endpoint } = await create()
    await shop.emit()
    const off = { endpointId: endpoint.id, status: 'disabled' } as const
    expect(await updateWebhookEndpoint(shop.deps, shop.actor, off)).toMatchObject({ disabledReason: 'requested' })
    await shop.emit()
    expect(await deliveries()).toMatchObject([{ status: 'dead', dueAt: null, endedAt: expect.any(Date) }])
    const on = { endpointId: endpoint.id, status: 'enabled' } as const
    expect(await updateWebhookEndpoint(shop.deps, shop.actor, on)).toMatchObject({ disabledReason: null })
    await shop.emit()
    expect((await deliveries()).map((delivery) => delivery.status)).toEqual(['pending', 'dead'])
  })

  test('sends what is pending to the new address', async () => {
    const { endpoint } = await create(receiver.url('/old'))
    await shop.emit()
    await updateWebhookEndpoint(shop.deps, shop.actor, { endpointId: endpoint.id, url: receiver.url('/new') })
    await deliverDueWebhooks(shop.deps, 10)
    expect(receiver.received.map((request) => request.path)).toEqual(['/new'])
  })

  test('to an address that is refused changes nothing', async () => {
    const { endpoint } = await create()
    const change = { endpointId: endpoint.id, url: 'http://169.254.169.254/' }
    await expect(updateWebhookEndpoint(shop.deps, shop.actor, change)).rejects.toMatchObject({ code: 'url_refused' })
    expect(await getWebhookEndpoint(shop.deps, shop.actor, endpoint.id)).toEqual(endpoint)
  })
})

describe('deleting an endpoint', () => {
  test('cancels what is pending, however much, and keeps the log', async () => {
    const { endpoint } = await create(receiver.url())
    await shop.emit()
    await deliverDueWebhooks(shop.deps, 10)
    const eventId = await shop.emit()
    await shop.sql(
      `insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, resend, status, due_at, created_at)
       select merchant_id, mode, 'dlv_' || lpad(n::text, 26, '0'), event_id, endpoint_id, n, 'pending', due_at, created_at
         from deliveries, generate_series(1, 2500) n where event_id = $1`,
      [eventId],
    )
    await deleteWebhookEndpoint(shop.deps, shop.actor, { endpointId: endpoint.id })
    const counts = await shop.sql(
      'select status, count(*)::int from deliveries where merchant_id = $1 group by status order by status',
      [shop.actor.tenant.merchantId],
    )
    expect(counts).toEqual([
      { status: 'canceled', count: 2_501 },
      { status: 'delivered', count: 1 },
    ])
    await expect(getWebhookEndpoint(shop.deps, shop.actor, endpoint.id)).rejects.toMatchObject({
      code: 'webhook_endpoint_not_found',
    })
    await expect(deleteWebhookEndpoint(shop.deps, shop.actor, { endpointId: endpoint.id })).rejects.toMatchObject({
      code: 'webhook_endpoint_not_found',
    })
  })

  test('cancels at its due time a delivery that was committed at that moment', async () => {
    const { endpoint } = await create(receiver.url())
    await shop.emit()
    await shop.sql('update webhook_endpoints set deleted_at = now() where id = $1', [endpoint.id])
    await deliverDueWebhooks(shop.deps, 10)
    expect(receiver.received).toEqual([])
    expect(await deliveries()).toMatchObject([{ status: 'canceled', attempts: [] }])
  })

  test('while a webhook is on its way keeps what came of it', async () => {
    const { endpoint } = await create(receiver.url())
    await shop.emit()
    receiver.answer((_, response) => {
      void deleteWebhookEndpoint(shop.deps, shop.actor, { endpointId: endpoint.id }).then(() =>
        response.writeHead(500).end(),
      )
    })
    await deliverDueWebhooks(shop.deps, 10)
    receiver.answer((_, response) => void response.writeHead(204).end())
    expect(await deliveries()).toMatchObject([{ status: 'canceled', attempts: [{ outcome: 'refused', status: 500 }] }])
  })
})

describe('rotating a secret', () => {
  test('answers a new secret and says until when the old one signs along', async () => {
    const { endpoint, secret } = await create()
    const rotated = await rotateWebhookSecret(shop.deps, shop.actor, { endpointId: endpoint.id, overlapSeconds: 60 })
    expect(rotated.secret).not.toBe(secret)
    expect(rotated.endpoint.previousSecretUntil?.getTime()).toBe(rotated.endpoint.updatedAt.getTime() + 60_000)
    const now = await rotateWebhookSecret(shop.deps, shop.actor, { endpointId: endpoint.id, overlapSeconds: 0 })
    expect(now.endpoint.previousSecretUntil).toBeNull()
    expect((await audit()).map((row) => row.action)).toEqual([
      'webhook_endpoint.created',
      'webhook_endpoint.secret_rotated',
      'webhook_endpoint.secret_rotated',
    ])
  })

  test.each([-1, 1.5, 604_801, Number.NaN])('refuses an overlap of %d seconds', async (overlapSeconds) => {
    const { endpoint } = await create()
    const rotation = rotateWebhookSecret(shop.deps, shop.actor, { endpointId: endpoint.id, overlapSeconds })
    await expect(rotation).rejects.toMatchObject({ code: 'field_invalid', details: { field: 'overlap_seconds' } })
  })
})

describe('a test event', () => {
  test('reaches its endpoint alone, whatever that subscribes to', async () => {
    const { endpoint } = await create(receiver.url('/tried'), ['order.paid'])
    await create(receiver.url('/other'))
    const delivery = await sendTestEvent(shop.deps, shop.actor, { endpointId: endpoint.id })
    expect(delivery).toMatchObject({ eventType: 'webhook_endpoint.test', endpointId: endpoint.id, status: 'pending' })
    expect(shop.nudges).toEqual(['deliveries'])
    await deliverDueWebhooks(shop.deps, 10)
    expect(receiver.received.map((request) => request.path)).toEqual(['/tried'])
    expect(JSON.parse(itemAt(receiver.received, 0).body)).toMatchObject({
      type: 'webhook_endpoint.test',
      data: { endpoint_id: endpoint.id },
    })
    expect(await getDelivery(shop.deps, shop.actor, delivery.id)).toMatchObject({ status: 'delivered' })
  })

  test('is refused for an endpoint that is disabled', async () => {
    const { endpoint } = await create()
    await updateWebhookEndpoint(shop.deps, shop.actor, { endpointId: endpoint.id, status: 'disabled' })
    await expect(sendTestEvent(shop.deps, shop.actor, { endpointId: endpoint.id })).rejects.toMatchObject({
      code: 'webhook_endpoint_disabled',
    })
    expect((await listEvents(shop.deps, shop.actor, { limit: 10 })).items).toEqual([])
  })
})

describe('a resend', () => {
  test('asked for five times at once makes five deliveries of the one event', async () => {
    await create(receiver.url())
    const eventId = await shop.emit()
    const deliveryId = itemAt(await deliveries(), 0).id
    await Promise.all(Array.from({ length: 5 }, () => resendDelivery(shop.deps, shop.actor, { deliveryId })))
    const all = await deliveries()
    expect(new Set(all.map((delivery) => delivery.resend))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
    expect(all).toHaveLength(6)
    expect(new Set(all.map((delivery) => delivery.eventId))).toEqual(new Set([eventId]))
  })
})

describe('the lists', () => {
  test('page through events and deliveries, newest first, each once', async () => {
    await create()
    const ids: EventId[] = []
    for (let count = 0; count < 7; count += 1) {
      ids.push(await shop.emit(count % 2 === 0 ? 'order.paid' : 'order.created'))
      await shop.advance('1 minute')
    }
    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await listEvents(shop.deps, shop.actor, { limit: 3, cursor })
      seen.push(...page.items.map((event) => event.id))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(seen).toEqual(ids.toReversed())
    const paid = await listEvents(shop.deps, shop.actor, { type: 'order.paid', limit: 10 })
    expect(paid.items).toHaveLength(4)
    const [newest] = (await listDeliveries(shop.deps, shop.actor, { limit: 1 })).items
    expect(newest?.eventId).toBe(ids.at(-1))
    const of = await listDeliveries(shop.deps, shop.actor, { eventId: itemAt(ids, 2), status: 'pending', limit: 5 })
    expect(of.items).toMatchObject([{ eventId: ids[2] }])
  })

  test('filter events by time, from inclusive to exclusive', async () => {
    const early = await shop.emit()
    await shop.advance('1 hour')
    const late = await shop.emit()
    const { createdAt } = await getEvent(shop.deps, shop.actor, late)
    const ids = async (period: { from?: Date; to?: Date }) =>
      (await listEvents(shop.deps, shop.actor, { ...period, limit: 10 })).items.map((event) => event.id)
    expect(await ids({ from: createdAt })).toEqual([late])
    expect(await ids({ to: createdAt })).toEqual([early])
  })

  test('refuse the cursor of another filter', async () => {
    for (let count = 0; count < 2; count += 1) await shop.emit()
    const { nextCursor } = await listEvents(shop.deps, shop.actor, { limit: 1 })
    const other = listEvents(shop.deps, shop.actor, { limit: 1, type: 'order.paid', cursor: nextCursor ?? '' })
    await expect(other).rejects.toMatchObject({ code: 'cursor_invalid' })
  })
})

describe('another merchant', () => {
  test('sees and changes nothing of ours, and is answered as if it did not exist', async () => {
    const { endpoint } = await create()
    const eventId = await shop.emit()
    const deliveryId = itemAt(await deliveries(), 0).id
    const { deps, actor } = stranger
    const endpointId = endpoint.id
    const attempts = {
      webhook_endpoint_not_found: [
        () => getWebhookEndpoint(deps, actor, endpointId),
        () => updateWebhookEndpoint(deps, actor, { endpointId, status: 'disabled' }),
        () => deleteWebhookEndpoint(deps, actor, { endpointId }),
        () => rotateWebhookSecret(deps, actor, { endpointId }),
        () => resumeWebhookSecret(deps, actor, endpointId),
        () => sendTestEvent(deps, actor, { endpointId }),
      ],
      delivery_not_found: [
        () => getDelivery(deps, actor, deliveryId),
        () => resendDelivery(deps, actor, { deliveryId }),
      ],
      event_not_found: [() => getEvent(deps, actor, eventId), () => getEvent(deps, actor, EventId.create(new Date()))],
    }
    for (const [code, calls] of Object.entries(attempts)) {
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code })
    }
    expect((await listWebhookEndpoints(deps, actor)).items).toEqual([])
    expect((await listDeliveries(deps, actor, { limit: 10 })).items).toEqual([])
    expect((await listEvents(deps, actor, { limit: 10 })).items).toEqual([])
    expect(await getWebhookEndpoint(shop.deps, shop.actor, endpointId)).toEqual(endpoint)
  })
})
