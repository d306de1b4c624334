// What the holder of a client token may see: its session, the order's summary, and the attempts to pay it.
import type { Order } from '../domain/order/order.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { payability } from '../domain/order/states.ts'
import type { Session } from '../domain/session/session.ts'
import { AppError } from '../kernel/errors.ts'
import { SessionId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { listActiveGatewayAccounts } from '../store/gateway-accounts.ts'
import { readMerchant } from '../store/merchants.ts'
import { readOrder } from '../store/orders.ts'
import { listPaymentsOfOrder, readPayment } from '../store/payments.ts'
import { readSessionRow } from '../store/sessions.ts'
import type { Actor, Deps, TestInstrument } from './deps.ts'
import { factsOf } from './refresh-order.ts'

export type SessionView = {
  readonly session: Session
  readonly order: Order
  readonly merchantName: string
  /** Attempts of the order, newest last. */
  readonly payments: readonly PaymentRecord[]
  readonly methods: readonly PaymentMethod[]
  /** In test mode: what can be paid with. Empty in live mode. */
  readonly testInstruments: readonly TestInstrument[]
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
    const open = session.status === 'open' || session.status === 'claimed'
    const inTime = session.expiresAt.getTime() > tx.now.getTime()
    const current = session.orderTermsVersion === order.termsVersion
    const accounts = actor.tenant.mode === 'test' ? await listActiveGatewayAccounts(tx) : []
    const offered = accounts.flatMap((account) => deps.testInstruments.get(account.connector) ?? [])
    return {
      session: open && !inTime ? { ...session, status: 'expired' } : session,
      order,
      merchantName: merchant.name,
      payments,
      methods: session.methods,
      testInstruments: offered.filter((instrument) => session.methods.includes(instrument.method)),
      canPay: open && inTime && current && payability(factsOf(order, payments)) === 'payable',
      testMode: actor.tenant.mode === 'test',
    }
  })
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

function sessionOf(actor: Actor): SessionId {
  if (actor.kind !== 'session' || !SessionId.is(actor.id)) throw new AppError('scope_missing', { scope: 'session' })
  return actor.id
}
