// The shop of the demo: a merchant's own server, so it is a process of its own, on the port beside ours, and knows
// nothing but its keys. Purser runs as well without it: where it cannot start, the reason goes to the log.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { delay } from './kernel/clock.ts'
import type { Log } from './operations/deps.ts'

export type DemoShop = { readonly url: string; stop(): void }

const PROGRAM = fileURLToPath(new URL('../../../examples/dist/start-demo.js', import.meta.url))
const START_WITHIN_MS = 5_000

/** @param baseUrl our own; the shop listens on the next port, or on any other that is free */
export async function startDemoShop(demoFile: string, baseUrl: string, log: Log): Promise<DemoShop | undefined> {
  if (!existsSync(PROGRAM)) return undefined
  const ours = new URL(baseUrl).port
  const port = ours === '' ? '0' : String(Number(ours) + 1)
  // Its input ends when we do, however we do: then it leaves.
  const child = spawn(process.execPath, [PROGRAM, demoFile, port], { stdio: ['pipe', 'pipe', 'pipe'], env: {} })
  child.on('error', (error) => log.warn({ err: error.message }, 'The demo shop could not be started.'))
  child.stdin.on('error', () => {})
  child.stderr.on('data', (text: Buffer) => log.warn({ shop: text.toString().slice(0, 2_000) }, 'The demo shop says:'))
  const lines = createInterface({ input: child.stdout })
  const gone = new AbortController()
  const url = await Promise.race([
    new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve)
      child.once('exit', () => resolve(undefined))
    }),
    delay(START_WITHIN_MS, gone.signal).then(() => undefined),
  ])
  gone.abort()
  lines.close()
  child.stdout.resume()
  child.unref()
  if (url === undefined) {
    child.kill()
    return undefined
  }
  return { url, stop: () => void child.kill() }
}
