// Whether a payer's session may still start an attempt. It names the order's terms that it was opened for; a change of
// the order ends it, and so does its time.
import type { Order } from '../domain/order/order.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { Session } from '../domain/session/session.ts'
import { AppError } from '../kernel/errors.ts'
import type { CustomerId, SessionId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { readSessionRow } from '../store/sessions.ts'

/** @throws AppError session_not_found, session_not_open, order_version_stale */
export async function readOpenSession(tx: Tx, id: SessionId, order: Order): Promise<Session> {
  const session = await readSessionRow(tx, id)
  if (session.orderId !== order.id) throw new AppError('session_not_found')
  const over = session.expiresAt.getTime() <= tx.now.getTime()
  if (over || (session.status !== 'open' && session.status !== 'claimed')) {
    throw new AppError('session_not_open', { status: over ? 'expired' : session.status })
  }
  if (session.orderTermsVersion !== order.termsVersion) throw new AppError('order_version_stale')
  return session
}

/** @throws AppError method_not_available */
export function assertOffered(session: Session | null, method: PaymentMethod): void {
  if (session === null || session.methods.includes(method)) return
  throw new AppError('method_not_available', { field: 'instrument.method', method })
}

/**
 * Whose saved methods this attempt may use or add to: the order's customer, where the merchant itself asks or the
 * session is that customer's. Null for whoever came by a link.
 */
export function customerOf(order: Order, session: Session | null): CustomerId | null {
  return session === null || session.customerId === order.customerId ? order.customerId : null
}

/**
 * A payer may stop what waits for the payer, whoever started it: another way to pay was chosen. Cash that somebody is
 * on the way to collect waits for no payer: only the page where it was chosen takes that back.
 * @throws AppError session_not_found, session_not_open, order_version_stale, payment_state_conflict
 */
export async function assertPayerMayStop(tx: Tx, id: SessionId, order: Order, payment: PaymentRecord): Promise<void> {
  await readOpenSession(tx, id, order)
  if (payment.action?.type !== 'collect_cash' || payment.sessionId === id) return
  throw new AppError('payment_state_conflict', { status: payment.status, reason: 'it was not started from this page' })
}
