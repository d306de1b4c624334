// One run of the server, from spawn to exit. It is ready when its pid file says so (what pg_ctl waits for), it runs in
// a session of its own so that Ctrl-C in a terminal reaches Purser alone, and it is stopped before Purser goes.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { delay } from '../../kernel/clock.ts'
import type { Address } from './address.ts'
import type { Binaries } from './binaries.ts'
import type { Confinement } from './confinement.ts'
import { confined, handOver } from './confinement.ts'
import { EmbeddedPostgresError } from './embedded-error.ts'
import type { Host } from './host.ts'
import { waitUntil } from './host.ts'
import { readPidFile, takeOver } from './orphan.ts'
import { leftoverBackends, signal } from './process-identity.ts'
import { openServerLog } from './server-log.ts'

/** Everything that stays the same while the server is started again and again. */
export type Site = {
  readonly dataDir: string
  readonly host: Host
  readonly binaries: Binaries
  readonly confinement: Confinement
  readonly address: Address
  readonly settings: Readonly<Record<string, string>>
  readonly progress: (line: string) => void
}

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export type Postmaster = {
  readonly pid: number
  readonly tookOver: boolean
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<Exit>
  /** Fast and clean: transactions under way are rolled back, a checkpoint is written. Safe to call twice. */
  stop(): Promise<void>
}

// On the command line these beat postgresql.conf and ALTER SYSTEM, so that nothing written there loses a payment.
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '100',
  shared_buffers: '128MB',
  cluster_name: 'purser',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

const START_MS = 5 * 60_000
const FAST_STOP_MS = 30_000
const IMMEDIATE_STOP_MS = 10_000
const LEFTOVER_ATTEMPTS = 50

/** Starts the server, after stopping one that was left behind. Throws EmbeddedPostgresError `start_failed`. */
export async function runPostmaster(site: Site): Promise<Postmaster> {
  const tookOver = await takeOver(site.dataDir, site.host, site.progress)
  handOver(site.dataDir, site.confinement)
  for (let attempt = 1; ; attempt++) {
    site.address.clear()
    const run = spawnServer(site, tookOver)
    const failure = await waitUntilReady(run, site)
    if (failure === undefined) return run.postmaster
    // The postmaster was killed and a backend of it is still busy: the server rightly waits for it to be gone.
    if (attempt === LEFTOVER_ATTEMPTS || !failure.message.includes('pre-existing shared memory block')) throw failure
    for (const pid of leftoverBackends(site.dataDir, site.host)) signal(pid, 'SIGQUIT')
    await delay(attempt * 10)
  }
}

type Run = { readonly postmaster: Postmaster; isOver(): boolean; logTail(): string; readonly logPath: string }

function spawnServer(site: Site, tookOver: boolean): Run {
  const log = openServerLog(join(dirname(site.dataDir), 'postgres.log'))
  const { command, before, options } = confined('postgres', site.confinement, site.binaries, site.host)
  const settings = Object.entries({ ...SETTINGS, ...site.settings, ...site.address.settings })
  const words = ['-D', site.dataDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const child = spawn(command, [...before, ...words], {
    ...options,
    detached: site.host.os !== 'win32',
    stdio: ['ignore', log.file, log.file],
  })
  closeSync(log.file)
  let over = false
  let spawnError: Error | undefined
  // Where there is no setpriv, at least an orderly exit of Node takes the server along.
  const stopAtExit = () => child.kill('SIGINT')
  process.once('exit', stopAtExit)
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      over = true
      process.off('exit', stopAtExit)
      resolve(exit)
    }
    child.once('exit', (code, signal) => end({ code, signal }))
    child.once('error', (error) => {
      spawnError = error
      if (child.pid === undefined) end({ code: null, signal: null })
    })
  })
  const isOver = () => over
  const stop = async () => {
    if (isOver()) return
    askToStop(child, site)
    if (await waitUntil(isOver, FAST_STOP_MS)) return
    child.kill('SIGQUIT')
    if (await waitUntil(isOver, IMMEDIATE_STOP_MS)) return
    throw new EmbeddedPostgresError('stop_failed', `PostgreSQL (process ${child.pid}) does not stop.`)
  }
  const postmaster = { pid: child.pid ?? 0, tookOver, exited, stop }
  return { postmaster, isOver, logTail: () => spawnError?.message ?? log.tail(), logPath: log.path }
}

async function waitUntilReady(run: Run, site: Site): Promise<EmbeddedPostgresError | undefined> {
  const isReady = () => {
    const file = readPidFile(site.dataDir)
    return file?.pid === run.postmaster.pid && file.isReady
  }
  const isDecided = () => run.isOver() || isReady()
  if (!(await waitUntil(isDecided, 2_000))) {
    site.progress('PostgreSQL is still starting: after a crash it first replays its log')
    if (!(await waitUntil(isDecided, START_MS))) await run.postmaster.stop()
  }
  if (!run.isOver()) return undefined
  const { code, signal } = await run.postmaster.exited
  return new EmbeddedPostgresError(
    'start_failed',
    `PostgreSQL ended while starting (${signal ?? `status ${code}`}). The end of its log, ${run.logPath}:\n${run.logTail()}`,
  )
}

function askToStop(child: ReturnType<typeof spawn>, site: Site): void {
  if (site.host.os !== 'win32') {
    child.kill('SIGINT')
    return
  }
  // Untested. Windows has no signals: there child.kill would be a crash.
  spawnSync(join(site.binaries.bin, 'pg_ctl'), ['stop', '-D', site.dataDir, '-m', 'fast'], { windowsHide: true })
}
