// A Purser as an operator has it: `npm start` on a data directory, with npm, the server and Postgres as processes that
// can be killed. What it knows of them, it reads where an operator would: purser.lock, postmaster.pid and demo.json.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const LOOK_AGAIN_MS = 20
const PASSED_ON_AFTER_MS = 10

export type PurserProcess = {
  readonly npmPid: number
  readonly serverPid: number
  readonly url: string
  readonly secretKey: string
  postgresPid(): number
  isReady(): Promise<boolean>
  /** Waits for the end that somebody else brought about; resolves when npm, server and Postgres are all gone. */
  gone(): Promise<void>
  /** As Ctrl-C does: to the whole group. Resolves when all are gone, with the milliseconds and npm's exit code. */
  interrupt(): Promise<{ readonly ms: number; readonly code: number | null }>
}

export type Ended = { readonly code: number | null; readonly output: string }

type Launched = { readonly pid: number; readonly ended: Promise<Ended>; readonly output: () => string }

function launch(dataDir: string): Launched {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PURSER_|DATABASE_URL$|npm_)/.test(name)),
  )
  const child = spawn('npm', ['start', '--', '--data-dir', dataDir, '--port', '0'], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }))
  if (child.pid === undefined) throw new Error('npm cannot be started.')
  return { pid: child.pid, ended, output: () => output }
}

/** Runs `npm start` where it is expected to end by itself. */
export async function runToItsEnd(dataDir: string): Promise<Ended> {
  return launch(dataDir).ended
}

/** @throws Error with all that it printed, when it ends instead of becoming ready */
export async function startPurser(dataDir: string): Promise<PurserProcess> {
  const before = readLock(dataDir)?.pid
  const { pid, ended, output } = launch(dataDir)
  let over = false
  void ended.then(() => (over = true))
  for (;;) {
    const lock = readLock(dataDir)
    if (lock?.url !== undefined && lock.pid !== before && (await isReadyAt(lock.url))) {
      return describe(dataDir, { pid, ended }, { pid: lock.pid, url: lock.url })
    }
    if (over) throw new Error(`npm start ended before it was ready:\n${output()}`)
    await sleep(LOOK_AGAIN_MS)
  }
}

function describe(
  dataDir: string,
  npm: { pid: number; ended: Promise<Ended> },
  server: { pid: number; url: string },
): PurserProcess {
  const { secret_key: secretKey } = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as {
    secret_key: string
  }
  const postgresPid = () => {
    const [pid = ''] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
    return Number.parseInt(pid, 10)
  }
  const gone = async (postgres: number) => {
    while ([npm.pid, server.pid, postgres].some(lives)) await sleep(LOOK_AGAIN_MS)
  }
  const postgresNow = postgresPid()
  return {
    npmPid: npm.pid,
    serverPid: server.pid,
    url: server.url,
    secretKey,
    postgresPid,
    isReady: () => isReadyAt(server.url),
    gone: () => gone(postgresNow),
    async interrupt() {
      const postgres = postgresPid()
      const began = performance.now()
      process.kill(-npm.pid, 'SIGINT')
      // On a terminal npm passes it on a moment later, and the server has it twice.
      await sleep(PASSED_ON_AFTER_MS)
      if (lives(server.pid)) process.kill(server.pid, 'SIGINT')
      await gone(postgres)
      const ms = performance.now() - began
      return { ms, code: (await npm.ended).code }
    },
  }
}

async function isReadyAt(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

function readLock(dataDir: string): { pid: number; url?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'purser.lock'), 'utf8')) as { pid: number; url?: string }
  } catch {
    return undefined
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // What has ended and was not yet waited for by its parent still has a number.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
