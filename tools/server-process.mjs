// A Purser server as a process of its own, for the demo and the benchmarks: started as `npm start` starts it, ready
// when it answers so, stopped cleanly at the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './fingerprint.mjs'

const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 50

/**
 * What is in demo.json, when a server that is ready stands behind it.
 * @param {string} dataDir
 */
export async function findServer(dataDir) {
  const demo = readDemoFile(dataDir)
  return demo !== undefined && (await isReady(demo)) ? demo : undefined
}

/**
 * Starts a server and resolves when it is ready.
 * @param {string} dataDir
 * @param {readonly string[]} flags more of what `npm start --` takes
 * @throws {Error} with what the server said, when it ends instead
 */
export async function startServer(dataDir, flags = []) {
  const script = join(ROOT, 'tools', 'start.mjs')
  const child = spawn(process.execPath, [script, '--data-dir', dataDir, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Makes it leave with us, even if we are killed.
    env: { ...process.env, npm_lifecycle_event: 'start' },
  })
  const said = []
  child.stdout.on('data', (chunk) => said.push(chunk))
  child.stderr.on('data', (chunk) => said.push(chunk))
  const ended = once(child, 'close')
  let over = false
  void ended.then(() => (over = true))
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const demo = await findServer(dataDir)
    if (over || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`The server did not start.\n${Buffer.concat(said).toString('utf8').trimEnd()}`)
    }
    if (demo !== undefined) return { demo, pid: child.pid, stop: () => stop(child, ended) }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

async function stop(child, ended) {
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}

// Ready, and the one that this file is of: another Purser may listen there by now, which does not know the key.
async function isReady({ base_url: baseUrl, secret_key: key }) {
  const answers = async (path, headers) => {
    const response = await fetch(baseUrl + path, { headers, signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.status === 200
  }
  try {
    return (
      (await answers('/health/ready', {})) && (await answers('/v1/orders?limit=1', { authorization: `Bearer ${key}` }))
    )
  } catch {
    return false
  }
}

function readDemoFile(dataDir) {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'))
  } catch {
    return undefined
  }
}
