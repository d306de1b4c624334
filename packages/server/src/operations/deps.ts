// What operations may reach: everything with a side effect comes in here, so that a simulation or a test can hand over
// its own. Nothing in operations/ reads a clock, makes randomness or opens a connection by itself.
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { Connector } from '../connectors/contract/connector.ts'
import type { WireReply, WireRequest } from '../connectors/contract/wire.ts'
import type { Clock } from '../kernel/clock.ts'
import type { MerchantId, Tenant } from '../kernel/ids.ts'
import type { Randomness } from '../kernel/random.ts'
import type { Store, Tx } from '../store/db.ts'
import type { WebhookFormats } from './webhook-format.ts'

export type Deps = {
  readonly store: Store
  /** Whether live keys can be made and used: the operator's word (PURSER_LIVE). */
  readonly live: boolean
  readonly clock: Clock
  readonly randomness: Randomness
  readonly connectors: ReadonlyMap<string, Connector>
  /** Per connector: what can be paid with in test mode, for the hosted page to list. */
  readonly testInstruments: ReadonlyMap<string, readonly TestInstrument[]>
  /** Sends to a gateway behind its circuit breaker and concurrency limit. Never throws. */
  sendToGateway(gatewayAccountId: string, request: WireRequest, options?: GatewaySendOptions): Promise<WireReply>
  /** Sends to an address that a merchant named, behind the outbound guard. Never throws. */
  sendToMerchant(request: WireRequest): Promise<WireReply>
  /** @throws AppError url_refused */
  checkMerchantUrl(url: string): void
  /** Webhooks in other shapes than our own, by the name of the format. */
  readonly webhookFormats?: WebhookFormats
  readonly vault: Vault
  /** The public base URL without a trailing slash. */
  publicUrl(): string
  /** Tells a worker that something is due now. A hint: the worker looks by itself, too. */
  nudge(queue: QueueName): void
  /** Does what every queue has due of this tenant, waits for it, and answers how much it was. For the test clock. */
  runDueWork(only: Tenant): Promise<number>
  readonly log: Log
}

export type GatewaySendOptions = {
  readonly timeoutMs?: number
  readonly maxReplyBytes?: number
  /** False: a file or a clock, which neither waits behind payments nor says anything about their chances. */
  readonly isPayment?: boolean
}

export type TestInstrument = {
  readonly method: PaymentMethod
  /** The card token, UPI id, bank code or wallet name to pay with. */
  readonly value: string
  readonly label: string
  /** What will happen, in a few words. */
  readonly hint: string
  readonly brand?: string
  readonly lastFour?: string
}

export const QUEUES = ['operations', 'notifications', 'deliveries', 'expiries'] as const
export type QueueName = (typeof QUEUES)[number]

/** Seals what must be read back, under the merchant's data key. `field` binds a value to the place it is kept in. */
export type Vault = {
  seal(tx: Tx, field: string, plain: string): Promise<Buffer>
  open(tx: Tx, field: string, sealed: Buffer): Promise<string>
  /** A fresh data key, wrapped by the master key, for a merchant that is being made. */
  createDataKey(merchantId: MerchantId): Buffer
}

export type Log = {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Who asks. `id` is a key, a user, a session or the name of a job; it goes into history and audit. */
export type Actor = {
  readonly tenant: Tenant
  readonly kind: 'key' | 'user' | 'session' | 'gateway' | 'job'
  readonly id: string
  readonly requestId: string | null
  readonly scopes: readonly Scope[]
}

export const SCOPES = ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings', 'session'] as const
export type Scope = (typeof SCOPES)[number]

/** For history and audit: `key:test_…`. */
export function actorName(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}
