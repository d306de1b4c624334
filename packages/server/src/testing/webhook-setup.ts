// What tests of webhooks stand on: a receiver on loopback that remembers what it got, the real outbound client, and a
// merchant whose clock the test moves. Nothing waits for real time: the schedule runs in business time.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { eventBody } from '../domain/webhook/event.ts'
import type { EventType } from '../domain/webhook/event.ts'
import { createOutbound } from '../http/client.ts'
import { checkTargetUrl } from '../http/target-guard.ts'
import { systemClock } from '../kernel/clock.ts'
import { MerchantId } from '../kernel/ids.ts'
import type { EventId, Mode } from '../kernel/ids.ts'
import { systemRandomness } from '../kernel/random.ts'
import { createWebhookEndpoint } from '../operations/create-webhook-endpoint.ts'
import type { EndpointWithSecret } from '../operations/create-webhook-endpoint.ts'
import type { Actor, Deps, QueueName } from '../operations/deps.ts'
import { createVault } from '../operations/vault.ts'
import { insertEvent } from '../store/events.ts'
import type { TestDatabase } from './test-database.ts'

export type Received = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Receiver = {
  readonly received: Received[]
  url(path?: string): string
  /** How to answer from now on; 204 until it is called. */
  answer(how: (request: Received, response: ServerResponse) => void): void
  /** How many requests wait for an answer or are being answered at this moment, and how many ever did at once. */
  readonly open: { now: number; most: number }
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const open = { now: 0, most: 0 }
  let how = (_: Received, response: ServerResponse): void => void response.writeHead(204).end()
  const server = createServer((request, response) => {
    open.now += 1
    open.most = Math.max(open.most, open.now)
    response.on('close', () => (open.now -= 1))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const seen = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      received.push(seen)
      how(seen, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    received,
    open,
    url: (path = '/hook') => `http://127.0.0.1:${port}${path}`,
    answer: (given) => {
      how = given
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The one at this place; throws when there is none. */
export function itemAt<T>(items: readonly T[], index: number): T {
  const item = items.at(index)
  if (item === undefined) throw new Error(`There is no item ${index} among ${items.length}.`)
  return item
}

/** Throws unless the reference library accepts the request with this secret. */
export function verifyReceived(secret: string, { body, headers }: Received): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

// One for all, so that a worker of one setup can send for the merchant of another.
const vault = createVault(systemRandomness.bytes(32))

export type WebhookSetup = {
  readonly deps: Deps
  readonly actor: Actor
  readonly nudges: QueueName[]
  createEndpoint(given: { url: string; eventTypes?: string[] }): Promise<EndpointWithSecret>
  /** Commits an event of this type and answers its id. */
  emit(type?: EventType): Promise<EventId>
  /** Moves the merchant's test clock forward. */
  advance(interval: string): Promise<void>
  /** As the superuser: sees everything of everyone. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export async function setUpWebhooks(
  database: TestDatabase,
  given: { mode?: Mode; timeoutMs?: number } = {},
): Promise<WebhookSetup> {
  const policy = { allow: ['127.0.0.0/8'] }
  const outbound = createOutbound({ policy })
  const nudges: QueueName[] = []
  const deps: Deps = {
    store: database.store,
    clock: systemClock,
    randomness: systemRandomness,
    connectors: new Map(),
    live: true,
    testInstruments: new Map(),
    sendToGateway: async () => ({ kind: 'not_sent', reason: 'no_gateway' }),
    runDueWork: async () => 0,
    sendToMerchant: (request) => outbound.send(request, { timeoutMs: given.timeoutMs ?? 5_000, guard: 'merchant' }),
    checkMerchantUrl: (url) => void checkTargetUrl(url, policy),
    vault,
    publicUrl: () => 'http://127.0.0.1',
    nudge: (queue) => void nudges.push(queue),
    log: { info: () => {}, warn: () => {}, error: () => {} },
  }
  const merchantId = MerchantId.create(new Date())
  const tenant = { merchantId, mode: given.mode ?? 'test' } as const
  await database.pools.owner.query(`insert into merchants (id, name, data_key) values ($1, 'Tea house', $2)`, [
    merchantId,
    vault.createDataKey(merchantId),
  ])
  const actor: Actor = { tenant, kind: 'key', id: 'test_key', requestId: 'req_1', scopes: ['webhooks'] }
  return {
    deps,
    actor,
    nudges,
    createEndpoint: ({ url, eventTypes = ['*'] }) => createWebhookEndpoint(deps, actor, { url, eventTypes }),
    emit: (type = 'order.paid') =>
      deps.store.inTransaction(tenant, (tx) => {
        const body = eventBody(type, tx.now, { endpoint_id: 'none' })
        return insertEvent(tx, { type, objectId: 'ord_1', orderId: null, paymentId: null, body })
      }),
    advance: async (interval) => {
      await database.pools.owner.query(
        'update merchants set clock_offset = clock_offset + $2::interval where id = $1',
        [merchantId, interval],
      )
    },
    sql: async (text, values) => (await database.pools.owner.query(text, values)).rows,
    close: () => outbound.close(),
  }
}
