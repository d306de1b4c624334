// `npm run check`: the quick loop while working. Everything about the source, and the tests that need no database.
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
  phases.push(await vitestPhase('tests without database', 'vitest.unit.config.ts'))
}
const { text, ok } = summarize(phases)
process.stdout.write(text)
process.exitCode = ok ? 0 : 1
