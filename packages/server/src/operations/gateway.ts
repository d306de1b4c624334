// One call to a gateway: build, send with no transaction open, read, and a scrubbed record of the exchange. What the
// reply means is the connector's to say; what it changes is record-result's.
import { Value } from 'typebox/value'
import type { Connector, Exchange, Result, SyncInput } from '../connectors/contract/connector.ts'
import type { WireReply } from '../connectors/contract/wire.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { ExchangeId } from '../kernel/ids.ts'
import type { GatewayAccountId, OperationId, PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { listActiveGatewayAccounts, readGatewayAccount } from '../store/gateway-accounts.ts'
import type { GatewayAccount } from '../store/gateway-accounts.ts'
import type { ExchangeRecord } from '../store/payment-history.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { Deps } from './deps.ts'
import { scrubNews, scrubText } from './scrub-news.ts'

export type OpenAccount = {
  readonly account: GatewayAccount
  readonly connector: Connector
  readonly credentials: unknown
}

export const CREDENTIALS_FIELD = 'gateway_account.credentials'

/**
 * The account with its credentials opened. Null is the account of money that no gateway knows of: nothing can be sent.
 * @throws AppError gateway_account_not_found, not_supported_by_gateway
 */
export async function openGatewayAccount(deps: Deps, tx: Tx, id: GatewayAccountId | null): Promise<OpenAccount> {
  if (id === null) throw new AppError('not_supported_by_gateway', { reason: 'no gateway knows of this payment' })
  return openAccount(deps, tx, await readGatewayAccount(tx, id))
}

/**
 * The account that a new payment runs on: the named one, else the oldest that can take the method. Nothing new starts
 * on a paused one; what runs on it already goes on, because it is opened by `openGatewayAccount`.
 * @throws AppError gateway_account_not_found, method_not_available
 */
export async function chooseGatewayAccount(
  deps: Deps,
  tx: Tx,
  choice: {
    gatewayAccountId: GatewayAccountId | null
    method: PaymentMethod
    /** Whether this connector will do beyond the method; where none does, the first able one is taken. */
    prefers?: (connector: Connector) => boolean
  },
): Promise<OpenAccount> {
  const accounts =
    choice.gatewayAccountId === null
      ? await listActiveGatewayAccounts(tx)
      : [await readGatewayAccount(tx, choice.gatewayAccountId)]
  const able = accounts.filter((account) => {
    if (account.status === 'paused') return false
    const connector = deps.connectors.get(account.connector)
    return connector?.authorize !== undefined && connector.methods.includes(choice.method)
  })
  const preferred = able.find((account) => {
    const connector = deps.connectors.get(account.connector)
    return connector !== undefined && (choice.prefers?.(connector) ?? true)
  })
  const chosen = preferred ?? able[0]
  if (chosen !== undefined) return openAccount(deps, tx, chosen)
  throw new AppError('method_not_available', { field: 'instrument.method', method: choice.method })
}

async function openAccount(deps: Deps, tx: Tx, account: GatewayAccount): Promise<OpenAccount> {
  const connector = deps.connectors.get(account.connector)
  invariant(connector !== undefined, `The connector ${account.connector} of ${account.id} is registered.`)
  const plain = await deps.vault.open(tx, CREDENTIALS_FIELD, account.credentialsSealed)
  const credentials: unknown = JSON.parse(plain)
  invariant(Value.Check(connector.credentialsSchema, credentials), `The credentials of ${account.id} have their shape.`)
  return { account, connector, credentials }
}

/** What the gateway of this account knows an attempt or a refund of ours by; its id where no gateway knows of it. */
export async function gatewayName(deps: Deps, tx: Tx, accountId: GatewayAccountId | null, id: string): Promise<string> {
  if (accountId === null) return id
  const { connector } = await readGatewayAccount(tx, accountId)
  return deps.connectors.get(connector)?.nameOf?.(id) ?? id
}

/** What a gateway is asked with about an attempt. */
export function questionAbout(payment: PaymentRecord): SyncInput {
  const { reference, gatewayPaymentId, amount, method, mandateRole } = payment
  return { reference, gatewayPaymentId, amount, onPage: method === 'gateway_page' && mandateRole !== 'charge' }
}

export type Call<Report> = {
  readonly result: Result<Report>
  /** Certainly nothing left us. */
  readonly notSent: boolean
  readonly exchange: ExchangeRecord
}

/** Never throws for what a gateway does. `kind` names the exchange in the log: authorize, sync, … */
export async function callGateway<Input, Report>(
  deps: Deps,
  gateway: OpenAccount,
  call: {
    kind: string
    exchange: Exchange<Input, unknown, Report>
    input: Input
    paymentId: PaymentId
    operationId: OperationId | null
    /** For a call that moves money: the monotonic time at which it was intended. */
    intendedAtMs?: number
  },
): Promise<Call<Report>> {
  const request = call.exchange.toRequest(call.input, gateway.credentials)
  const started = deps.clock.monotonicMs()
  // A process that stood still may wake up after the gateway was asked and had never seen the call. From then on the
  // call counts as failed, and the payer may have paid another way: it must not leave any more.
  const tooLate = call.intendedAtMs !== undefined && started - call.intendedAtMs > gateway.connector.absentGraceMs / 2
  const reply: WireReply = tooLate
    ? { kind: 'not_sent', reason: 'too_late' }
    : await deps.sendToGateway(gateway.account.id, request)
  const scrub = (text: string) => scrubText(gateway.connector, text)
  const result = scrubNews(gateway.connector, call.exchange.fromReply(reply, call.input))
  return {
    result,
    notSent: reply.kind === 'not_sent',
    exchange: {
      id: ExchangeId.create(deps.clock.now()),
      paymentId: call.paymentId,
      operationId: call.operationId,
      kind: call.kind,
      method: request.method,
      url: scrub(request.url),
      request: scrub(request.body ?? ''),
      outcome: outcomeOf(reply, result),
      status: reply.kind === 'reply' ? reply.status : null,
      reply: reply.kind === 'reply' ? scrub(reply.body).slice(0, MAX_REPLY_CHARACTERS) : '',
      durationMs: Math.round(deps.clock.monotonicMs() - started),
    },
  }
}

// Enough to see what a gateway meant; the log is not an archive of its pages.
const MAX_REPLY_CHARACTERS = 16_384

function outcomeOf(reply: WireReply, result: Result<unknown>): string {
  return reply.kind === 'reply' ? result.kind : `${result.kind}: ${reply.reason}`
}
