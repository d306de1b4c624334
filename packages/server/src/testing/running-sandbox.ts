// The sandbox gateway as tests use it: the real plug-in on a real port with the real book, one account, and its admin
// calls as functions. Purser's side of the wire is the test's own business.
import Fastify from 'fastify'
import type pg from 'pg'
import { systemClock } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import { sandboxGateway, startSandboxWorkers } from '../sandbox-gateway/index.ts'
import type { SendNotification } from '../sandbox-gateway/index.ts'
import { sendNotification } from '../sandbox-gateway/send.ts'

const ADMIN_TOKEN = 'the-operator-of-this-sandbox'

export type SandboxAccount = { readonly id: string; readonly apiKey: string; readonly notificationSecret: string }

// oxlint-disable-next-line typescript/no-explicit-any -- replies are looked at by tests, field by field
export type Loose = any

export type RunningSandbox = {
  readonly baseUrl: string
  readonly account: SandboxAccount
  readonly newAccount: (notificationUrl?: string | null) => Promise<SandboxAccount>
  /** One call of the gateway's API with the account's key. */
  readonly call: (
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: Loose }>
  readonly admin: (method: string, path: string, body?: object) => Promise<{ status: number; body: Loose }>
  /** Moves the account's clock; returns when all that came due is settled. */
  readonly advance: (ms: number) => Promise<void>
  readonly plan: (fault: object) => Promise<void>
  /** The first page of the account's book. */
  readonly book: () => Promise<Loose[]>
  readonly stop: () => Promise<void>
}

export async function startTestSandbox(
  pool: pg.Pool,
  options: { notificationUrl?: string; send?: SendNotification; clock?: Clock } = {},
): Promise<RunningSandbox> {
  const app = Fastify()
  let baseUrl = ''
  const { send = sendNotification, clock = systemClock } = options
  const shared = { pool, send, clock, baseUrl: () => baseUrl, adminToken: ADMIN_TOKEN }
  const workers = startSandboxWorkers(shared)
  await app.register(sandboxGateway, { ...shared, workers })
  baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })

  const request = async (token: string, method: string, path: string, body?: object, headers = {}) => {
    const reply = await fetch(`${baseUrl}/sandbox${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const admin: RunningSandbox['admin'] = (method, path, body) => request(ADMIN_TOKEN, method, path, body)
  const newAccount: RunningSandbox['newAccount'] = async (notificationUrl = options.notificationUrl ?? null) => {
    const { body } = await admin('POST', '/accounts', { name: 'Test', notification_url: notificationUrl })
    return { id: body.account_id, apiKey: body.api_key, notificationSecret: body.notification_secret }
  }
  const account = await newAccount()
  return {
    baseUrl,
    account,
    newAccount,
    admin,
    call: (method, path, body, headers) => request(account.apiKey, method, path, body, headers),
    advance: async (ms) => {
      const { status } = await admin('POST', `/accounts/${account.id}/clock`, { advance_ms: ms })
      if (status !== 200) throw new Error(`The clock answered ${status}.`)
    },
    plan: async (fault) => {
      const { status, body } = await admin('POST', `/accounts/${account.id}/faults`, fault)
      if (status !== 201) throw new Error(`The fault was not taken: ${JSON.stringify(body)}`)
    },
    book: async () => (await admin('GET', `/accounts/${account.id}/book`)).body.payments,
    stop: async () => {
      await app.close()
      await workers.stop()
    },
  }
}
