// The audit is a chain: linked a moment after it was written, by one worker at a time, and whoever takes a row away or
// rewrites one is found out.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkAuditOf, oldestUnlinkedSeconds } from '../../src/operations/link-audit.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(() => server.close())

const sql = (text: string, ...values: unknown[]) => server.db.pools.owner.query(text, values)
const counts = async () => {
  const { rows } = await sql(
    `select (select count(*) from audit)::int as audit, (select count(*) from audit_links)::int as links,
            (select count(*) from audit_unlinked)::int as unlinked`,
  )
  return rows[0]
}
const wrong = async () =>
  (await verifyServer(server)).violations.filter(({ invariant }) => invariant === 'I22').map(({ what }) => what)

test('every row is linked once, whoever links at the same instant', async () => {
  for (let count = 0; count < 5; count += 1) {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 100, reason: 'other' })
  }
  const { deps } = server.runtime
  await Promise.all([1, 2, 3, 4].map(() => linkAuditOf(deps, server.tenant)))
  await runDue(server)
  const { audit, links, unlinked } = await counts()
  expect(audit).toBeGreaterThan(5)
  expect([links, unlinked]).toEqual([audit, 0])
  expect(await oldestUnlinkedSeconds(deps)).toBe(0)
  expect(await wrong()).toEqual([])
})

test.each([
  ['a row that was rewritten', `update audit set actor = 'key:somebody_else' where id = (select min(id) from audit)`],
  ['a detail that was rewritten', `update audit set details = '{"amount":"1"}' where action = 'refund.created'`],
  ['a row that was taken away', `delete from audit where id = (select max(id) from audit)`],
  ['a link that was taken away', `delete from audit_links where position = 2`],
  ['the last link and its head', `delete from audit_links where position = (select max(position) from audit_links)`],
  [
    'a row that nobody links',
    `insert into audit (merchant_id, mode, id, actor, action, object_id)
     select merchant_id, mode, 'aud_99999999999999999999999999', 'nobody:', 'x', 'x' from audit limit 1`,
  ],
])('%s is found out', async (_what, damage) => {
  const client = await server.db.pools.owner.connect()
  const tables = ['audit', 'audit_links']
  try {
    await client.query('set session_replication_role = replica')
    for (const table of tables) await client.query(`create temp table kept_${table} as select * from purser.${table}`)
    expect((await client.query(damage)).rowCount).toBeGreaterThan(0)
    expect(await wrong()).not.toEqual([])
  } finally {
    for (const table of tables.toReversed()) {
      await client.query(`delete from purser.${table}`)
      await client.query(`insert into purser.${table} select * from kept_${table}`)
      await client.query(`drop table kept_${table}`)
    }
    await client.query('set session_replication_role = origin')
    client.release()
  }
  expect(await wrong()).toEqual([])
})

test('a tail that is older than a minute is an alarm: an error in the log, a figure, and a violation', async () => {
  await merchant.order()
  await runDue(server)
  const client = await server.db.pools.owner.connect()
  try {
    // Held, as by a worker that stands still.
    await client.query('begin')
    await client.query('select from audit_heads for update')
    await merchant.post('/v1/refund-approval-thresholds', { amount: 100_000_000, currency: 'INR' })
    await sql(`update audit_unlinked set at = now() - interval '61 seconds'`)
    expect(await wrong()).toHaveLength(1)
    expect(await oldestUnlinkedSeconds(server.runtime.deps)).toBeGreaterThan(60)
    const metrics = await (await fetch(`${server.baseUrl}/metrics`)).text()
    expect(metrics).toMatch(/^purser_audit_unlinked_seconds 6\d/m)
    await server.runtime.deps.runDueWork(server.tenant)
    expect(server.errors.map(({ message }) => message)).toContain('The audit was not linked in time.')
  } finally {
    await client.query('rollback')
    client.release()
  }
  await runDue(server)
  expect(await wrong()).toEqual([])
})
