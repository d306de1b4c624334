// What must hold of the source itself, before any test runs: form, lint, types, and who may import whom.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './fingerprint.mjs'
import { checkPhase } from './phase.mjs'

// The machine has few cores, and the type-checker takes one for itself.
const AT_ONCE = 2

/** @returns {Promise<import('./phase.mjs').Phase[]>} */
export async function runChecks() {
  const waiting = checks()
  const phases = []
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) phases.push(await checkPhase(check))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return phases
}

function checks() {
  const tool = (path) => join(ROOT, 'node_modules', path)
  return [
    ...typeProjects().map((project) => ({
      name: `types of ${project}`,
      args: [tool('typescript/bin/tsc'), '-p', project, '--noEmit', ...remembering(project)],
    })),
    { name: 'format', args: [tool('@biomejs/biome/bin/biome'), 'format', '.'] },
    { name: 'lint', args: [tool('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', 'packages', 'tools'] },
    {
      name: 'architecture',
      args: [tool('dependency-cruiser/bin/dependency-cruise.mjs'), 'packages', '--config', '.dependency-cruiser.cjs'],
    },
  ]
}

// The slowest first. A package's tsconfig.test.json takes in its tests; without one, it has none outside its build.
function typeProjects() {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`)
  const projects = [...packages, 'tools'].flatMap((folder) =>
    ['tsconfig.test.json', 'tsconfig.json']
      .map((file) => `${folder}/${file}`)
      .filter(isThere)
      .slice(0, 1),
  )
  return projects.sort((a, b) => Number(b.includes('server')) - Number(a.includes('server')))
}

function isThere(path) {
  return existsSync(join(ROOT, path))
}

function remembering(project) {
  return ['--incremental', '--tsBuildInfoFile', join(ROOT, '.cache', 'types', `${project.replaceAll('/', '-')}.info`)]
}
