// Moves a merchant's test clock over the API, which moves the clock of its account at the sandbox gateway along and
// does what comes due meanwhile. No test sleeps: what waits for days in real life is reached by one call.
import { randomUUID } from 'node:crypto'
import { runDueWork } from '../jobs/list.ts'
import { delay } from '../kernel/clock.ts'
import type { TestServer } from './start-server.ts'

export async function advanceClock(server: TestServer, seconds: number): Promise<void> {
  const response = await fetch(`${server.baseUrl}/v1/test-clock/advance`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.secretKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ seconds }),
  })
  if (!response.ok) throw new Error(`The clock did not move: ${await response.text()}`)
}

/** Runs every queue until nothing is due, and waits for what the server's own loops have in hand meanwhile. */
export async function runDue(server: TestServer): Promise<void> {
  const { deps } = server.runtime
  for (let worked = 1; worked > 0; ) {
    worked = (await runDueWork(deps)) + (await inHand(server))
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
