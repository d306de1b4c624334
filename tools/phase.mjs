// One phase of `npm test` or `npm run check`: what it found, in numbers, and how long it took. A phase that breaks
// counts as one failure, so that nothing that went wrong can end in "0 failed".
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.mjs'
import { failuresIn, line, shown } from './failures.mjs'
import { ROOT } from './fingerprint.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { name: string, seconds: string, failures: string[] }} Phase `failures`: a line for each */

const DEADLINE_MS = 10 * 60_000

/**
 * Runs one program that either holds or does not; its output is shown only when it does not.
 * @returns {Promise<Phase>}
 */
export async function checkPhase({ name, args }) {
  const began = Date.now()
  const { ok, output, reason } = await run(process.execPath, args, { cwd: ROOT, deadlineMs: DEADLINE_MS })
  const failures = ok ? [] : [line(name, output.trim() === '' ? reason : output)]
  const phase = { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds: secondsSince(began), failures }
  if (!ok) process.stdout.write(`\n${output.trimEnd()}\n${name} ${reason}.\n\n`)
  report(phase)
  return phase
}

/**
 * Runs Vitest with one configuration and adds up its report.
 * @returns {Promise<Phase>}
 */
export async function vitestPhase(name, config) {
  const began = Date.now()
  const file = join(ROOT, '.cache', `${config}.json`)
  rmSync(file, { force: true })
  process.stdout.write(`\n${name}\n`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...reporters]
  const { ok, reason } = await run(process.execPath, args, { cwd: ROOT, show: true, deadlineMs: DEADLINE_MS })
  const found = readReport(file)
  const counts = countTests(found, ok)
  if (!ok) process.stdout.write(`${name} ${reason}.\n`)
  const named = failuresIn(found, ROOT)
  // What stands nowhere in the report is told, too: an error outside of any test, a run that was stopped.
  const failures = counts.failed > named.length ? [...named, line(name, reason || 'No test was run.')] : named
  const phase = { name, ...counts, seconds: secondsSince(began), failures }
  report(phase)
  return phase
}

/**
 * Adds up a report of Vitest's JSON reporter. A file that could not be loaded has no tests in it and counts as one
 * failure; so does a run that ended badly for a reason that stands nowhere in the report.
 */
export function countTests(found, ok) {
  const files = found?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const unread = files.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed)).length
  const failed = tests.filter(isFailed).length + unread
  const passed = tests.filter((test) => test.status === 'passed').length
  const skipped = tests.length - tests.filter(isFailed).length - passed
  const unexplained = (!ok && failed === 0) || (ok && passed === 0)
  return { passed, failed: failed + (unexplained ? 1 : 0), skipped }
}

/** One line per phase, one per failure, and as the last line of all: `N passed, N failed`. */
export function summarize(phases) {
  const sum = (key) => phases.reduce((total, phase) => total + phase[key], 0)
  const width = Math.max(...phases.map((phase) => phase.name.length))
  const lines = phases.map(({ name, passed, failed, skipped, seconds }) => {
    const counts = `${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`
    return `${name.padEnd(width)} ${seconds.padStart(8)} s ${counts}${skipped > 0 ? ` ${skipped} skipped` : ''}`
  })
  const failures = shown(phases.flatMap((phase) => phase.failures.map((failure) => `✗ ${failure}`)))
  const told = failures.length === 0 ? '' : `\n${failures.join('\n')}\n\n`
  const total = `${sum('passed')} passed, ${sum('failed')} failed`
  return { text: `\n${lines.join('\n')}\n${told}${total}\n`, ok: sum('failed') === 0 }
}

/** A phase that is not a program: installing and building. */
export async function timedPhase(name, work) {
  const began = Date.now()
  try {
    await work()
    return { name, passed: 0, failed: 0, skipped: 0, seconds: secondsSince(began), failures: [] }
  } catch (error) {
    process.stdout.write(`${error.message}\n`)
    const failures = [line(name, error.message)]
    return { name, passed: 0, failed: 1, skipped: 0, seconds: secondsSince(began), failures }
  }
}

function isFailed(test) {
  return test.status === 'failed'
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function report({ name, failed, seconds }) {
  process.stdout.write(`${failed === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`)
}

function secondsSince(began) {
  return ((Date.now() - began) / 1000).toFixed(1)
}
