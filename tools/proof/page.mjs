// docs/proof.md out of the evidence: what was asked for, what was reached, and what was not, in so many words.
import { existsSync, readFileSync } from 'node:fs'

/** What each suite counts, and how much of it each tier asks for. The suites hold the same numbers. */
export const GOALS = {
  simulation: { counts: 'events', push: 2_000_000, nightly: 100_000_000, release: 1_000_000_000 },
  streams: { counts: 'streams', push: 50_000, nightly: 2_000_000, release: 10_000_000 },
  commands: { counts: 'commands', push: 1_000_000, nightly: 20_000_000, release: 100_000_000 },
  matrices: { counts: 'cells', push: 420, nightly: 420, release: 420 },
  interleaved: { counts: 'steps', push: 20_000, nightly: 2_000_000, release: 20_000_000 },
  'postgres-streams': { counts: 'streams', push: 2_000, nightly: 50_000, release: 250_000 },
  'postgres-commands': { counts: 'commands', push: 5_000, nightly: 100_000, release: 1_000_000 },
  refunds: { counts: 'payments', push: 200, nightly: 2_000, release: 10_000 },
  replays: { counts: 'replays', push: 20_000, nightly: 300_000, release: 1_000_000 },
  kills: { counts: 'kills', push: 100, nightly: 1_000, release: 10_000 },
  planted: { counts: 'caught', push: 20, nightly: 20, release: 20 },
}

const WHAT = {
  simulation: 'decisions of the domain in simulated worlds, in memory',
  streams: 'shuffled, doubled, late notifications of one payment, in memory',
  commands: 'model-based commands, in memory',
  matrices: 'cells of the state x event matrices, each held against what is drawn by hand',
  interleaved: 'statements of the real operations on Postgres, in seeded order, with a crash at any',
  'postgres-streams': 'the same streams through the real entry into Postgres',
  'postgres-commands': 'model-based commands on Postgres',
  refunds: 'payments with 20 refunds at the same instant, over API, dialect, notification, settlement file and worker',
  replays: 'repeats of a request with its Idempotency-Key, 64 of them at the same instant',
  kills: 'kill -9 of the server under load, every twentieth one of Postgres too',
  planted: 'bugs planted on purpose, and caught',
}

/** @param {string} file */
export function readLines(file) {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** Slices of one suite and tier add up. */
export function totalOf(suite, lines) {
  const own = lines.filter((line) => line.suite === suite)
  const sum = (key) => own.reduce((total, line) => total + (line[key] ?? 0), 0)
  return { reached: sum(GOALS[suite].counts), seconds: sum('seconds'), slices: own.length }
}

export function proofPage(push, slices, planted) {
  const tiers = { push: push?.suites ?? [], ...slices }
  const sections = Object.entries(tiers).map(([tier, lines]) => sectionOf(tier, lines))
  return `# Proof

Made from \`evidence.json\` and \`evidence/*.jsonl\` by \`npm run proof -- --page\`. Every number below was counted by a run
that found no violation; a run that finds one writes nothing. One seed of a suite runs again with
\`npm run proof -- --replay <suite>:<seed>\`.
${push === undefined ? '' : `\nThe push tier ran on ${push.machine}.\n`}
${sections.join('\n')}
${coverageSection(tiers.push)}${matricesSection(tiers.push)}## Planted bugs

Each is a patch in \`packages/server/test/planted\`, applied to a copy of the sources. The quick suites must be red with it
and green without.

${planted.map((name) => `- ${name.replace(/\.patch$/, '')}`).join('\n')}
`
}

function sectionOf(tier, lines) {
  const rows = Object.keys(GOALS).map((suite) => ({ suite, goal: GOALS[suite][tier], ...totalOf(suite, lines) }))
  const table = rows.map(
    ({ suite, goal, reached, seconds }) =>
      `| ${suite} | ${WHAT[suite]} | ${number(goal)} | ${number(reached)} | 0 | ${Math.round(seconds)} s |`,
  )
  const missed = rows.filter(({ goal, reached }) => reached < goal)
  const said =
    missed.length === 0
      ? 'All of it was reached.'
      : `Not reached: ${missed.map(({ suite, goal, reached }) => `${suite} (${number(reached)} of ${number(goal)})`).join(', ')}.`
  return `## The ${tier} tier

| Suite | What is counted | Asked for | Reached | Violations | Time |
| --- | --- | ---: | ---: | ---: | ---: |
${table.join('\n')}

${said}
`
}

/** What the suites on Postgres drove, by kind, as they counted it; nothing where no run has counted. */
function coverageSection(lines) {
  const suites = ['interleaved', 'postgres-commands']
  const counts = suites.map((suite) => lines.findLast((line) => line.suite === suite)?.did ?? {})
  const kinds = [...new Set(counts.flatMap((did) => Object.keys(did)))].sort()
  if (kinds.length === 0) return ''
  const cell = (count) => (count === undefined ? '' : number(count))
  const rows = kinds.map((kind) => `| ${kind} | ${counts.map((did) => cell(did[kind])).join(' | ')} |`)
  return `## What the generated runs drive

How often each kind of request went through in the push tier, refusals not counted. Beside them the gateway's bank, its
notifications and our own workers act in every run. Disputes, offline payments, pre-debit notices and changes of a
mandate are not generated: their own tests drive them.

| Kind | ${suites.join(' | ')} |
| --- | ${suites.map(() => '---:').join(' | ')} |
${rows.join('\n')}

`
}

/** How many cells each matrix has; nothing where no run has counted them. */
function matricesSection(lines) {
  const found = lines.findLast((line) => line.suite === 'matrices')
  if (found?.byMatrix === undefined) return ''
  const rows = Object.entries(found.byMatrix).sort(([a], [b]) => (a < b ? -1 : 1))
  return `## The matrices

Each cell is a status and what is heard in it, and was held against an expectation that was written down by hand and not
from the code (\`packages/server/src/testing/simulation/matrices\`). Of ${number(found.cells)} cells ${number(found.onPostgres)} were reached by doing it on
Postgres through the operations, the others by asking the pure decision. A state table without a drawing is a violation,
and so is a move that the database allows and no drawing knows.

| Matrix | Cells |
| --- | ---: |
${rows.map(([matrix, cells]) => `| ${matrix.replaceAll('_', ' ')} | ${number(cells)} |`).join('\n')}

`
}

const number = (value) => value.toLocaleString('en-US')
