// Twenty refunds of one payment at the same instant, two hundred payments over, split over every entry there is: our
// API, the dialect's route, refunds that somebody makes at the gateway and that a notification tells us of, others that
// only a settlement file tells of, and the worker that asks. Two books are compared: nothing is given back beyond the
// capture, and what fits is not turned away for good.
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { syncDueOperations } from '../../src/jobs/sync-operations.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { AMOUNT, ENTRIES, lateNews, openEntries, PART, untilPaidOut, WAYS } from './refund-entries.ts'
import type { Count, Entries, Paid } from './refund-entries.ts'

const PAYMENTS_AT_ONCE = 20
const RECONCILERS = 4

proof('refunds', { push: 200, nightly: 2_000, release: 10_000 }, async (run) => {
  const server = await startTestServer({ poolSize: 20 })
  const count: Count = {
    refunds: 0,
    taken: 0,
    refused: 0,
    byEntry: { api: 0, dialect: 0, notification: 0, settlement: 0 },
  }
  let payments = 0
  try {
    for (; payments < run.goal && !run.isOver(); payments += PAYMENTS_AT_ONCE) {
      const faults = await raceOnce(server, count)
      if (faults.length > 0) throw violation('refunds', run.seed, faults)
      run.progress(`${payments} payments x ${WAYS}`)
    }
    await settle(server)
    const { violations } = await verifyServer(server)
    const faults = violations.map(({ invariant, object, what }) => `verify ${invariant} ${object}: ${what}`)
    faults.push(...server.errors.map((error) => error.message))
    if (faults.length > 0) throw violation('refunds', run.seed, faults)
  } finally {
    await server.close()
  }
  const { byEntry, ...sums } = count
  for (const [entry, moved] of Object.entries(byEntry)) {
    if (moved === 0) throw violation('refunds', run.seed, [`No refund came in by the entry ${entry}.`])
  }
  return { counts: { payments, ways: WAYS, ...sums, ...byEntry }, seeds: 1 }
})

async function raceOnce(server: TestServer, count: Count): Promise<string[]> {
  const entries = await openEntries(server, count)
  const paid = await Promise.all(Array.from({ length: PAYMENTS_AT_ONCE }, () => entries.pay()))
  await Promise.all(paid.map((payment) => entries.refundUntold(payment)))
  await untilPaidOut(server)
  const calls = paid.flatMap((payment) => entries.ways(payment))
  const reconciling = Array.from({ length: RECONCILERS }, () => () => entries.reconcile())
  const asking = Array.from({ length: WAYS }, () => () => syncDueOperations(server.runtime.deps, 100))
  await Promise.all([...reconciling, ...interleave(calls), ...asking].map((call) => call()))
  // What the file told first has come in by the file; what did not fit at that moment is told once more.
  count.byEntry.settlement += await entries.countUntold(paid)
  await lateNews(server, paid)
  await settle(server)
  const faults = await Promise.all(paid.map((payment) => judge(server, entries, payment)))
  return faults.flat()
}

/** One of each payment in turn, so that all payments race at once. */
function interleave<T>(items: readonly T[]): T[] {
  const each = items.length / PAYMENTS_AT_ONCE
  return items
    .map((item, at) => ({ item, turn: at % each }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item)
}

async function settle(server: TestServer): Promise<void> {
  await eventually(async () => {
    await advanceClock(server, 120)
    const { rows } = await server.db.pools.owner.query<{ open: number }>(
      `select (select count(*) from purser.refunds where status in ('pending', 'unknown'))::int
            + (select count(*) from purser.notifications where status in ('received', 'parked'))::int
            + (select count(*) from sandbox.refunds where status = 'PROCESSING')::int as open`,
    )
    return rows[0]?.open === 0 ? true : undefined
  }, 'every refund to settle')
}

async function judge(server: TestServer, entries: Entries, { paymentId, orderReference }: Paid): Promise<string[]> {
  const ours = await entries.refunded(paymentId)
  const { rows } = await server.db.pools.owner.query<{ total: number }>(
    `select coalesce(sum(r.amount), 0)::int as total from sandbox.refunds r
       join sandbox.payments p on p.id = r.payment_id where p.reference = $1 and r.status = 'RETURNED'`,
    [paymentId],
  )
  const theirs = rows[0]?.total ?? 0
  const faults: string[] = []
  if (ours > AMOUNT) faults.push(`${paymentId} gave back ${ours} of ${AMOUNT}`)
  if (ours !== theirs) faults.push(`${paymentId} gave back ${ours}, at the gateway ${theirs}`)
  // Whatever still fits is taken now: a race may delay a legal refund, not forbid it.
  const left = Math.floor((AMOUNT - ours) / PART)
  for (let more = 0; more < left; more += 1) {
    if (!(await ENTRIES.api(server, paymentId))) faults.push(`${paymentId} turns a legal refund away`)
  }
  if (await ENTRIES.api(server, paymentId)) faults.push(`${paymentId} takes a refund too many from the API`)
  if (await ENTRIES.dialect(server, orderReference)) faults.push(`${paymentId} takes one too many from the dialect`)
  return faults
}
