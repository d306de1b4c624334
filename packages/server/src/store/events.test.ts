import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventBody } from '../domain/webhook/event.ts'
import { MerchantId, WebhookEndpointId } from '../kernel/ids.ts'
import type { Mode, Tenant } from '../kernel/ids.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import type { Tx } from './db.ts'
import { insertEvent } from './events.ts'

let database: TestDatabase
let tenant: Tenant

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  tenant = await createMerchant('test')
})

describe('insertEvent', () => {
  test('makes one delivery for each enabled endpoint whose types name the event or everything', async () => {
    const named = await createEndpoint({ eventTypes: ['order.paid', 'order.created'] })
    const everything = await createEndpoint({ eventTypes: ['*'] })
    await createEndpoint({ eventTypes: ['order.expired'] })
    await createEndpoint({ eventTypes: ['*'], status: 'disabled' })
    await createEndpoint({ eventTypes: ['*'], deleted: true })
    const id = await database.store.inTransaction(tenant, (tx) => insertOrderPaid(tx))
    const rows = await deliveries(id)
    expect(new Set(rows.map((row) => row.endpoint_id))).toEqual(new Set([named, everything]))
    expect(new Set(rows.map((row) => row.id)).size).toBe(2)
    for (const row of rows) {
      expect(row.id).toMatch(/^dlv_[0-9a-z]{26}$/)
      expect(row).toMatchObject({ status: 'pending', tries: 0, resend: 0 })
    }
  })

  test('is due at once in the time of the merchant', async () => {
    await createEndpoint({ eventTypes: ['*'] })
    await database.pools.owner.query(`update merchants set clock_offset = '3 days' where id = $1`, [tenant.merchantId])
    const { id, now } = await database.store.inTransaction(tenant, async (tx) => ({
      id: await insertOrderPaid(tx),
      now: tx.now,
    }))
    expect(await deliveries(id)).toMatchObject([{ due_at: now, created_at: now }])
  })

  test('leaves nothing behind when the change rolls back', async () => {
    await createEndpoint({ eventTypes: ['*'] })
    const failed = database.store.inTransaction(tenant, async (tx) => {
      await insertOrderPaid(tx)
      throw new Error('the change fails')
    })
    await expect(failed).rejects.toThrow('the change fails')
    const { rows } = await database.pools.owner.query(
      `select (select count(*)::int from events where merchant_id = $1) as events,
              (select count(*)::int from deliveries where merchant_id = $1) as deliveries`,
      [tenant.merchantId],
    )
    expect(rows).toEqual([{ events: 0, deliveries: 0 }])
  })

  test('reaches no endpoint of another merchant or of the other mode', async () => {
    await createEndpoint({ eventTypes: ['*'] }, await createMerchant('test'))
    await createEndpoint({ eventTypes: ['*'] }, { ...tenant, mode: 'live' })
    const id = await database.store.inTransaction(tenant, (tx) => insertOrderPaid(tx))
    expect(await deliveries(id)).toEqual([])
  })
})

function insertOrderPaid(tx: Tx) {
  const body = eventBody('order.paid', tx.now, { endpoint_id: 'unused' })
  return insertEvent(tx, { type: 'order.paid', objectId: 'ord_1', orderId: 'ord_1', paymentId: null, body })
}

async function deliveries(eventId: string) {
  const { rows } = await database.pools.owner.query('select * from deliveries where event_id = $1', [eventId])
  return rows
}

async function createMerchant(mode: Mode): Promise<Tenant> {
  const merchantId = MerchantId.create(new Date())
  await database.pools.owner.query(`insert into merchants (id, name, data_key) values ($1, 'Tea', '')`, [merchantId])
  return { merchantId, mode }
}

async function createEndpoint(
  given: { eventTypes: string[]; status?: string; deleted?: boolean },
  owner: Tenant = tenant,
): Promise<string> {
  const id = WebhookEndpointId.create(new Date())
  await database.pools.owner.query(
    `insert into webhook_endpoints
       (merchant_id, mode, id, url, event_types, status, disabled_reason, secret_sealed, created_at, updated_at, deleted_at)
     values ($1, $2, $3, 'https://shop.example/hook', $4, $5, case when $5 = 'disabled' then 'requested' end, '', now(),
             now(), case when $6 then now() end)`,
    [owner.merchantId, owner.mode, id, given.eventTypes, given.status ?? 'enabled', given.deleted === true],
  )
  return id
}
