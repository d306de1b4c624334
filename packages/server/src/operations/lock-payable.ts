// An order that may be paid now, locked, with its attempts: what every way of paying begins with.
import type { Order } from '../domain/order/order.ts'
import { payability } from '../domain/order/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import type { Tx } from '../store/db.ts'
import { lockOrder, lockOrderOfSession } from '../store/orders.ts'
import { listPaymentsOfOrder } from '../store/payments.ts'
import { factsOf } from './refresh-order.ts'
import type { PayTarget } from './start-command.ts'

/**
 * @throws AppError order_not_found, session_not_found, order_not_payable, payment_alive, payment_unknown,
 *   attempts_exhausted
 */
export async function lockPayable(
  tx: Tx,
  target: PayTarget,
): Promise<{ readonly order: Order; readonly attempts: readonly PaymentRecord[] }> {
  const order = await (target.orderId === undefined
    ? lockOrderOfSession(tx, target.sessionId)
    : lockOrder(tx, target.orderId))
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const verdict = payability(factsOf(order, attempts))
  if (verdict === 'not_payable') throw new AppError('order_not_payable', { status: order.status })
  if (verdict !== 'payable') throw new AppError(verdict)
  if (order.expiresAt !== null && order.expiresAt.getTime() <= tx.now.getTime()) {
    throw new AppError('order_not_payable', { status: 'expired' })
  }
  return { order, attempts }
}
