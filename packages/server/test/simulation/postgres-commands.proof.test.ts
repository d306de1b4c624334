// Model-based commands on Postgres, drawn and shrunk by fast-check.
import fc from 'fast-check'
import { counted } from '../../src/testing/simulation/bench.ts'
import { everyCommand, judgeBench, openBench } from '../../src/testing/simulation/postgres-commands.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'

const RUNS_AT_ONCE = 20
const MOST_COMMANDS = 40

proof('postgres-commands', { push: 5_000, nightly: 100_000, release: 1_000_000 }, async (run) => {
  const db = await openTestDatabase(10)
  let rounds = 0
  const capture = fc.constantFrom('automatic' as const, 'manual' as const)
  try {
    for (; counted.commands < run.goal && !run.isOver(); rounds += 1) {
      const seed = run.seed + rounds
      const property = fc.asyncProperty(capture, everyCommand(MOST_COMMANDS), async (how, commands) => {
        const real = await openBench(db, seed, how)
        await fc.asyncModelRun(() => ({ model: {}, real }), commands)
        const faults = await judgeBench(real)
        if (faults.length > 0) throw new Error(faults.join('\n'))
      })
      const checked = await fc.check(property, { numRuns: RUNS_AT_ONCE, seed })
      if (checked.failed)
        throw violation('postgres-commands', seed, [
          fc.defaultReportMessage(checked) ?? 'It failed.',
          String(checked.errorInstance),
        ])
      run.progress(`${counted.commands} commands`)
    }
  } finally {
    await db.close()
  }
  const { commands, did } = counted
  return { counts: { commands, sequences: rounds * RUNS_AT_ONCE, did }, seeds: rounds }
})
