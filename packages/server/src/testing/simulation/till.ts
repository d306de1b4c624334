// One merchant with a till on a real database: the operations as they are, the sandbox connector, and the model gateway
// behind it. Clock and ids come from a count, so that a seeded run is the same run each time.
import { sandbox as sandboxConnector } from '../../connectors/sandbox/index.ts'
import type { Connector } from '../../connectors/contract/connector.ts'
import type { WireReply } from '../../connectors/contract/wire.ts'
import { AppError } from '../../kernel/errors.ts'
import type { GatewayAccountId, MerchantId } from '../../kernel/ids.ts'
import { connectGatewayAccount, createMerchant } from '../../operations/create-merchant.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { createVault } from '../../operations/vault.ts'
import type { TestDatabase } from '../open-database.ts'
import type { Chance } from './seeded-chance.ts'

export type Till = {
  readonly db: TestDatabase
  readonly deps: Deps
  readonly actor: Actor
  readonly merchantId: MerchantId
  readonly accountId: GatewayAccountId
  readonly secret: string
  /** Every line at level error: there should be none. */
  readonly errors: string[]
  advance(seconds: number): Promise<void>
  /** Every lease of a queue runs out, as after a minute; so do those of idempotency keys. */
  endLeases(): Promise<void>
  close(): Promise<void>
}

const SECRET = `ns_sandbox_${'5'.repeat(64)}`
const SCOPES = ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings'] as const

export async function openTill(
  db: TestDatabase,
  chance: Chance,
  send: Deps['sendToGateway'] = async (): Promise<WireReply> => ({ kind: 'not_sent', reason: 'no_gateway' }),
): Promise<Till> {
  const errors: string[] = []
  const deps = depsOf(db, chance, send, errors)
  const merchantId = await createMerchant(deps, { name: 'Tea house' })
  const tenant = { merchantId, mode: 'test' } as const
  const accountId = await connectGatewayAccount(deps, tenant, {
    connector: 'sandbox',
    label: 'Model',
    credentials: {
      base_url: 'https://gateway.example',
      api_key: `sk_sandbox_${'a'.repeat(64)}`,
      notification_secret: SECRET,
    },
  })
  const { owner } = db.pools
  return {
    db,
    deps,
    actor: { tenant, kind: 'key', id: 'key_of_the_till', requestId: null, scopes: SCOPES },
    merchantId,
    accountId,
    secret: SECRET,
    errors,
    advance: async (seconds) => {
      await owner.query(
        `update purser.merchants set clock_offset = clock_offset + $2 * interval '1 second' where id = $1`,
        [merchantId, seconds],
      )
    },
    endLeases: async () => {
      await owner.query('update purser.operations set leased_until = now() where leased_until > now()')
      await owner.query('update purser.notifications set leased_until = now() where leased_until > now()')
      await owner.query('update purser.idempotency_keys set leased_until = now() where leased_until > now()')
    },
    // What is left open must not be another run's work.
    close: async () => {
      await owner.query('delete from purser.operations where merchant_id = $1 and ended_at is null', [merchantId])
      await owner.query(`delete from purser.notifications where merchant_id = $1 and due_at is not null`, [merchantId])
      await owner.query('update purser.orders set expires_at = null where merchant_id = $1', [merchantId])
    },
  }
}

function depsOf(db: TestDatabase, chance: Chance, send: Deps['sendToGateway'], errors: string[]): Deps {
  // Close to real time: signatures and leases are held against it.
  const startedAt = Date.now()
  const monotonicAt = performance.now()
  let ticks = 0
  return {
    store: db.store,
    clock: {
      now: () => new Date(startedAt + ticks++),
      monotonicMs: () => performance.now() - monotonicAt,
    },
    randomness: chance,
    connectors: new Map([['sandbox', sandboxConnector as Connector]]),
    testInstruments: new Map(),
    sendToGateway: send,
    sendToMerchant: async () => ({ kind: 'not_sent', reason: 'no_network' }),
    checkMerchantUrl: () => {},
    vault: createVault(chance.bytes(32)),
    publicUrl: () => 'https://till.example',
    nudge: () => {},
    live: false,
    runDueWork: async () => 0,
    log: {
      info: () => {},
      warn: () => {},
      error: (details, message) => void errors.push(`${message} ${describe(details)}`),
    },
  }
}

function describe(details: object): string {
  const error: unknown = 'err' in details ? details.err : undefined
  if (error instanceof AppError) return `${error.code} ${error.stack}`
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(details)
}
