// What the bench found, as a table on the terminal and in docs/performance.md, between two markers per measurement, so
// that a run of one leaves the others' figures alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../fingerprint.mjs'

const PAGE = join(ROOT, 'docs', 'performance.md')
const INTRODUCTION = `# Performance

Measured by \`npm run bench\`, which also writes the figures below. Rates depend on the machine and on what else it does,
so what counts is the ratio to a baseline that ran on the same cluster in the same minute: \`pgbench\` (or the bare driver)
writing the rows of one order per transaction, in one statement, without any server before it.

Commits are durable (\`fsync\` on). Latencies are those of an open loop at half of the highest rate, counted from when a
request was due, so that waiting behind a slow one is part of it.
`

/** @param {Record<string, string>} row names to values */
export function tableOf(row) {
  const lines = Object.entries(row).map(([name, value]) => `| ${name} | ${value} |`)
  return ['| | |', '|---|---|', ...lines].join('\n')
}

export function rateRows(noun, { rate, base, by, ratio, halfLoad }) {
  return {
    [`${noun} per second`]: whole(rate),
    [`${by}, transactions per second`]: whole(base),
    'ratio (median of the rounds)': ratio.toFixed(3),
    'p50 at half load': `${halfLoad.p50.toFixed(1)} ms`,
    'p99 at half load': `${halfLoad.p99.toFixed(1)} ms`,
  }
}

export function startRows({ first, later, memoryMb }) {
  return {
    'first start, after installing and building': `${(first / 1_000).toFixed(2)} s`,
    'later start, median of 5': `${(later / 1_000).toFixed(2)} s`,
    'memory of the server when ready, without Postgres': `${whole(memoryMb)} MB`,
  }
}

export function pageRows({ requests, bytes, usable, longTasks, opened, sdkBytes }) {
  return {
    'payment page, everything it loads, as sent': `${(bytes / 1_000).toFixed(1)} kB in ${requests} requests`,
    'web SDK, gzip': `${(sdkBytes / 1_000).toFixed(1)} kB`,
    'from navigation to a page that can be used, empty cache': `${whole(usable)} ms`,
    'from process to a page that can be used, initiated before': `${whole(opened)} ms`,
    'tasks of more than 50 ms while it loads': whole(longTasks),
  }
}

/** Replaces what stands between the markers of `name`, or adds it at the end. */
export function writeSection(name, title, table, page = PAGE) {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : INTRODUCTION
  writeFileSync(page, withSection(before, name, `## ${title}\n\n${machine()}\n\n${table}`))
}

export function withSection(text, name, content) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const section = `${open}\n${content}\n${close}`
  const from = text.indexOf(open)
  const to = text.indexOf(close)
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${section}\n`
  return text.slice(0, from) + section + text.slice(to + close.length)
}

function machine() {
  const cores = cpus()
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}.`
}

function whole(number) {
  return Math.round(number).toLocaleString('en')
}
