// A PostgreSQL whose Purser was killed may live on where nothing tells it of the death, and its pid file may name a
// process that is gone or is by now something else. Call only while the data directory is claimed: then whatever runs
// on it belongs to nobody.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-error.ts'
import type { Host } from './host.ts'
import { waitUntil } from './host.ts'
import { isPostmasterOf, processToken, signal } from './process-identity.ts'

const FAST_STOP_MS = 20_000
const IMMEDIATE_STOP_MS = 10_000

export type PidFile = { readonly pid: number; readonly isReady: boolean }

/** What postmaster.pid says; undefined when it is missing or not yet written. */
export function readPidFile(dataDir: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    // A single-user server writes its pid as a negative number.
    const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
    return pid > 0 ? { pid, isReady: lines[7]?.trim() === 'ready' } : undefined
  } catch {
    return undefined
  }
}

/** Stops a server that was left behind; true when there was one. Throws EmbeddedPostgresError `stop_failed`. */
export async function takeOver(dataDir: string, host: Host, progress: (line: string) => void): Promise<boolean> {
  const pid = readPidFile(dataDir)?.pid
  if (pid === undefined) return false
  if (!isPostmasterOf(pid, dataDir, host)) {
    disownPidFile(dataDir, pid, host)
    return false
  }
  progress(`Stopping the PostgreSQL (process ${pid}) that an earlier Purser left running`)
  const token = processToken(pid, host)
  const isGone = () => processToken(pid, host) !== token
  signal(pid, 'SIGINT')
  // A stopped process hears nothing else until it is continued.
  signal(pid, 'SIGCONT')
  if (await waitUntil(isGone, FAST_STOP_MS)) return true
  signal(pid, 'SIGQUIT')
  if (await waitUntil(isGone, IMMEDIATE_STOP_MS)) return true
  throw new EmbeddedPostgresError(
    'stop_failed',
    `PostgreSQL (process ${pid}) was left running on ${dataDir} by an earlier Purser and does not stop. End it by hand.`,
    { pid },
  )
}

// PostgreSQL itself sees through a pid file whose process is gone, but takes any living process of the same user (a
// recycled pid, a zombie that a container's init never reaps) for a server. It never takes its own parent for one.
// Naming us there, rather than removing the file, keeps its check for orphaned backends, which the rest of the file
// feeds.
function disownPidFile(dataDir: string, pid: number, host: Host): void {
  const path = join(dataDir, 'postmaster.pid')
  if (!existsSync(path) || pid === process.pid) return
  if (host.os === 'win32') rmSync(path, { force: true })
  else writeFileSync(path, readFileSync(path, 'utf8').replace(/^-?\d+/, String(process.pid)))
}
