// Moves a merchant's test clock, and the clock of its account at the sandbox gateway, and runs what came due meanwhile.
// No test sleeps: what waits for days in real life is reached by one call.
import { advanceMandates } from '../jobs/advance-mandates.ts'
import { applyDueNotifications } from '../jobs/apply-notifications.ts'
import { expireDue } from '../jobs/expire.ts'
import { syncDueOperations } from '../jobs/sync-operations.ts'
import { delay } from '../kernel/clock.ts'
import type { TestServer } from './start-server.ts'

export async function advanceClock(server: TestServer, seconds: number): Promise<void> {
  await server.db.pools.owner.query(
    `update purser.merchants set clock_offset = clock_offset + $2 * interval '1 second' where id = $1`,
    [server.merchantId, seconds],
  )
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${server.demo.sandbox.account_id}/clock`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.demo.sandbox.admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ advance_ms: seconds * 1_000 }),
  })
  if (!response.ok) throw new Error(`The sandbox's clock did not move: ${await response.text()}`)
  await runDue(server)
}

/** Runs every queue until nothing is due, and waits for what the server's own loops have in hand meanwhile. */
export async function runDue(server: TestServer): Promise<void> {
  const { deps } = server.runtime
  for (let worked = 1; worked > 0; ) {
    worked = await applyDueNotifications(deps, 100)
    worked += await syncDueOperations(deps, 100)
    worked += await expireDue(deps, 100)
    worked += await advanceMandates(deps, 100)
    worked += await inHand(server)
    if (worked > 0) await delay(5)
  }
}

async function inHand(server: TestServer): Promise<number> {
  const { rows } = await server.db.pools.owner.query<{ leased: number }>(
    `select (select count(*) from purser.notifications where leased_until > now())::int
          + (select count(*) from purser.operations where leased_until > now())::int as leased`,
  )
  return rows[0]?.leased ?? 0
}

/** Looks until `look` gives something, for what another process or loop does in its own real time. */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await delay(25)
  }
  throw new Error(`Waited ten seconds in vain for: ${what}`)
}
