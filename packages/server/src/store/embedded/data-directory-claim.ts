// One Purser per data directory. The claim is a lock of the operating system on purser.lock, which no kill can leave
// behind; what the file says (pid, start, url) is for the message to whoever comes second. The file is never removed:
// removing a locked file would let two processes lock two different files of one name.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { delay } from '../../kernel/clock.ts'
import { EmbeddedPostgresError } from './embedded-error.ts'
import type { Host } from './host.ts'
import { thisHost, toolEnvironment, waitUntil } from './host.ts'
import { processToken } from './process-identity.ts'

export type DataDirectoryClaim = {
  /** Lets the next one in. Safe to call twice. */
  release(): void
  /** Writes down where this Purser is reached, for the message to a second one. */
  announce(url: string): void
}

/** `token` tells a recycled pid apart; `claim` tells two claims of one process apart. */
type Holder = { readonly pid: number; readonly token: string; readonly claim: string; readonly url?: string }
type OsLock = 'ours' | 'theirs' | 'unavailable'

// macOS takes the lock while opening the file; the flags are Darwin's own and not among Node's constants.
const DARWIN_O_EXLOCK = 0x20
const DARWIN_O_NONBLOCK = 0x04

/**
 * Claims `directory` (PURSER_DATA_DIR) for this process until `release`, or until the process ends in any way.
 * Throws EmbeddedPostgresError `data_directory_in_use` with the holder's pid, and url once announced.
 */
export async function claimDataDirectory(directory: string, host: Host = thisHost()): Promise<DataDirectoryClaim> {
  const path = join(directory, 'purser.lock')
  const opened = openLockFile(directory, path, host)
  if (opened === 'theirs') throw await inUse(directory, path, host)
  try {
    const lock = host.os === 'linux' ? lockWithFlock(opened, host) : host.os === 'darwin' ? 'ours' : 'unavailable'
    if (lock === 'theirs') throw await inUse(directory, path, host)
    if (isAlive(readHolder(path), host)) throw await inUse(directory, path, host)
    return await writeClaim(opened, path, directory, { lock, host })
  } catch (error) {
    closeSync(opened)
    throw error
  }
}

async function writeClaim(
  file: number,
  path: string,
  directory: string,
  { lock, host }: { lock: OsLock; host: Host },
): Promise<DataDirectoryClaim> {
  const us: Holder = { pid: process.pid, token: processToken(process.pid, host) ?? '', claim: randomUUID() }
  overwrite(file, us)
  if (lock === 'unavailable') {
    // Without a lock the last writer wins: everyone who saw the file free has written within this time.
    await delay(100)
    if (readHolder(path)?.claim !== us.claim) throw await inUse(directory, path, host)
  }
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      ftruncateSync(file, 0)
      closeSync(file)
    },
    announce(url) {
      if (held) overwrite(file, { ...us, url })
    },
  }
}

function openLockFile(directory: string, path: string, host: Host): number | 'theirs' {
  const locking = host.os === 'darwin' ? DARWIN_O_EXLOCK | DARWIN_O_NONBLOCK : 0
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return openSync(path, constants.O_RDWR | constants.O_CREAT | locking, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'theirs'
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `The data directory ${directory} cannot be written to (${(error as Error).message}). ` +
        'Run Purser as its owner, or choose another with PURSER_DATA_DIR.',
      { cause: error },
    )
  }
}

// Node has no call for flock(2), but a lock belongs to the open file, which flock(1) shares with us: it locks, ends,
// and the lock stays for as long as we keep the file open.
function lockWithFlock(file: number, host: Host): OsLock {
  const { status } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file],
    env: toolEnvironment(host),
  })
  if (status === 0) return 'ours'
  return status === 1 ? 'theirs' : 'unavailable'
}

async function inUse(directory: string, path: string, host: Host): Promise<EmbeddedPostgresError> {
  // The holder may have the lock and not yet have written over what the one before it wrote.
  await waitUntil(() => isAlive(readHolder(path), host), 1_000)
  const holder = readHolder(path)
  const who = holder === undefined ? 'a process that has not said its number' : `process ${holder.pid}`
  const where = holder?.url === undefined ? '' : `, at ${holder.url}`
  return new EmbeddedPostgresError(
    'data_directory_in_use',
    `Another Purser is running on the data directory ${directory}: ${who}${where}. ` +
      'Use that one, stop it, or choose another directory with PURSER_DATA_DIR.',
    { ...(holder && { pid: holder.pid }), ...(holder?.url !== undefined && { url: holder.url }) },
  )
}

function overwrite(file: number, holder: Holder): void {
  ftruncateSync(file, 0)
  writeSync(file, `${JSON.stringify(holder)}\n`, 0)
}

function isAlive(holder: Holder | undefined, host: Host): boolean {
  return holder !== undefined && processToken(holder.pid, host) === holder.token
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const { pid, token } = holder as Holder
    return Number.isSafeInteger(pid) && pid > 0 && typeof token === 'string' ? (holder as Holder) : undefined
  } catch {
    // Empty, or caught half-written: nobody has said who they are.
    return undefined
  }
}
