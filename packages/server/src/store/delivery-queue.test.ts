import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { setUpWebhooks } from '../testing/webhook-setup.ts'
import type { WebhookSetup } from '../testing/webhook-setup.ts'
import type { QueueDb } from './db.ts'
import { leaseDueDeliveries } from './delivery-queue.ts'

let database: TestDatabase
let shop: WebhookSetup

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  shop = await setUpWebhooks(database)
})
afterEach(async () => {
  await shop.close()
  await database.pools.owner.query('truncate deliveries, events, webhook_endpoints cascade')
})

function claim(client: pg.Pool | pg.ClientBase, leaseToken: string, limit = 10) {
  return leaseDueDeliveries(client as unknown as QueueDb, {
    leaseToken,
    leaseSeconds: 60,
    limit,
    perEndpoint: 20,
    perFailingEndpoint: 2,
  })
}

async function givenDue(count: number): Promise<void> {
  await shop.createEndpoint({ url: 'https://shop.example/hook' })
  for (let made = 0; made < count; made += 1) await shop.emit()
}

describe('leaseDueDeliveries', () => {
  test('passes over what another claim is taking at this moment, without waiting for it', async () => {
    await givenDue(15)
    const other = await database.pools.queue.connect()
    try {
      await other.query('begin')
      const theirs = await claim(other, 'theirs')
      // Theirs is not committed: a claim that waited for it would not come back.
      const ours = await claim(database.pools.queue, 'ours')
      await other.query('commit')
      expect([theirs.length, ours.length]).toEqual([10, 5])
      expect(new Set([...theirs, ...ours].map((delivery) => delivery.id)).size).toBe(15)
    } finally {
      other.release(true)
    }
  })

  test('gives nothing twice, however many claim at once', async () => {
    await givenDue(60)
    const claims: string[] = []
    for (let round = 0; claims.length < 60; round += 1) {
      const found = await Promise.all(
        Array.from({ length: 8 }, (_, worker) => claim(database.pools.queue, `${round}-${worker}`, 3)),
      )
      claims.push(...found.flat().map((delivery) => delivery.id))
      // Settled at once, so that the window of the endpoint moves on.
      await database.pools.owner.query(
        `update deliveries set status = 'delivered', due_at = null, ended_at = now() where id = any($1)`,
        [claims],
      )
    }
    expect(claims).toHaveLength(60)
    expect(new Set(claims).size).toBe(60)
  })

  test('says which endpoints may have more that is due', async () => {
    await givenDue(20)
    expect((await claim(database.pools.queue, 'a', 1)).map((delivery) => delivery.isCrowded)).toEqual([true])
    await database.pools.owner.query(
      `delete from deliveries where lease_token is null and id < (select max(id) from deliveries)`,
    )
    expect((await claim(database.pools.queue, 'b', 1)).map((delivery) => delivery.isCrowded)).toEqual([false])
  })

  test('shows the queue role neither addresses nor secrets nor what is sent', async () => {
    for (const column of ['url', 'secret_sealed', 'event_types']) {
      const looking = database.pools.queue.query(`select ${column} from webhook_endpoints`)
      await expect(looking).rejects.toThrow('permission denied')
    }
    await expect(database.pools.queue.query('select body from events')).rejects.toThrow('permission denied')
    await expect(database.pools.queue.query(`update deliveries set status = 'dead'`)).rejects.toThrow(
      'permission denied',
    )
  })
})
