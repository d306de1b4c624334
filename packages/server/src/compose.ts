// Builds the server from real parts: database, outbound client, connectors, surfaces, sandbox gateway, jobs. main.ts
// and the test server both call it, so what is tested is what runs. Nothing else knows every part.
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { connectors } from './connectors/registry.ts'
import { surfaces } from './dialects/registry.ts'
import { buildApp } from './http/app.ts'
import { createGate } from './http/circuit-breaker.ts'
import { createOutbound } from './http/client.ts'
import type { Outbound } from './http/client.ts'
import { pageSurfaces } from './http/page-surfaces.ts'
import { checkTargetUrl, parseTargetPolicy } from './http/target-guard.ts'
import { listenTls } from './http/tls-listener.ts'
import type { TlsFiles, TlsListener } from './http/tls-listener.ts'
import { createJobs, runDueWork } from './jobs/list.ts'
import { startJobs } from './jobs/runner.ts'
import type { RunningJobs } from './jobs/runner.ts'
import { systemClock } from './kernel/clock.ts'
import { systemRandomness } from './kernel/random.ts'
import type { Secret } from './kernel/secret.ts'
import { createToken } from './kernel/secret.ts'
import type { Deps, Log, QueueName } from './operations/deps.ts'
import { createVault } from './operations/vault.ts'
import { sandboxSurface, sandboxTestInstruments } from './sandbox-surface.ts'
import { startSandboxWorkers } from './sandbox-gateway/index.ts'
import type { SandboxOptions, SandboxWorkers } from './sandbox-gateway/index.ts'
import type { Tenant } from './kernel/ids.ts'
import { createPool, createStore } from './store/db.ts'
import type { ConnectionOptions } from './store/db.ts'

export type Composition = {
  readonly connection: ConnectionOptions
  /** 32 bytes. */
  readonly masterKey: Buffer
  /** Absent: the address that it listens on. */
  readonly publicUrl?: string
  readonly allowTargets: readonly string[]
  readonly live: boolean
  readonly metricsToken?: Secret
  readonly rateLimit: number
  readonly trustedProxies: readonly string[]
  readonly log: Log
}

export type Address = {
  readonly host: string
  readonly port: number
  readonly tls?: TlsFiles & { readonly port: number }
}

export type Runtime = {
  readonly app: FastifyInstance
  readonly deps: Deps
  readonly sandbox: { readonly pool: pg.Pool; readonly adminToken: string }
  /**
   * Starts to listen and to work; resolves to the base URL. `prepare` is done with it before /health/ready says so:
   * whoever waits for that may count on what it makes.
   */
  listen(address: Address, prepare?: (baseUrl: string) => Promise<void>): Promise<string>
  /** Where TLS is listened for; undefined when it is not. */
  tlsUrl(): string | undefined
  /** Finishes what is under way, stops the jobs, closes the database. Safe to call twice. */
  close(): Promise<void>
}

// A gateway that has not answered by now is asked later; the payer has waited long enough.
const GATEWAY_TIMEOUT_MS = 15_000
const WEBHOOK_TIMEOUT_MS = 15_000

