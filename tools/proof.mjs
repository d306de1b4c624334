// `npm run proof`: the proof suites in any tier, and one seed of one suite again. The push tier runs whole and writes
// evidence.json; nightly and release run in slices that append to evidence/<tier>.jsonl and go on where the last slice
// stopped. docs/proof.md is made of both.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { passSignalsOn, run } from './child.mjs'
import { ROOT } from './fingerprint.mjs'
import { ensureInstalled } from './install.mjs'
import { GOALS, proofPage, readLines } from './proof/page.mjs'

const TIERS = ['push', 'nightly', 'release']
const HELP = `Usage: npm run proof -- --tier push | nightly | release [--suite <name>] [--minutes n]
       npm run proof -- --replay <suite>:<seed>
       npm run proof -- --page

  --tier      how much is asked for; push is what npm test runs
  --suite     only this one: ${Object.keys(GOALS).join(', ')}
  --minutes   at most so long per suite (push 15, else 60); a later slice goes on after the seeds of this one
  --replay    one seed again, with a trace of what happened where there is one
  --page      writes docs/proof.md anew from the evidence
`

const { values } = parseArgs({
  options: {
    tier: { type: 'string' },
    suite: { type: 'string' },
    minutes: { type: 'string' },
    replay: { type: 'string' },
    page: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

passSignalsOn()
const { tier, suite, replay, page } = values
const isKnown = (name) => name === undefined || Object.hasOwn(GOALS, name)
const wanted = replay?.split(':')[0] ?? suite
const asksForSomething = page || replay !== undefined || (tier !== undefined && TIERS.includes(tier))
if (values.help || !asksForSomething || !isKnown(wanted)) {
  process.stdout.write(HELP)
  process.exitCode = values.help ? 0 : 2
} else if (page) {
  writePage()
} else {
  await ensureInstalled()
  // Only what is killed is started as it is built; the other suites run the sources.
  if (wanted === undefined || wanted === 'kills') await ensureBuilt()
  process.exitCode = (await prove()) ? 0 : 1
}

async function prove() {
  if (replay !== undefined) return runSuite(wanted, { PROOF_REPLAY: replay })
  const suites = suite === undefined ? Object.keys(GOALS) : [suite]
  const began = Date.now()
  let ok = true
  for (const name of suites) {
    const file = join(ROOT, '.cache', 'proof', `${name}.jsonl`)
    rmSync(file, { force: true })
    process.stdout.write(`\n${name}, ${tier} tier\n`)
    const minutes = values.minutes === undefined ? {} : { PROOF_MINUTES: values.minutes }
    const passed = await runSuite(name, {
      PROOF_TIER: tier,
      PROOF_OUT: file,
      PROOF_SEED: String(nextSeed(name)),
      ...minutes,
    })
    ok &&= passed
    if (passed) keep(readLines(file), began)
  }
  writePage()
  return ok
}

async function runSuite(name, env) {
  const words = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'vitest.proof.config.ts',
    `/${name}.proof`,
  ]
  const { ok } = await run(process.execPath, words, { cwd: ROOT, show: true, env: { ...process.env, ...env } })
  return ok
}

/** A slice goes on after the seeds that the slices before it used; the push tier is the same every time. */
function nextSeed(name) {
  if (tier === 'push') return 1
  const used = readLines(evidenceOf(tier)).filter((line) => line.suite === name)
  return used.reduce((next, line) => Math.max(next, line.seed + line.seeds), 1)
}

function keep(lines, began) {
  if (tier !== 'push') {
    mkdirSync(join(ROOT, 'evidence'), { recursive: true })
    for (const line of lines) appendFileSync(evidenceOf(tier), `${JSON.stringify(line)}\n`)
    return
  }
  const file = join(ROOT, 'evidence.json')
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).suites : []
  const fresh = new Set(lines.map((line) => line.suite))
  const suites = [...before.filter((line) => !fresh.has(line.suite)), ...lines].sort((a, b) =>
    a.suite < b.suite ? -1 : 1,
  )
  const seconds = Math.round((Date.now() - began) / 1000)
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  writeFileSync(file, `${JSON.stringify({ tier, machine, seconds, suites }, null, 2)}\n`)
}

function evidenceOf(name) {
  return join(ROOT, 'evidence', `${name}.jsonl`)
}

function writePage() {
  const push = existsSync(join(ROOT, 'evidence.json'))
    ? JSON.parse(readFileSync(join(ROOT, 'evidence.json'), 'utf8'))
    : undefined
  const planted = readdirSync(join(ROOT, 'packages/server/test/planted')).filter((name) => name.endsWith('.patch'))
  const slices = { nightly: readLines(evidenceOf('nightly')), release: readLines(evidenceOf('release')) }
  writeFileSync(join(ROOT, 'docs', 'proof.md'), proofPage(push, slices, planted.sort()))
}
