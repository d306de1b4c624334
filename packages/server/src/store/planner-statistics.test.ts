import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase()
  await database.pools.owner.query(`
    alter table events set (autovacuum_enabled = off);
    alter table deliveries set (autovacuum_enabled = off);
    insert into merchants (id, name, data_key) values ('mer_1', 'Tea', '');
    insert into webhook_endpoints
      (merchant_id, mode, id, url, event_types, status, secret_sealed, created_at, updated_at)
      values ('mer_1', 'test', 'whe_1', 'https://shop.example', '{*}', 'enabled', '', now(), now());
    insert into events
      select 'mer_1', 'test', 'evt_' || n, 'order.paid', 'ord_1', null, null, '{}', now() from generate_series(1, 2000) n;
    insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, status, due_at, created_at)
      select merchant_id, mode, 'dlv_' || id, id, 'whe_1', 'pending', now(), now() from events`)
})
afterAll(() => database.close())

/** How many rows the statement reads in all, whatever it returns. */
async function rowsRead(sql: string): Promise<number> {
  const { rows } = await database.pools.owner.query<{ 'QUERY PLAN': string }>(
    `explain (analyze, costs off, timing off, summary off) ${sql}`,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).not.toMatch(/Seq Scan on (events|deliveries)/)
  const counts = [...plan.matchAll(/Rows Removed by \w+(?: \w+)?: (\d+)|rows=(\d+)\.?\d* loops=(\d+)/g)]
  return counts.reduce((sum, [, removed, rows, loops]) => sum + Number(removed ?? Number(rows) * Number(loops)), 0)
}

test('a table that was never analyzed is read by its key, one row for one row', async () => {
  const { rows } = await database.pools.owner.query(
    `select reltuples from pg_class where relname = 'deliveries' and relnamespace = 'purser'::regnamespace`,
  )
  expect(rows).toEqual([{ reltuples: -1 }])
  const joined = await rowsRead(
    `select e.body from deliveries d join events e using (merchant_id, mode)
      where d.merchant_id = 'mer_1' and d.mode = 'test' and e.id = d.event_id
        and d.id = any(array['dlv_evt_1', 'dlv_evt_999', 'dlv_evt_2000'])`,
  )
  expect(joined).toBeLessThan(50)
  const oldest = await rowsRead(
    `select id from deliveries
      where merchant_id = 'mer_1' and mode = 'test' and endpoint_id = 'whe_1' and due_at <= now()
      order by due_at, id limit 10`,
  )
  expect(oldest).toBeLessThan(50)
})
