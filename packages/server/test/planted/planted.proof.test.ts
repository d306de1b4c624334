// Bugs planted on purpose: each patch beside this file breaks one rule in a copy of the sources, and the quick suites
// have to go red. A suite that cannot see a bug proves nothing; without a patch, they have to be green.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { proof, violation } from '../../src/testing/simulation/proof.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const HERE = fileURLToPath(new URL('.', import.meta.url))
const AT_ONCE = 2
const DEADLINE_MS = 180_000
const execute = promisify(execFile)

type Plant = { readonly name: string; readonly suite: string; readonly diff: string }
type Verdict = { readonly red: boolean; readonly said: string }

proof('planted', { push: 20, nightly: 20, release: 20 }, async (run) => {
  const plants = await readPlants()
  const told: string[] = []
  const faults: string[] = []
  const waiting: (Plant | undefined)[] = [undefined, ...plants]
  const gardener = async () => {
    const home = await makeCopy()
    try {
      while (waiting.length > 0) {
        const plant = waiting.shift()
        const fault = plant === undefined ? await proveGreen(home) : await proveRed(home, plant, told)
        if (fault !== undefined) faults.push(fault)
        run.progress(`${told.length} of ${plants.length} caught`)
      }
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, gardener))
  process.stdout.write(`${told.sort().join('\n')}\n`)
  if (faults.length > 0 || told.length < run.goal) throw violation('planted', run.seed, faults)
  return { counts: { planted: plants.length, caught: told.length }, seeds: 1 }
})

async function readPlants(): Promise<Plant[]> {
  const names = (await readdir(HERE)).filter((name) => name.endsWith('.patch')).sort()
  return Promise.all(
    names.map(async (name) => {
      const diff = await readFile(join(HERE, name), 'utf8')
      return { name, diff, suite: /^Caught by: (\w+)$/m.exec(diff)?.[1] ?? 'memory' }
    }),
  )
}

/** The sources of the server, with everything else as it is here. */
async function makeCopy(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'purser-planted-'))
  await cp(join(ROOT, 'packages/server/src'), join(home, 'packages/server/src'), { recursive: true })
  for (const file of [
    'package.json',
    'tsconfig.base.json',
    'packages/server/package.json',
    'packages/server/tsconfig.json',
  ]) {
    await cp(join(ROOT, file), join(home, file))
  }
  await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'))
  return home
}

async function proveGreen(home: string): Promise<string | undefined> {
  for (const suite of ['memory', 'postgres', 'drills']) {
    const { red, said } = await runQuick(home, suite)
    if (red) return `without a bug, ${suite} is red: ${said}`
  }
  return undefined
}

async function proveRed(home: string, plant: Plant, told: string[]): Promise<string | undefined> {
  const patch = join(home, 'planted.patch')
  await writeFile(patch, plant.diff)
  try {
    await execute('git', ['apply', patch], { cwd: home })
  } catch (error) {
    return `${plant.name} does not apply any more: ${String(error)}`
  }
  try {
    const { red, said } = await runQuick(home, plant.suite)
    if (!red) return `${plant.name} was not caught by ${plant.suite}: ${said}`
    told.push(`${plant.name}: ${said.split('\n')[0]}`)
    return undefined
  } finally {
    await execute('git', ['apply', '--reverse', patch], { cwd: home })
  }
}

async function runQuick(home: string, suite: string): Promise<Verdict> {
  const program = join(home, 'packages/server/src/testing/simulation/quick.ts')
  const words = ['--import', 'tsx', '-C', 'source', program, suite, JSON.stringify(inject('cluster'))]
  try {
    const { stdout } = await execute(process.execPath, words, { cwd: home, timeout: DEADLINE_MS })
    return { red: false, said: stdout }
  } catch (error) {
    const { stdout = '', code } = error as { stdout?: string; code?: number | string }
    // Only what a suite itself calls a violation counts; a copy that does not run at all catches nothing.
    if (code !== 1 || !/, seed \d+: /.test(stdout)) return { red: false, said: String(error) }
    return { red: true, said: stdout }
  }
}
