// Which tests need nothing but Node: those from which no chain of imports leads to Postgres or to a browser. They are
// the quick half of `npm run check`. Imports of types alone do not count: they are gone when the code runs.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { filesBelow, ROOT } from './fingerprint.mjs'

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s)?[^'"\n;]*?(?:\{[^}]*\})?[^'"\n;]*?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g
const NEEDS_MORE = /^(pg|playwright-core|@sparticuz\/chromium)$/
// Starts a cluster of its own through the programs of the embedded package, without the driver.
const STARTS_POSTGRES = /store\/embedded\/(start|postmaster|initialize-cluster)\.ts$/

/** Paths relative to the project, sorted. */
export function testsWithoutDatabase() {
  const skip = (name) => name === 'dist' || name === 'node_modules'
  const tests = ['packages', 'tools'].flatMap((folder) => filesBelow(join(ROOT, folder), skip)).filter(isUnitTest)
  const known = new Map()
  return tests.filter((file) => !reaches(file, known)).map((file) => relative(ROOT, file))
}

function isUnitTest(file) {
  return /\.test\.(ts|tsx|mjs)$/.test(file) && !/([/\\]test[/\\](browser|chaos)[/\\]|\.proof\.test\.ts$)/.test(file)
}

function reaches(file, known) {
  const answer = known.get(file)
  if (answer !== undefined) return answer
  // Taken for no while its own imports are followed: a cycle adds nothing.
  known.set(file, false)
  const found = STARTS_POSTGRES.test(file) || importsOf(file).some((it) => leadsThere(it, file, known))
  known.set(file, found)
  return found
}

function leadsThere(specifier, from, known) {
  if (NEEDS_MORE.test(specifier)) return true
  const path = resolve(dirname(from), specifier)
  return specifier.startsWith('.') && existsSync(path) && reaches(path, known)
}

function importsOf(file) {
  if (!/\.(ts|tsx|mjs)$/.test(file)) return []
  const found = readFileSync(file, 'utf8').matchAll(IMPORT)
  return [...found].flatMap(([, , type, fixed, dynamic]) => (type === undefined ? [fixed ?? dynamic] : []))
}