export async function compose(composition: Composition): Promise<Runtime> {
  let baseUrl = composition.publicUrl ?? ''
  let localUrl = ''
  let prepared = false
  let jobs: RunningJobs | undefined
  let tls: (TlsListener & { readonly url: string }) | undefined
  const outbound = createOutbound({ policy: parseTargetPolicy(composition.allowTargets.join(',')) })
  const deps: Deps = createDeps(composition, outbound, {
    publicUrl: () => baseUrl,
    nudge: (queue) => jobs?.nudge(queue),
    runDueWork: (only) => runDueWork(deps, only),
  })
  const sandbox = createSandbox(composition, outbound, () => (composition.publicUrl === undefined ? localUrl : baseUrl))
  const app = await buildApp(deps, {
    surfaces: [...surfaces, ...pageSurfaces, sandboxSurface(sandbox.options, sandbox.workers)],
    readiness: async () => (prepared ? readiness(deps) : ['It is still starting.']),
    live: composition.live,
    trustedProxies: composition.trustedProxies,
    rateLimits: { perCredential: composition.rateLimit },
    ...(composition.metricsToken === undefined ? {} : { metricsToken: composition.metricsToken }),
  })
  const close = once(async () => {
    const tlsClosing = tls?.close()
    await app.close()
    await tlsClosing?.finish()
    await jobs?.stop()
    await sandbox.workers.stop()
    await outbound.close()
    await deps.store.close()
    await sandbox.pool.end()
  })
  return {
    app,
    deps,
    sandbox: { pool: sandbox.pool, adminToken: sandbox.adminToken },
    listen: async (address, prepare) => {
      await app.listen(address)
      const { port } = app.server.address() as AddressInfo
      localUrl = `http://${urlHost(address.host)}:${port}`
      baseUrl = composition.publicUrl ?? localUrl
      if (address.tls !== undefined) {
        const listener = await listenTls(app, deps, { ...address.tls, host: address.host })
        tls = { ...listener, url: `https://${urlHost(address.host)}:${listener.port}` }
      }
      jobs = startJobs(deps, createJobs(deps))
      await prepare?.(baseUrl)
      prepared = true
      return baseUrl
    },
    tlsUrl: () => tls?.url,
    close,
  }
}

type Late = {
  readonly publicUrl: () => string
  readonly nudge: (queue: QueueName) => void
  readonly runDueWork: (only: Tenant) => Promise<number>
}

function createDeps(composition: Composition, outbound: Outbound, late: Late): Deps {
  const policy = parseTargetPolicy(composition.allowTargets.join(','))
  const gate = createGate({ now: () => systemClock.monotonicMs() })
  return {
    store: createStore(composition.connection),
    live: composition.live,
    clock: systemClock,
    randomness: systemRandomness,
    connectors,
    testInstruments: new Map([['sandbox', sandboxTestInstruments]]),
    sendToGateway: (accountId, request, { isPayment = true, ...options } = {}) => {
      const send = () => outbound.send(request, { timeoutMs: GATEWAY_TIMEOUT_MS, guard: 'gateway', ...options })
      return isPayment ? gate.run(accountId, send) : send()
    },
    sendToMerchant: (request) => outbound.send(request, { timeoutMs: WEBHOOK_TIMEOUT_MS, guard: 'merchant' }),
    checkMerchantUrl: (url) => void checkTargetUrl(url, policy),
    webhookFormats: new Map(
      surfaces.flatMap(({ name, webhookFormat }) => (webhookFormat ? [[name, webhookFormat]] : [])),
    ),
    vault: createVault(composition.masterKey),
    publicUrl: late.publicUrl,
    nudge: late.nudge,
    runDueWork: late.runDueWork,
    log: composition.log,
  }
}

type Sandbox = {
  readonly pool: pg.Pool
  readonly adminToken: string
  readonly options: SandboxOptions
  readonly workers: SandboxWorkers
}

function createSandbox(composition: Composition, outbound: Outbound, baseUrl: () => string): Sandbox {
  const pool = createPool(composition.connection, 'purser_sandbox', 'sandbox')
  const adminToken = createToken('sba_')
  const options: SandboxOptions = {
    pool,
    adminToken,
    clock: systemClock,
    baseUrl,
    send: async (url, headers, body, timeoutMs) => {
      const reply = await outbound.send({ method: 'POST', url, headers, body }, { timeoutMs, guard: 'gateway' })
      if (reply.kind !== 'reply') throw new Error(reply.reason)
      return reply.status
    },
    onError: (what, error) => composition.log.error({ err: error instanceof Error ? error.message : 'unknown' }, what),
  }
  return { pool, adminToken, options, workers: startSandboxWorkers(options) }
}

async function readiness(deps: Deps): Promise<readonly string[]> {
  try {
    await deps.store.queue.query('select 1')
    return []
  } catch {
    return ['The database cannot be reached.']
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}

/** As it stands in a URL; an address that means "everywhere" is reached here by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
