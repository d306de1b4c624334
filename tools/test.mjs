// `npm test`: everything that CI runs, on a fresh clone as on a worn one. The last line is "N passed, N failed"; a
// phase that broke off counts as failed.
import { ensureBuilt } from './build.mjs'
import { runChecks } from './checks.mjs'
import { passSignalsOn } from './child.mjs'
import { ensureInstalled } from './install.mjs'
import { summarize, timedPhase, vitestPhase } from './phase.mjs'

passSignalsOn()
const phases = [
  await timedPhase('install and build', async () => {
    await ensureInstalled()
    await ensureBuilt()
  }),
]
if (phases[0].failed === 0) {
  phases.push(...(await runChecks()))
  phases.push(await vitestPhase('tests on Postgres', 'vitest.config.ts'))
  phases.push(await vitestPhase('tests in Chromium', 'vitest.browser.config.ts'))
  phases.push(await vitestPhase('kills of real processes', 'vitest.chaos.config.ts'))
  phases.push(await vitestPhase('proof, push tier', 'vitest.proof.config.ts'))
}
const { text, ok } = summarize(phases)
process.stdout.write(text)
process.exitCode = ok ? 0 : 1
