// As whom, and tied to whom, PostgreSQL's programs run. PostgreSQL refuses to run as root, so root either hides that in
// a user namespace (files stay root's, no user is made) or becomes somebody else. setpriv's death signal follows the
// *thread* that spawned: these programs must be spawned from Node's main thread, never from a worker.
import { spawnSync } from 'node:child_process'
import { chmodSync, lchownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { EmbeddedPostgresError, USE_DATABASE_URL } from './embedded-error.ts'
import type { Host } from './host.ts'
import { toolEnvironment } from './host.ts'

export type Owner = { readonly uid: number; readonly gid: number }

export type Confinement = {
  /** Words before the program's own path. */
  readonly prefix: readonly string[]
  /** Whom the files must belong to, where that is not simply ourselves. */
  readonly owner: Owner | undefined
  /** Whom Node itself must spawn as, where no tool does it. */
  readonly spawnAs: Owner | undefined
}

const NOBODY: Owner = { uid: 65534, gid: 65534 }
const HIDE_USER = ['unshare', '--user', `--map-user=${NOBODY.uid}`, `--map-group=${NOBODY.gid}`]
// The kernel sends this when Node dies in any way: for the server a fast, clean shutdown.
const DIE_WITH_US = ['setpriv', '--pdeathsig', 'INT']
const AS_OURSELVES: Confinement = { prefix: [], owner: undefined, spawnAs: undefined }

/**
 * The first way in which this machine lets us run PostgreSQL over `dataDir`, which need not exist.
 * Throws EmbeddedPostgresError `binaries_unusable` or `data_directory_unusable`.
 */
export function chooseConfinement(dataDir: string, binaries: Binaries, host: Host): Confinement {
  if (host.os === 'win32') return AS_OURSELVES
  const owner = ownerOf(dataDir)
  const us = process.getuid?.() ?? 0
  if (us !== 0 && owner !== undefined && owner.uid !== us) {
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `The database in ${dataDir} belongs to user ${owner.uid}, and Purser runs as user ${us}. ` +
        'Run Purser as its owner, or choose another directory with PURSER_DATA_DIR.',
    )
  }
  let refusal = ''
  for (const candidate of us === 0 ? waysForRoot(owner, host) : waysForOthers(host)) {
    const { status, stderr, error } = tryOut(candidate, binaries, host)
    if (status === 0) return candidate
    refusal = (stderr || error?.message || `it ended with status ${status}`).trim()
  }
  const forRoot = `Started by root it runs in a user namespace or as nobody, who must be able to reach ${binaries.bin}: `
  throw new EmbeddedPostgresError(
    'binaries_unusable',
    `The PostgreSQL that Purser brings does not run here (${refusal}). ` +
      (us === 0 ? `${forRoot}allow one of the two, or run Purser as an ordinary user. ` : '') +
      USE_DATABASE_URL,
  )
}

/** Makes the files of `dataDir`, and the way to them, usable for whom PostgreSQL runs as. */
export function handOver(dataDir: string, { owner }: Confinement): void {
  if (owner === undefined) return
  // Names below are readable by their owners only, so letting others pass through gives nothing away.
  const parent = dirname(dataDir)
  if (statSync(parent).uid !== owner.uid) chmodSync(parent, statSync(parent).mode | 0o011)
  // The top directory comes last: while it is not handed over, neither is the rest.
  if (lstatSync(dataDir).uid !== owner.uid) giveTree(dataDir, owner)
}

/** What spawn needs to run `program` of `binaries` under `confinement`. */
export function confined(program: string, confinement: Confinement, binaries: Binaries, host: Host) {
  const path = join(binaries.bin, program)
  const [tool, ...words] = confinement.prefix
  return {
    command: tool ?? path,
    before: tool === undefined ? [] : [...words, path],
    // The root directory, because whom we run as may not be allowed into ours.
    options: {
      cwd: '/',
      env: { ...toolEnvironment(host), ...binaries.environment },
      windowsHide: true,
      ...confinement.spawnAs,
    },
  }
}

function waysForRoot(owner: Owner | undefined, host: Host): Confinement[] {
  // Files that belong to somebody already stay theirs: who started Purser with sudo once can start it without again.
  if (owner !== undefined && owner.uid !== 0) return become(owner)
  // macOS has neither namespaces nor a nobody that may own files.
  if (host.os !== 'linux') return []
  return [{ ...AS_OURSELVES, prefix: [...HIDE_USER, ...DIE_WITH_US] }, ...become(NOBODY)]
}

function become(owner: Owner): Confinement[] {
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups']
  return [
    { prefix: [...DIE_WITH_US, ...identity], owner, spawnAs: undefined },
    { prefix: [], owner, spawnAs: owner },
  ]
}

function waysForOthers(host: Host): Confinement[] {
  if (host.os !== 'linux') return [AS_OURSELVES]
  const ways = [{ ...AS_OURSELVES, prefix: DIE_WITH_US }, AS_OURSELVES]
  // initdb insists that its user has a name, which an arbitrary uid in a container has not.
  return hasName() ? ways : [{ ...AS_OURSELVES, prefix: [...HIDE_USER, ...DIE_WITH_US] }, ...ways]
}

function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

function tryOut(confinement: Confinement, binaries: Binaries, host: Host) {
  const { command, before, options } = confined('postgres', confinement, binaries, host)
  return spawnSync(command, [...before, '--version'], { ...options, encoding: 'utf8' })
}

function ownerOf(path: string): Owner | undefined {
  const { uid, gid } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

function giveTree(path: string, owner: Owner): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveTree(join(path, name), owner)
  lchownSync(path, owner.uid, owner.gid)
}
