// Builds what `npm start` runs, and only what changed: the server with what it shares, the payment page, the dashboard.
// Two at once wait for each other. The record of a part is forgotten before its build and written after it, so that a
// kill in between means: build again.
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { passSignalsOn, run } from './child.mjs'
import { filesBelow, fingerprint, forgetRecord, readRecord, ROOT, writeRecord } from './fingerprint.mjs'
import { ensureInstalled } from './install.mjs'
import { withPidLock } from './pid-lock.mjs'
import { withProgress } from './progress.mjs'

const COMPILED = ['protocol', 'server', 'cli']
const BUNDLED = ['checkout', 'dashboard']
// What the running server reads beside its own code.
const ASSETS = /\.(sql|ttf)$/
const COMPILER_OUTPUT = /\.(js|d\.ts|js\.map|d\.ts\.map)$/

const inPackage = (name, ...rest) => join(ROOT, 'packages', name, ...rest)
const isTestCode = (name) => name === 'testing' || /\.test\.tsx?$/.test(name)
const isOutput = (name) => name === 'dist' || name === 'node_modules' || name.endsWith('.tsbuildinfo')
const configuration = () => ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json', 'tools/build.mjs'].map(inRoot)
const inRoot = (path) => join(ROOT, path)

const PARTS = [
  {
    name: 'server',
    sources: () => [
      ...configuration(),
      ...COMPILED.flatMap((name) => [inPackage(name, 'tsconfig.json'), inPackage(name, 'package.json')]),
      ...COMPILED.flatMap((name) => filesBelow(inPackage(name, 'src'), isTestCode)),
      ...filesBelow(inRoot('examples/shop'), isOutput),
    ],
    isThere: () => COMPILED.every((name) => existsSync(inPackage(name, 'dist'))) && existsSync(inRoot('examples/dist')),
    build: compile,
  },
  ...BUNDLED.map((name) => ({
    name,
    sources: () => [
      ...configuration(),
      ...filesBelow(inPackage(name), (entry) => isOutput(entry) || isTestCode(entry)),
      ...filesBelow(inPackage('protocol', 'src'), isTestCode),
    ],
    isThere: () => existsSync(inPackage(name, 'dist')),
    build: (hold) => bundle(name, hold),
  })),
]

/**
 * Makes every dist folder what the sources say.
 * @throws {Error} with the compiler's words, when that fails
 */
export async function ensureBuilt() {
  if (staleParts().length === 0) return
  const onWait = (pid) => process.stderr.write(`Waiting for process ${pid}, which is building …\n`)
  await withPidLock(inRoot('.cache/build.lock'), onWait, async (hold) => {
    const stale = staleParts()
    if (stale.length === 0) return
    const title = `Building ${stale.map(({ part }) => part.name).join(', ')}`
    await withProgress(title, async () => {
      const results = await Promise.allSettled(stale.map((it) => buildPart(it, hold)))
      const failed = results.filter((result) => result.status === 'rejected')
      if (failed.length > 0) throw new Error(failed.map((result) => result.reason.message).join('\n'))
    })
  })
}

function staleParts() {
  return PARTS.flatMap((part) => {
    const now = fingerprint(part.sources())
    return part.isThere() && readRecord(recordOf(part)) === now ? [] : [{ part, now }]
  })
}

async function buildPart({ part, now }, hold) {
  forgetRecord(recordOf(part))
  await part.build(hold)
  writeRecord(recordOf(part), now)
}

function recordOf(part) {
  return inRoot(`.cache/build/${part.name}.hash`)
}

async function compile(hold) {
  for (const name of COMPILED) {
    // The compiler looks at its own notes, not at dist: without dist they are wrong.
    if (!existsSync(inPackage(name, 'dist'))) rmSync(inPackage(name, 'tsconfig.tsbuildinfo'), { force: true })
    sweep(name)
  }
  await toolRun('typescript/bin/tsc', ['-b'], { cwd: ROOT, onStart: hold })
  for (const name of COMPILED) copyAssets(name)
}

async function bundle(name, hold) {
  await toolRun('vite/bin/vite.js', ['build', '--logLevel', 'warn'], { cwd: inPackage(name), onStart: hold })
}

async function toolRun(script, args, options) {
  const { ok, output, reason } = await run(process.execPath, [inRoot(`node_modules/${script}`), ...args], options)
  if (!ok)
    throw new Error(`${script} in ${relative(ROOT, options.cwd) || 'the project'} ${reason}:\n${output.trimEnd()}`)
}

function copyAssets(name) {
  for (const file of filesBelow(inPackage(name, 'src'), isTestCode).filter((it) => ASSETS.test(it))) {
    const target = inPackage(name, 'dist', relative(inPackage(name, 'src'), file))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, target)
  }
}

// What has no source any more must go: a migration that was renamed would otherwise be applied twice.
function sweep(name) {
  const sources = new Set(filesBelow(inPackage(name, 'src')).map((file) => relative(inPackage(name, 'src'), file)))
  for (const file of filesBelow(inPackage(name, 'dist'))) {
    const path = relative(inPackage(name, 'dist'), file)
    const bare = path.replace(COMPILER_OUTPUT, '')
    if (![path, `${bare}.ts`, `${bare}.tsx`].some((source) => sources.has(source))) rmSync(file)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  passSignalsOn()
  try {
    await ensureInstalled()
    await ensureBuilt()
    process.stdout.write('Built.\n')
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
