// A Purser as a service has it: one process, on a database that somebody else runs. It starts in a fraction of a
// second, so that it can be killed a hundred times and a thousand.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const MAIN = new URL('../../dist/main.js', import.meta.url).href
const LOOK_AGAIN_MS = 10

export type ServedPurser = {
  readonly url: string
  readonly secretKey: string
  readonly merchantId: string
  /** kill -9, and waits for the end. */
  kill(): Promise<void>
}

/** @throws Error with all that it printed, when it ends instead of becoming ready */
export async function servePurser(dataDir: string, databaseUrl: string): Promise<ServedPurser> {
  const program = `const { main } = await import('${MAIN}'); await main(['--data-dir', ${JSON.stringify(dataDir)}, '--port', '0'])`
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PURSER_|npm_)/.test(name))
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...Object.fromEntries(inherited), DATABASE_URL: databaseUrl, PURSER_DEMO: 'on' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  let over = false
  const ended = once(child, 'exit').then(() => (over = true))
  for (;;) {
    const url = addressOf(dataDir, child.pid)
    if (url !== undefined && (await isReadyAt(url))) {
      const demo = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as {
        secret_key: string
        merchant_id: string
      }
      return {
        url,
        secretKey: demo.secret_key,
        merchantId: demo.merchant_id,
        kill: async () => {
          child.kill('SIGKILL')
          await ended
        },
      }
    }
    if (over) throw new Error(`The server ended before it was ready:\n${Buffer.concat(said).toString('utf8')}`)
    await sleep(LOOK_AGAIN_MS)
  }
}

function addressOf(dataDir: string, pid: number | undefined): string | undefined {
  try {
    const lock = JSON.parse(readFileSync(join(dataDir, 'purser.lock'), 'utf8')) as { pid: number; url?: string }
    return lock.pid === pid ? lock.url : undefined
  } catch {
    return undefined
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
