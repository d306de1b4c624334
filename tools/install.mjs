// Installs the dependencies, and only when they are not what the lockfile says. The record of what is installed is
// forgotten before npm begins and written after it ended well, so that a kill in between means: install again.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from './child.mjs'
import { fingerprint, forgetRecord, readRecord, ROOT, writeRecord } from './fingerprint.mjs'
import { withPidLock } from './pid-lock.mjs'
import { withProgress } from './progress.mjs'

const LAST_LINES = 30

/**
 * Makes node_modules what package-lock.json says.
 * @throws {Error} with npm's last lines and what to do, when that fails
 */
export async function ensureInstalled(root = ROOT) {
  if (isInstalled(root)) return
  const onWait = (pid) => process.stderr.write(`Waiting for process ${pid}, which is installing …\n`)
  await withPidLock(join(root, '.cache', 'install.lock'), onWait, async (hold) => {
    if (isInstalled(root)) return
    const count = Object.keys(readLock(join(root, 'package-lock.json'))).length
    forgetRecord(recordPath(root))
    forgetRecord(hiddenLock(root))
    await withProgress(`Installing up to ${count} packages (npm ci, about half a minute)`, () => install(root, hold))
    writeRecord(recordPath(root), lockHash(root))
  })
}

/** Whether the record, or else npm's own list, says that node_modules holds exactly what the lockfile names. */
export function isInstalled(root) {
  const record = readRecord(recordPath(root))
  if (record !== undefined) return record === lockHash(root)
  if (!matchesLock(root)) return false
  try {
    writeRecord(recordPath(root), lockHash(root))
  } catch {
    // A node_modules that cannot be written to is looked at again next time.
  }
  return true
}

async function install(root, onStart) {
  // What npm was told for this command (`npm -s start`) it would hand down: an error must be told all the same.
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  args.push('--loglevel=warn')
  const npm = process.env.npm_execpath
  const { ok, output, reason } =
    npm !== undefined && basename(npm) === 'npm-cli.js'
      ? await run(process.execPath, [npm, ...args], { cwd: root, onStart })
      : await run('npm', args, { cwd: root, onStart, shell: process.platform === 'win32' })
  if (ok) return
  const tail = output.trimEnd().split('\n').slice(-LAST_LINES).join('\n')
  throw new Error(
    `npm ci ${reason}.\n${tail}\n\n` +
      'Without a network there is nothing to install from; behind a proxy, set HTTPS_PROXY or npm\'s "registry".',
  )
}

// npm writes its own list last, so that it is there only after an installation that ran to its end. What the lockfile
// has and the list has not can only be optional: packages for other systems.
function matchesLock(root) {
  if (!existsSync(hiddenLock(root))) return false
  const wanted = readLock(join(root, 'package-lock.json'))
  const present = readLock(hiddenLock(root))
  const same = (path) =>
    wanted[path] !== undefined &&
    wanted[path].version === present[path].version &&
    wanted[path].integrity === present[path].integrity &&
    existsSync(join(root, path))
  const complete = (path) => present[path] !== undefined || wanted[path].optional === true
  return Object.keys(present).every(same) && Object.keys(wanted).every(complete)
}

// Packages by folder; workspaces stand in it as folders of ours and as links to them, of which the links are enough.
function readLock(path) {
  const { packages } = JSON.parse(readFileSync(path, 'utf8'))
  return Object.fromEntries(Object.entries(packages).filter(([folder]) => folder.startsWith('node_modules/')))
}

function lockHash(root) {
  return `${fingerprint([join(root, 'package-lock.json')])} ${process.platform} ${process.arch}`
}

function recordPath(root) {
  return join(root, 'node_modules', '.purser-lock-hash')
}

function hiddenLock(root) {
  return join(root, 'node_modules', '.package-lock.json')
}
