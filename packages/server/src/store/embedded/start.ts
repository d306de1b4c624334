// The private cluster that Purser runs when no DATABASE_URL is set: claim the directory, find the programs, make the
// database if there is none, run the server. Whoever only starts it must watch onExit; superviseEmbeddedPostgres does
// so.
import { basename, dirname, join, resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import { delay, systemClock } from '../../kernel/clock.ts'
import { openAddress } from './address.ts'
import { findNative, linkBinaries } from './binaries.ts'
import { chooseConfinement } from './confinement.ts'
import type { DataDirectoryClaim } from './data-directory-claim.ts'
import { claimDataDirectory } from './data-directory-claim.ts'
import type { Host } from './host.ts'
import { thisHost } from './host.ts'
import { hasCluster, initializeCluster, SUPERUSER } from './initialize-cluster.ts'
import type { Exit, Postmaster, Site } from './postmaster.ts'
import { runPostmaster } from './postmaster.ts'

export type EmbeddedOptions = {
  /** `<PURSER_DATA_DIR>/postgres`. The log, the lock and a few more files lie beside it. */
  readonly dataDir: string
  /** Is told, in a line each, what takes time and what was out of the ordinary. */
  readonly progress?: (line: string) => void
  /** Server settings besides our own, which they override, except where the server listens. */
  readonly settings?: Readonly<Record<string, string>>
  /** A claim of the directory above `dataDir` that the caller holds; without one, it is claimed until `stop`. */
  readonly claim?: DataDirectoryClaim
  /** The machine, where it is not to be looked at: for tests. */
  readonly host?: Host
}

export type EmbeddedCluster = {
  /** Socket directory (on Windows 127.0.0.1). It and `port` stay the same over restarts. */
  readonly host: string
  readonly port: number
  readonly superuser: string
  /** On Windows only: elsewhere every role connects without. */
  readonly password: string | undefined
  /** The server's process at present. */
  readonly pid: number
  readonly firstStart: boolean
  /** Whether a server left behind by a killed Purser had to be stopped. */
  readonly tookOver: boolean
  /** Calls back whenever the server ends without having been stopped. */
  onExit(callback: (exit: Exit) => void): void
  /** Fast clean stop; resolves when the server is gone and the directory free. Safe to call twice. */
  stop(): Promise<void>
}

const BACKOFF_MS = { first: 50, longest: 5_000 }
const STEADY_AFTER_MS = 30_000

/**
 * Starts the cluster once and resolves when it takes connections.
 * Throws EmbeddedPostgresError: its code says which of the documented troubles it is, its message what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const opened = await openSite(options)
  const postmaster = await opened.orClose(() => runPostmaster(opened.site))
  let stopping: Promise<void> | undefined
  const watch = async (callback: (exit: Exit) => void) => {
    const exit = await postmaster.exited
    if (stopping === undefined) callback(exit)
  }
  return describeCluster(opened, postmaster.tookOver, {
    pid: () => postmaster.pid,
    onExit: (callback) => void watch(callback),
    stop: () => (stopping ??= postmaster.stop().finally(opened.close)),
  })
}

/**
 * Starts the cluster and starts it again, at the same address, whenever the server dies: at once the first time, then
 * after 50 ms doubling to 5 s, until it has lived for 30 s. Throws as startEmbeddedPostgres does, at the first start
 * only.
 */
export async function superviseEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const opened = await openSite(options)
  const first = await opened.orClose(() => runPostmaster(opened.site))
  const listeners: ((exit: Exit) => void)[] = []
  const leaving = new AbortController()
  let postmaster = first
  const loop = keepRunning(first, opened.site, leaving.signal, {
    died: (exit) => listeners.forEach((listener) => listener(exit)),
    restarted: (next) => (postmaster = next),
  })
  const stop = async () => {
    leaving.abort()
    await postmaster.stop()
    await loop
  }
  let stopping: Promise<void> | undefined
  return describeCluster(opened, first.tookOver, {
    pid: () => postmaster.pid,
    onExit: (callback) => void listeners.push(callback),
    stop: () => (stopping ??= stop().finally(opened.close)),
  })
}

async function keepRunning(
  first: Postmaster,
  site: Site,
  leaving: AbortSignal,
  { died, restarted }: { died: (exit: Exit) => void; restarted: (postmaster: Postmaster) => void },
): Promise<void> {
  let postmaster: Postmaster | undefined = first
  let waitMs = 0
  for (;;) {
    if (postmaster !== undefined) {
      const startedMs = systemClock.monotonicMs()
      const exit = await postmaster.exited
      if (leaving.aborted) return
      if (systemClock.monotonicMs() - startedMs > STEADY_AFTER_MS) waitMs = 0
      site.progress(`PostgreSQL ended unexpectedly (${exit.signal ?? `status ${exit.code}`}); starting it again`)
      died(exit)
    }
    await delay(waitMs, leaving)
    if (leaving.aborted) return
    waitMs = Math.min(Math.max(waitMs * 2, BACKOFF_MS.first), BACKOFF_MS.longest)
    postmaster = await restart(site)
    if (postmaster === undefined) continue
    restarted(postmaster)
    if (leaving.aborted) return postmaster.stop()
  }
}

async function restart(site: Site): Promise<Postmaster | undefined> {
  try {
    const postmaster = await runPostmaster(site)
    site.progress(`PostgreSQL runs again (process ${postmaster.pid})`)
    return postmaster
  } catch (error) {
    site.progress(`PostgreSQL could not be started again: ${(error as Error).message}`)
    return undefined
  }
}

type OpenSite = {
  readonly site: Site
  readonly firstStart: boolean
  readonly close: () => void
  /** Does the work, and closes the site if that fails. */
  orClose<Result>(work: () => Promise<Result>): Promise<Result>
}

async function openSite(options: EmbeddedOptions): Promise<OpenSite> {
  const { host = thisHost(), progress = () => {}, settings = {} } = options
  const asked = resolve(options.dataDir)
  // Looked for before anything is written: on an unsupported machine no empty directory is left behind.
  const native = findNative(host)
  const claim = options.claim ?? (await claimDataDirectory(dirname(asked), host))
  const closers = options.claim === undefined ? [() => claim.release()] : []
  const close = () => closers.splice(0).forEach((closer) => closer())
  const orClose = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      close()
      throw error
    }
  }
  return orClose(async () => {
    // Without symbolic links, so that it compares with what the system says of a process.
    const dataDir = join(realpathSync(dirname(asked)), basename(asked))
    const binaries = linkBinaries(native, join(dirname(dataDir), 'postgres-libraries'), host)
    const confinement = chooseConfinement(dataDir, binaries, host)
    const firstStart = !hasCluster(dataDir)
    if (firstStart) {
      progress(`Making a PostgreSQL database in ${dataDir}`)
      await initializeCluster(dataDir, binaries, confinement, host)
    }
    const address = await openAddress(dataDir, confinement, host)
    closers.unshift(() => address.remove())
    return { site: { dataDir, host, binaries, confinement, address, settings, progress }, firstStart, close, orClose }
  })
}

function describeCluster(
  { site, firstStart }: OpenSite,
  tookOver: boolean,
  live: { pid: () => number; onExit: EmbeddedCluster['onExit']; stop: EmbeddedCluster['stop'] },
): EmbeddedCluster {
  return {
    host: site.address.host,
    port: site.address.port,
    superuser: SUPERUSER,
    password: site.address.password,
    get pid() {
      return live.pid()
    },
    firstStart,
    tookOver,
    onExit: live.onExit,
    stop: live.stop,
  }
}
