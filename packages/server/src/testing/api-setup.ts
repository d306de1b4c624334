// The HTTP app on a real database, without jobs and without a gateway: for tests about requests and answers. Two
// merchants, so that a test can be the wrong one. Whoever needs money to move uses start-server.ts.
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { surfaces } from '../dialects/registry.ts'
import { buildApp } from '../http/app.ts'
import type { HttpOptions } from '../http/app.ts'
import { checkTargetUrl } from '../http/target-guard.ts'
import { systemClock } from '../kernel/clock.ts'
import type { ApiKeyId, Tenant } from '../kernel/ids.ts'
import { systemRandomness } from '../kernel/random.ts'
import { createApiKeys, createMerchant, createUser } from '../operations/create-merchant.ts'
import type { Deps } from '../operations/deps.ts'
import { createVault } from '../operations/vault.ts'
import { openTestDatabase } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

export type TestMerchant = {
  readonly tenant: Tenant
  readonly keyId: ApiKeyId
  readonly secretKey: string
  readonly publishableKey: string
  readonly email: string
  readonly password: string
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at by tests, field by field
export type Loose = any

export type ApiReply = {
  readonly status: number
  readonly headers: LightMyRequestResponse['headers']
  readonly text: string
  /** Undefined when the answer is no JSON. */
  readonly body: Loose
}

export type ApiRequest = {
  readonly method?: string
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, with whatever content type the headers give (JSON when they give none). */
  readonly raw?: string | Buffer
  /** Bearer; null sends none. Default: the first merchant's secret key. */
  readonly token?: string | null
  /** Null sends none. Default: a fresh one for what is no GET. */
  readonly idempotencyKey?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export type TestApi = {
  readonly app: FastifyInstance
  readonly deps: Deps
  readonly db: TestDatabase
  readonly merchant: TestMerchant
  readonly stranger: TestMerchant
  /** Every line at level error. */
  readonly errors: { readonly message: string; readonly details: object }[]
  call(request: ApiRequest): Promise<ApiReply>
  close(): Promise<void>
}

export async function startTestApi(options: Partial<HttpOptions> & { publicUrl?: string } = {}): Promise<TestApi> {
  const db = await openTestDatabase()
  const errors: TestApi['errors'] = []
  const policy = { allow: ['127.0.0.0/8'] }
  const deps: Deps = {
    store: db.store,
    clock: systemClock,
    randomness: systemRandomness,
    connectors: new Map(),
    live: true,
    testInstruments: new Map(),
    sendToGateway: async () => ({ kind: 'not_sent', reason: 'no_gateway' }),
    runDueWork: async () => 0,
    sendToMerchant: async () => ({ kind: 'not_sent', reason: 'no_network' }),
    checkMerchantUrl: (url) => void checkTargetUrl(url, policy),
    vault: createVault(systemRandomness.bytes(32)),
    publicUrl: () => options.publicUrl ?? 'http://127.0.0.1:7300',
    nudge: () => {},
    log: { info: () => {}, warn: () => {}, error: (details, message) => void errors.push({ message, details }) },
  }
  const readiness = () =>
    db.store.queue.query('select 1').then(
      () => [],
      () => ['The database cannot be reached.'],
    )
  const app = await buildApp(deps, { surfaces, readiness, ...options })
  const merchant = await givenMerchant(deps, 'Tea house')
  return {
    app,
    deps,
    db,
    merchant,
    stranger: await givenMerchant(deps, 'Coffee house'),
    errors,
    call: (request) => callApp(app, { token: merchant.secretKey, ...request }),
    close: async () => {
      await app.close()
      await db.close()
    },
  }
}

async function givenMerchant(deps: Deps, name: string): Promise<TestMerchant> {
  const merchantId = await createMerchant(deps, { name })
  const tenant: Tenant = { merchantId, mode: 'test' }
  const keys = await createApiKeys(deps, tenant, 'tests')
  const email = `${merchantId}@example.com`
  const password = 'correct horse battery staple'
  await createUser(deps, tenant, { email, password, role: 'owner' })
  return { tenant, ...keys, email, password }
}

/** One request, without a socket. */
export async function callApp(app: FastifyInstance, request: ApiRequest): Promise<ApiReply> {
  const { method = 'GET', path, body, raw, token = null, headers } = request
  const key = request.idempotencyKey === undefined && method !== 'GET' ? freshKey() : request.idempotencyKey
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const reply = await app.inject({
    method: method as 'GET',
    url: path,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(key === null || key === undefined ? {} : { 'idempotency-key': key }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: reply.statusCode, headers: reply.headers, text: reply.body, body: jsonOf(reply.body) }
}

export function freshKey(): string {
  return `key-${systemRandomness.bytes(12).toString('hex')}`
}

function jsonOf(text: string): Loose {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
