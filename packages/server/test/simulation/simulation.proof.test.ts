// The pure simulation: worlds in virtual time through the real decisions of the domain (src/testing/simulation).
import { proof, show, violation } from '../../src/testing/simulation/proof.ts'
import { runWorld } from '../../src/testing/simulation/world.ts'

proof('simulation', { push: 2_000_000, nightly: 100_000_000, release: 1_000_000_000 }, async (run) => {
  let events = 0
  let worlds = 0
  while (events < run.goal && !run.isOver()) {
    const seed = run.seed + worlds
    const world = runWorld(seed, { trace: run.isReplay })
    if (run.isReplay) show(world.trace)
    if (world.violations.length > 0) throw violation('simulation', seed, world.violations)
    events += world.events
    worlds += 1
    run.progress(`${events} events in ${worlds} worlds`)
  }
  return { counts: { events, worlds }, seeds: worlds }
})
