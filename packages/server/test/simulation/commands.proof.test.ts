// Model-based commands in memory: fast-check draws what may happen to one order and shrinks what breaks it.
import fc from 'fast-check'
import { counted, everyCommand, freshOrder } from '../../src/testing/simulation/commands.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'

const RUNS_AT_ONCE = 1_000
const MOST_COMMANDS = 120

const terms = fc.record({
  lateSuccess: fc.constantFrom('accept' as const, 'refund' as const),
  capture: fc.constantFrom('automatic' as const, 'manual' as const),
})
const property = fc.property(terms, everyCommand(MOST_COMMANDS), ({ lateSuccess, capture }, commands) =>
  fc.modelRun(() => freshOrder(lateSuccess, capture), commands),
)

proof('commands', { push: 1_000_000, nightly: 20_000_000, release: 100_000_000 }, async (run) => {
  const before = counted.commands
  let rounds = 0
  for (; counted.commands - before < run.goal && !run.isOver(); rounds += 1) {
    const seed = run.seed + rounds
    const checked = fc.check(property, { numRuns: RUNS_AT_ONCE, seed })
    if (checked.failed) throw violation('commands', seed, [fc.defaultReportMessage(checked) ?? 'It failed.'])
    run.progress(`${counted.commands - before} commands`)
  }
  return { counts: { commands: counted.commands - before, sequences: rounds * RUNS_AT_ONCE }, seeds: rounds }
})
