// The first start. initdb works in a directory beside the real one, which is renamed when whole: a kill in the middle
// leaves rubbish that the next start sweeps up, never a half-made database that looks like one.
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemRandomness } from '../../kernel/random.ts'
import { passwordPath } from './address.ts'
import type { Binaries } from './binaries.ts'
import { POSTGRES_MAJOR } from './binaries.ts'
import type { Confinement } from './confinement.ts'
import { confined, handOver } from './confinement.ts'
import { EmbeddedPostgresError } from './embedded-error.ts'
import type { Host } from './host.ts'

export const SUPERUSER = 'purser_superuser'

// The builtin provider sorts by code point on every machine alike; ICU and libc would order an index differently
// after an upgrade of the operating system.
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

/** True when `dataDir` is a whole cluster of our major version, false when it is missing or empty; throws otherwise. */
export function hasCluster(dataDir: string): boolean {
  if (!existsSync(dataDir)) return false
  const versionFile = join(dataDir, 'PG_VERSION')
  if (!existsSync(versionFile)) {
    if (readdirSync(dataDir).length === 0) return false
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `${dataDir} is not empty and not a PostgreSQL database, so Purser leaves it alone. ` +
        'Move it away, or choose another directory with PURSER_DATA_DIR.',
    )
  }
  const version = readFileSync(versionFile, 'utf8').trim()
  if (version === POSTGRES_MAJOR) return true
  throw new EmbeddedPostgresError(
    'data_directory_unusable',
    `The database in ${dataDir} was made by PostgreSQL ${version}, and this Purser brings ${POSTGRES_MAJOR}. ` +
      'Back it up with the Purser that made it and restore it here.',
  )
}

/**
 * Makes the cluster. Call only while the directory is claimed. Throws EmbeddedPostgresError `initialization_failed`.
 */
export async function initializeCluster(
  dataDir: string,
  binaries: Binaries,
  confinement: Confinement,
  host: Host,
): Promise<void> {
  const parent = dirname(dataDir)
  const prefix = `${basename(dataDir)}.new-`
  for (const name of readdirSync(parent)) if (name.startsWith(prefix)) await sweep(join(parent, name))
  const fresh = mkdtempSync(join(parent, prefix))
  try {
    handOver(fresh, confinement)
    const access = host.os === 'win32' ? passwordAccess(dataDir) : ['--auth-local=trust', '--auth-host=reject']
    const words = ['-D', fresh, '-U', SUPERUSER, ...LOCALE, ...access, '--data-checksums', '--no-instructions']
    const { status, output } = await run('initdb', words, binaries, confinement, host)
    if (status !== 0) throw new Error(output.trimEnd().split('\n').slice(-15).join('\n'))
    if (existsSync(dataDir)) rmdirSync(dataDir)
    renameSync(fresh, dataDir)
    if (host.os !== 'win32') syncDirectory(parent)
  } catch (error) {
    await sweep(fresh)
    throw new EmbeddedPostgresError(
      'initialization_failed',
      `PostgreSQL could not make a database in ${dataDir}:\n${(error as Error).message}`,
      { cause: error },
    )
  }
}

function run(program: string, words: string[], binaries: Binaries, confinement: Confinement, host: Host) {
  const { command, before, options } = confined(program, confinement, binaries, host)
  return new Promise<{ status: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, [...before, ...words], { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject).on('close', (status) => resolve({ status, output }))
  })
}

async function sweep(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // An initdb whose parent was killed may still be writing there; it is rubbish all the same, for a later start.
  }
}

// A rename is on disk only when its directory is.
function syncDirectory(directory: string): void {
  const file = openSync(directory, 'r')
  fsyncSync(file)
  closeSync(file)
}

// Untested, as everything for Windows here.
function passwordAccess(dataDir: string): string[] {
  const path = passwordPath(dataDir)
  writeFileSync(path, `${systemRandomness.bytes(32).toString('hex')}\n`, { mode: 0o600 })
  return ['--auth=scram-sha-256', `--pwfile=${path}`]
}
