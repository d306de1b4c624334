// Opens what a page or an app starts a payment with. The client token is shown once and stored as a hash; it grants
// this session and nothing else, and runs out with it.
import type { Order } from '../domain/order/order.ts'
import { takesCashFor } from '../domain/order/cash.ts'
import { payability } from '../domain/order/states.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { Session } from '../domain/session/session.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { SessionId } from '../kernel/ids.ts'
import type { OrderId } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertCredential } from '../store/credentials.ts'
import type { Tx } from '../store/db.ts'
import { listActiveGatewayAccounts } from '../store/gateway-accounts.ts'
import { lockOrder } from '../store/orders.ts'
import { readPageSettings } from '../store/page-settings.ts'
import { listPaymentsOfOrder } from '../store/payments.ts'
import { insertSession, readSessionRow } from '../store/sessions.ts'
import { assertReturnUrl } from './create-order.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { assertOrigins } from './page-settings.ts'
import { factsOf } from './refresh-order.ts'

export const DEFAULT_SESSION_SECONDS = 900

export type OpenSessionCommand = {
  readonly orderId: OrderId
  readonly returnUrl?: string
  /** Pages that may frame the hosted page; none by default. */
  readonly frameOrigins?: readonly string[]
  /** 60 to 86,400; default 900. */
  readonly expiresInSeconds?: number
  /** Default true: the order's customer sees what they saved. False where anybody may have opened it. */
  readonly isCustomers?: boolean
  readonly idempotency?: Idempotency
}

export type OpenedSession = { readonly session: Session; readonly clientToken: string; readonly url: string }

/**
 * @throws AppError order_not_found, order_not_payable, payment_unknown, method_not_available, url_refused,
 *   origin_not_registered
 */
export async function openSession(deps: Deps, actor: Actor, command: OpenSessionCommand): Promise<OpenedSession> {
  if (command.returnUrl !== undefined) assertReturnUrl(command.returnUrl)
  const frameOrigins = [...new Set(command.frameOrigins ?? [])]
  assertOrigins(frameOrigins)
  const clientToken = createToken(`ct_${actor.tenant.mode}_`)
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = SessionId.create(deps.clock.now())
    await command.idempotency?.claim(tx, id)
    const order = await lockOrder(tx, command.orderId)
    const verdict = payability(factsOf(order, await listPaymentsOfOrder(tx, order.id)))
    if (verdict === 'not_payable') throw new AppError('order_not_payable', { status: order.status })
    if (verdict === 'payment_unknown' || verdict === 'attempts_exhausted') throw new AppError(verdict)
    await assertMayFrame(tx, frameOrigins)
    const methods = await payableMethods(deps, tx, order)
    if (methods.length === 0) throw new AppError('method_not_available', { reason: 'no_active_gateway_account' })
    const wanted = addMs(tx.now, (command.expiresInSeconds ?? DEFAULT_SESSION_SECONDS) * 1_000)
    const expiresAt = order.expiresAt !== null && order.expiresAt < wanted ? order.expiresAt : wanted
    const session = await insertSession(tx, {
      id,
      orderId: order.id,
      customerId: command.isCustomers === false ? null : order.customerId,
      orderTermsVersion: order.termsVersion,
      methods,
      returnUrl: command.returnUrl ?? order.returnUrl,
      frameOrigins,
      expiresAt,
    })
    await insertCredential(tx, credentialOf(session, clientToken))
    const opened = openedWith(deps, session, clientToken)
    await command.idempotency?.settle(tx, opened)
    return opened
  })
}

function openedWith(deps: Deps, session: Session, clientToken: string): OpenedSession {
  return { session, clientToken, url: `${deps.publicUrl()}/pay/${clientToken}` }
}

/** In test mode any page may; a live page that frames ours was registered by somebody who may change settings. */
async function assertMayFrame(tx: Tx, origins: readonly string[]): Promise<void> {
  if (tx.tenant.mode === 'test' || origins.length === 0) return
  const { frameOrigins } = await readPageSettings(tx)
  const stranger = origins.find((origin) => !frameOrigins.includes(origin) || !origin.startsWith('https:'))
  if (stranger !== undefined) throw new AppError('origin_not_registered', { field: 'frame_origins', origin: stranger })
}

const READABLE_AFTER_MS = 60 * 60 * 1_000

/**
 * After a crash between the session and its answer: the same session, with a client token of its own, because nobody
 * has seen the first one and it cannot be read back.
 * @throws AppError session_not_found
 */
export async function resumeSession(deps: Deps, actor: Actor, sessionId: SessionId): Promise<OpenedSession> {
  const clientToken = createToken(`ct_${actor.tenant.mode}_`)
  const session = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const session = await readSessionRow(tx, sessionId)
    await insertCredential(tx, credentialOf(session, clientToken))
    return session
  })
  return openedWith(deps, session, clientToken)
}

// The result stays readable for a while after the session ran out: a payer may come back late.
function credentialOf(session: Session, clientToken: string): Parameters<typeof insertCredential>[1] {
  return {
    hash: hashToken(clientToken),
    kind: 'client_token',
    subjectId: session.id,
    scopes: ['session'],
    expiresAt: addMs(session.expiresAt, READABLE_AFTER_MS),
  }
}

/** What can be offered for this order: what gateways take, and cash where the merchant takes it up to this much. */
async function payableMethods(deps: Deps, tx: Tx, order: Order): Promise<readonly PaymentMethod[]> {
  const methods = await gatewayMethods(deps, tx)
  const { cashOnDelivery } = await readPageSettings(tx)
  return takesCashFor(order, cashOnDelivery) ? [...methods, 'cash_on_delivery'] : methods
}

/** What the active gateway accounts can take together. */
export async function gatewayMethods(deps: Deps, tx: Tx): Promise<readonly PaymentMethod[]> {
  const accounts = await listActiveGatewayAccounts(tx)
  const methods = accounts.flatMap((account) => {
    const connector = deps.connectors.get(account.connector)
    return connector?.authorize === undefined ? [] : connector.methods
  })
  return [...new Set(methods)]
}
