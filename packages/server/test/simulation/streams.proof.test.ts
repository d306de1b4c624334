// Notifications of one payment's life, shuffled, up to five times each, a third lost until the end: in memory.
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { runStream } from '../../src/testing/simulation/stream.ts'

proof('streams', { push: 50_000, nightly: 2_000_000, release: 10_000_000 }, async (run) => {
  let streams = 0
  let deliveries = 0
  for (; streams < run.goal && !run.isOver(); streams += 1) {
    const seed = run.seed + streams
    const stream = runStream(seed)
    if (stream.violations.length > 0) throw violation('streams', seed, stream.violations)
    deliveries += stream.deliveries
    run.progress(`${streams} streams`)
  }
  return { counts: { streams, deliveries }, seeds: streams }
})
