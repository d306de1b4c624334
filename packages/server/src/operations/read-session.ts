// What the holder of a client token may see: its session, the order's summary, and the attempts to pay it.
import type { SavedMethod } from '../domain/customer/saved-method.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { payability } from '../domain/order/states.ts'
import type { Session } from '../domain/session/session.ts'
import { AppError } from '../kernel/errors.ts'
import { SessionId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { listActiveGatewayAccounts } from '../store/gateway-accounts.ts'
import type { GatewayAccount } from '../store/gateway-accounts.ts'
import { readMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { readOrder } from '../store/orders.ts'
import { readPageSettings } from '../store/page-settings.ts'
import type { PageSettings } from '../store/page-settings.ts'
import { listPaymentsOfOrder, readPayment } from '../store/payments.ts'
import { listSavedMethodsOf } from '../store/saved-methods.ts'
import { readSessionRow } from '../store/sessions.ts'
import { authenticate } from './authenticate.ts'
import type { Actor, Deps, TestInstrument } from './deps.ts'
import { factsOf } from './refresh-order.ts'
import { customerOf } from './session-of-attempt.ts'

export type SessionView = {
  readonly session: Session
  readonly order: Order
  readonly merchantName: string
  readonly page: Pick<PageSettings, 'logo' | 'color'>
  /** What the payer consents to beside this payment, as long as it is not registered. */
  readonly mandate: Mandate | null
  /** Attempts of the order, newest last. */
  readonly payments: readonly PaymentRecord[]
  readonly methods: readonly PaymentMethod[]
  /** In test mode: what can be paid with. Empty in live mode. */
  readonly testInstruments: readonly TestInstrument[]
  /** What the payer saved and may pay with here; empty where the session is nobody's in particular. */
  readonly savedMethods: readonly SavedMethod[]
  /** Methods that can be saved with this payment. */
  readonly savable: readonly PaymentMethod[]
  readonly canPay: boolean
  readonly testMode: boolean
}

/** @throws AppError session_not_found */
export async function readSession(deps: Deps, actor: Actor): Promise<SessionView> {
  const id = sessionOf(actor)
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const session = await readSessionRow(tx, id)
    const order = await readOrder(tx, session.orderId)
    const payments = await listPaymentsOfOrder(tx, order.id)
    const merchant = await readMerchant(tx)
    const page = await readPageSettings(tx)
    const mandate = order.mandateId === null ? null : await readMandate(tx, order.mandateId)
    const open = session.status === 'open' || session.status === 'claimed'
    const inTime = session.expiresAt.getTime() > tx.now.getTime()
    const current = session.orderTermsVersion === order.termsVersion
    const customerId = customerOf(order, session)
    const isTest = actor.tenant.mode === 'test'
    const accounts = isTest || customerId !== null ? await listActiveGatewayAccounts(tx) : []
    const offered = (isTest ? accounts : []).flatMap((account) => deps.testInstruments.get(account.connector) ?? [])
    return {
      session: open && !inTime ? { ...session, status: 'expired' } : session,
      order,
      merchantName: merchant.name,
      page,
      mandate: mandate?.status === 'created' ? mandate : null,
      payments,
      methods: session.methods,
      testInstruments: offered.filter((instrument) => session.methods.includes(instrument.method)),
      savedMethods: (customerId === null ? [] : await listSavedMethodsOf(tx, customerId)).filter(({ kind }) =>
        session.methods.includes(kind),
      ),
      savable: customerId === null ? [] : session.methods.filter((method) => canSave(deps, accounts, method)),
      canPay: open && inTime && current && payability(factsOf(order, payments)) === 'payable',
      testMode: isTest,
    }
  })
}

function canSave(deps: Deps, accounts: readonly GatewayAccount[], method: PaymentMethod): boolean {
  // The account that the method would run on: the first that takes it.
  const connectors = accounts.map(({ connector }) => deps.connectors.get(connector))
  const able = connectors.find((it) => it?.authorize !== undefined && it.methods.includes(method))
  return able?.savesMethods?.includes(method) === true
}

/** An attempt of the session's own order. @throws AppError payment_not_found */
export async function readSessionPayment(deps: Deps, actor: Actor, paymentId: PaymentId): Promise<PaymentRecord> {
  const id = sessionOf(actor)
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const session = await readSessionRow(tx, id)
    const payment = await readPayment(tx, paymentId)
    if (payment.orderId !== session.orderId) throw new AppError('payment_not_found')
    return payment
  })
}

/**
 * The pages that may frame the one that this client token opens; none when the token grants nothing. In live mode an
 * origin counts only as long as it is registered.
 */
export async function readFrameOrigins(deps: Deps, clientToken: string): Promise<readonly string[]> {
  const identity = await authenticate(deps, clientToken)
  const { id, tenant, credential } = identity ?? {}
  if (credential !== 'client_token' || tenant === undefined || !SessionId.is(id ?? '')) return []
  return deps.store.inTransaction(tenant, async (tx) => {
    const { frameOrigins } = await readSessionRow(tx, SessionId.parse(id ?? ''))
    if (tenant.mode === 'test' || frameOrigins.length === 0) return frameOrigins
    const registered = (await readPageSettings(tx)).frameOrigins
    return frameOrigins.filter((origin) => registered.includes(origin))
  })
}

/** @throws AppError scope_missing: whoever asks does not hold a session */
export function sessionOf(actor: Actor): SessionId {
  if (actor.kind !== 'session' || !SessionId.is(actor.id)) throw new AppError('scope_missing', { scope: 'session' })
  return actor.id
}
