// Processes and directories for the tests of the private cluster: what they are about (kills, other users, two at once)
// cannot be shown inside one process. Every directory and child made here is gone after the test.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach } from 'vitest'
import type { Host } from '../store/embedded/host.ts'
import { thisHost, waitUntil } from '../store/embedded/host.ts'
import type { EmbeddedCluster } from '../store/embedded/index.ts'
import { startEmbeddedPostgres } from '../store/embedded/index.ts'
import { isPostmasterOf, signal } from '../store/embedded/process-identity.ts'

const INDEX = new URL('../store/embedded/index.ts', import.meta.url).href

export const isRoot = process.getuid?.() === 0

/** Somebody who is not root, whoever runs the tests. */
export const ordinaryUser = isRoot ? { uid: 65534, gid: 65534 } : {}

const homes: string[] = []
const closed: string[] = []
const running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
  for (const directory of closed.splice(0)) chmodSync(directory, 0o755)
  // At once, not at the end: a file that is gone soon never costs the disk anything.
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

afterAll(async () => {
  if (template !== undefined) rmSync(await template, { recursive: true, force: true })
})

/** An empty data directory that everyone may use, as <PURSER_DATA_DIR>. */
export function givenHome(mode = 0o777): string {
  const home = mkdtempSync(join(tmpdir(), 'purser-home-'))
  homes.push(home)
  chmodSync(home, mode)
  return home
}

/** Forbids writing in a directory, to all but root, until the end of the test. */
export function closeDirectory(directory: string): void {
  chmodSync(directory, 0o555)
  closed.push(directory)
}

/** A home with the database of an earlier, cleanly ended start in it. Made once, then copied: initdb is slow. */
export async function givenUsedHome(mode = 0o777): Promise<string> {
  template ??= makeTemplate()
  const home = givenHome(mode)
  cpSync(join(await template, 'postgres'), join(home, 'postgres'), { recursive: true })
  return home
}

let template: Promise<string> | undefined

async function makeTemplate(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'purser-home-'))
  const cluster = await startEmbeddedPostgres({ dataDir: join(home, 'postgres') })
  await ask(cluster, 'create table kept (line text)')
  await cluster.stop()
  return home
}

/** This machine, with no other tools than those named. */
export function givenHost(tools: readonly string[]): Host {
  const toolPath = join(givenHome(0o755), 'tools')
  mkdirSync(toolPath)
  for (const tool of tools) symlinkSync(join('/usr/bin', tool), join(toolPath, tool))
  return { ...thisHost(), toolPath }
}

/** Stops the cluster after the test, if the test has not. */
export function track<One extends { stop(): Promise<void> }>(one: One): One {
  running.push(one)
  return one
}

export async function ask(cluster: { host: string; port: number }, sql: string): Promise<string[]> {
  const client = new Client({
    host: cluster.host,
    port: cluster.port,
    user: 'purser_superuser',
    database: 'postgres',
  })
  // A server that is killed under a client is part of the game; the query's own error says so.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows.map((row) => row.map(String).join(' '))
  } finally {
    await client.end()
  }
}

export type ChildReport =
  | ({ readonly started: true } & Pick<EmbeddedCluster, 'host' | 'port' | 'pid' | 'firstStart' | 'tookOver'>)
  | { readonly started: false; readonly code: string; readonly message: string; readonly pid?: number }

export type ChildPurser = {
  readonly process: ChildProcess
  /** What became of its start. */
  readonly report: Promise<ChildReport>
  /** kill -9, and waits for the end. */
  kill(): Promise<void>
}

/** Another process that starts the cluster in `home` and then stays, as Purser does. */
export function spawnPurser(home: string, options: { host?: Host; uid?: number; gid?: number } = {}): ChildPurser {
  const { host, ...identity } = options
  const program = `
    import { startEmbeddedPostgres } from '${INDEX}'
    const tell = (report) => console.log(JSON.stringify(report))
    try {
      const { host, port, pid, firstStart, tookOver } = await startEmbeddedPostgres(JSON.parse(process.argv[1]))
      tell({ started: true, host, port, pid, firstStart, tookOver })
    } catch (error) {
      tell({ started: false, code: error.code, message: error.message, pid: error.pid })
    }`
  const dataDir = join(home, 'postgres')
  const child = spawnProgram(program, JSON.stringify({ dataDir, host }), identity)
  running.push({ stop: () => cleanUpAfter(child, dataDir) })
  return child
}

// Where nothing tells the server of its Purser's death, it would outlive the tests.
async function cleanUpAfter(child: ChildPurser, dataDir: string): Promise<void> {
  await child.kill()
  const report = await child.report.catch(() => undefined)
  if (!report?.started) return
  const isRunning = () => isPostmasterOf(report.pid, dataDir, thisHost())
  if (isRunning()) signal(report.pid, 'SIGINT')
  await waitUntil(() => !isRunning(), 10_000)
  rmSync(report.host, { recursive: true, force: true })
}

/** Another process that runs `program`, an ES module which prints its report as one line of JSON. */
export function spawnProgram(program: string, argument: string, identity: { uid?: number; gid?: number }): ChildPurser {
  const words = ['--import', 'tsx', '-C', 'source', '--input-type=module', '-e', program, argument]
  const child = spawn(process.execPath, words, { ...identity, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  running.push({ stop: kill })
  const report = new Promise<ChildReport>((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
      if (text.endsWith('\n')) resolve(JSON.parse(text) as ChildReport)
    })
    child.once('exit', () => reject(new Error(`The child ended without a report: ${text}`)))
  })
  report.catch(() => {})
  return { process: child, report, kill }
}
