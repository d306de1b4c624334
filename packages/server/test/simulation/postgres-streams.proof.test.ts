// Shuffled, doubled and late notifications through the real entry into Postgres.
import { runPostgresStreams } from '../../src/testing/simulation/postgres-streams.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'

const AT_ONCE = 50

proof('postgres-streams', { push: 2_000, nightly: 50_000, release: 250_000 }, async (run) => {
  const db = await openTestDatabase(20)
  const count = { streams: 0, deliveries: 0 }
  let batches = 0
  try {
    for (; count.streams < run.goal && !run.isOver(); batches += 1) {
      const seed = run.seed + batches
      const { deliveries, violations } = await runPostgresStreams(db, seed, AT_ONCE)
      if (violations.length > 0) throw violation('postgres-streams', seed, violations)
      count.streams += AT_ONCE
      count.deliveries += deliveries
      run.progress(`${count.streams} streams`)
    }
  } finally {
    await db.close()
  }
  return { counts: count, seeds: batches }
})
