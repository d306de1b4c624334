// The whole server for tests: real database, real HTTP on a free port, the sandbox gateway, all jobs, and a demo
// merchant with everything that a test needs to call it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../compose.ts'
import type { Runtime } from '../compose.ts'
import { ensureDemo } from '../demo-merchant.ts'
import type { DemoFile } from '../demo-merchant.ts'
import type { TlsFiles } from '../http/tls-listener.ts'
import type { MerchantId, Tenant } from '../kernel/ids.ts'
import { systemRandomness } from '../kernel/random.ts'
import type { Actor, Log } from '../operations/deps.ts'
import { openTestDatabase } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

export type TestServer = {
  readonly baseUrl: string
  readonly secretKey: string
  readonly publishableKey: string
  readonly merchantId: MerchantId
  readonly tenant: Tenant
  /** May do everything, as the demo's secret key may. */
  readonly actor: Actor
  readonly demo: DemoFile
  readonly runtime: Runtime
  readonly db: TestDatabase
  /** Every line at level error, so that a test can say that there was none. */
  readonly errors: readonly { readonly message: string; readonly details: object }[]
  close(): Promise<void>
}

export async function startTestServer(
  options: { readonly poolSize?: number; readonly live?: boolean; readonly tls?: TlsFiles } = {},
): Promise<TestServer> {
  const db = await openTestDatabase(options.poolSize)
  const home = await mkdtemp(join(tmpdir(), 'purser-server-'))
  const errors: { message: string; details: object }[] = []
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (details, message) => void errors.push({ message, details }),
  }
  const runtime = await compose({
    connection: db.options,
    masterKey: systemRandomness.bytes(32),
    allowTargets: ['127.0.0.0/8', '::1/128'],
    live: options.live ?? false,
    rateLimit: 1_000_000,
    trustedProxies: [],
    log,
  })
  const baseUrl = await runtime.listen({
    host: '127.0.0.1',
    port: 0,
    ...(options.tls === undefined ? {} : { tls: { ...options.tls, port: 0 } }),
  })
  const demo = await ensureDemo(runtime, home, baseUrl)
  const merchantId = demo.merchant_id as MerchantId
  const tenant: Tenant = { merchantId, mode: 'test' }
  const scopes = ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings'] as const
  return {
    baseUrl,
    secretKey: demo.secret_key,
    publishableKey: demo.publishable_key,
    merchantId,
    tenant,
    actor: { tenant, kind: 'key', id: demo.key_id, requestId: null, scopes },
    demo,
    runtime,
    db,
    errors,
    close: async () => {
      await runtime.close()
      await db.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
