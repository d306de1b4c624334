// The real operations on a real Postgres: seeded interleaving, crashes at any statement, commits that nobody answers.
import { runInterleaved } from '../../src/testing/simulation/interleaved.ts'
import { proof, show, violation } from '../../src/testing/simulation/proof.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'

proof('interleaved', { push: 20_000, nightly: 2_000_000, release: 20_000_000 }, async (run) => {
  const db = await openTestDatabase(30)
  let steps = 0
  let seeds = 0
  const did: Record<string, number> = {}
  try {
    while (steps < run.goal && !run.isOver()) {
      const seed = run.seed + seeds
      const result = await runInterleaved(db, seed)
      if (run.isReplay) show(result.trace)
      if (result.violations.length > 0) throw violation('interleaved', seed, result.violations)
      steps += result.steps
      seeds += 1
      for (const [kind, count] of Object.entries(result.did)) did[kind] = (did[kind] ?? 0) + count
      run.progress(`${steps} steps in ${seeds} runs`)
    }
  } finally {
    await db.close()
  }
  return { counts: { steps, runs: seeds, did }, seeds }
})
