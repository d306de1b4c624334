// The three measurements. Each runs against a server of its own on a fresh data directory, with durable commits, and
// in rounds: baseline and Purser in turn, so that both meet the same machine. What counts is the median of the ratios.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Client } from 'pg'
import { ROOT } from '../fingerprint.mjs'
import { startServer } from '../server-process.mjs'
import { clusterAddress, measureBaseline } from './baseline.mjs'
import { createHistogram } from './histogram.mjs'

const GENERATOR = fileURLToPath(new URL('./generator.mjs', import.meta.url))
const CONNECTIONS = { orders: 64, payments: 32 }
const STARTS = 5
const START_LOOK_MS = 4
// The bench asks with one key; nobody's shop is all of this at once.
const FLAGS = ['--port', '0', '--log-level', 'error', '--rate-limit', '100000000']

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** @param {{ seconds: number, rounds: number, tell: (line: string) => void }} options */
export async function measureOrders(options) {
  return withServer((server) => measureRates('orders', server, options))
}

/** @param {{ seconds: number, rounds: number, tell: (line: string) => void }} options */
export async function measurePayments(options) {
  return withServer(async (server) => {
    const found = await measureRates('payments', server, options)
    await notificationsApplied(server)
    return found
  })
}

async function measureRates(scenario, server, { seconds, rounds, tell }) {
  await generate(server, { scenario, rate: 0, seconds: 2 })
  const all = []
  for (let round = 1; round <= rounds; round += 1) {
    const base = await measureBaseline({ dataDir: server.dataDir, merchantId: server.demo.merchant_id, seconds })
    const { done, seconds: took } = await generate(server, { scenario, rate: 0, seconds })
    const rate = done / took
    all.push({ rate, base: base.rate, by: base.by, ratio: rate / base.rate })
    tell(
      `  round ${round}: ${Math.round(rate)}/s, ${base.by} ${Math.round(base.rate)}/s, ratio ${(rate / base.rate).toFixed(3)}`,
    )
  }
  const rate = median(all.map((one) => one.rate))
  const calm = await generate(server, { scenario, rate: rate / 2, seconds })
  const latency = createHistogram(calm.latencies)
  return {
    rate,
    base: median(all.map((one) => one.base)),
    by: all[0].by,
    ratio: median(all.map((one) => one.ratio)),
    halfLoad: { p50: latency.percentile(0.5), p99: latency.percentile(0.99) },
  }
}

async function generate(server, job) {
  const child = fork(GENERATOR)
  try {
    const { base_url: baseUrl, secret_key: secretKey } = server.demo
    child.send({ ...job, baseUrl, secretKey, connections: CONNECTIONS[job.scenario] })
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [{}])])
    if (message.result === undefined) throw new Error(message.problem ?? 'The load generator died.')
    const { done, errors, firstError } = message.result
    if (errors > 0)
      throw new Error(`${errors} of ${done + errors} ${job.scenario} failed, the first with: ${firstError}`)
    return message.result
  } finally {
    child.kill('SIGKILL')
  }
}

// A payment is whole only when the gateway's notification about it is worked in, too.
async function notificationsApplied({ dataDir }) {
  const client = new Client({ ...clusterAddress(dataDir), user: 'purser_queue', database: 'purser' })
  await client.connect()
  try {
    const deadline = performance.now() + 60_000
    for (;;) {
      const { rows } = await client.query(
        'select count(*)::int as due from purser.notifications where due_at is not null',
      )
      if (rows[0].due === 0) return
      if (performance.now() > deadline) throw new Error(`${rows[0].due} notifications were not worked in.`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await client.end()
  }
}

/** The payment page in a real Chromium. */
export async function measurePage() {
  return withServer(async ({ demo }) => {
    const script = fileURLToPath(new URL('./page.ts', import.meta.url))
    const args = ['--import', 'tsx', '-C', 'source', script, demo.base_url, demo.secret_key]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (part) => {
      text += part
    })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`The browser ended with ${code}.`)
    const sdk = await fetch(`${demo.base_url}/sdk/purser.js`, { headers: { 'accept-encoding': 'identity' } })
    return { ...JSON.parse(text), sdkBytes: gzipSync(Buffer.from(await sdk.arrayBuffer()), { level: 9 }).length }
  })
}

async function withServer(work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  try {
    const server = await startServer(dataDir, FLAGS)
    try {
      return await work({ dataDir, demo: server.demo })
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Milliseconds from `npm start` on a data directory that exists to /health/ready, and the server's memory then. */
export async function measureStart({ tell }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  try {
    const first = await startOnce(dataDir)
    tell(`  first start: ${Math.round(first.ms)} ms`)
    const later = []
    for (let n = 1; n <= STARTS; n += 1) {
      const one = await startOnce(dataDir)
      tell(`  start ${n}: ${Math.round(one.ms)} ms`)
      later.push(one)
    }
    return {
      first: first.ms,
      later: median(later.map((one) => one.ms)),
      memoryMb: median(later.map((one) => one.memoryMb)),
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function startOnce(dataDir) {
  const port = await freePort()
  const began = performance.now()
  const npm = spawn('npm', ['start', '--', '--data-dir', dataDir, '--port', String(port)], {
    cwd: ROOT,
    detached: true,
    stdio: 'ignore',
  })
  if (npm.pid === undefined) throw new Error('npm cannot be started.')
  const ended = once(npm, 'exit')
  let over = false
  void ended.then(() => (over = true))
  while (!(await isReady(port))) {
    if (over) throw new Error('npm start ended before it was ready.')
    await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS))
  }
  const ms = performance.now() - began
  const memoryMb = residentMb(dataDir)
  // To the whole group, as Ctrl-C does.
  process.kill(-npm.pid, 'SIGINT')
  await ended
  return { ms, memoryMb }
}

async function isReady(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`)
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

function residentMb(dataDir) {
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'purser.lock'), 'utf8'))
  try {
    const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number.parseInt(kb, 10) / 1_024
  } catch {
    return Number.NaN
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(() => resolve(undefined)))
  return port
}
