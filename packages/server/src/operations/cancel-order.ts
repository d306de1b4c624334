// Cancels an order that nobody is paying. An attempt that is not certainly absent blocks it: money may be on its way.
import { isAlive } from '../domain/payment/states.ts'
import type { Order } from '../domain/order/order.ts'
import { AppError } from '../kernel/errors.ts'
import type { OrderId } from '../kernel/ids.ts'
import { isPositive } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import { lockOrder } from '../store/orders.ts'
import { listPaymentsOfOrder } from '../store/payments.ts'
import { closeSessionsOfOrder } from '../store/sessions.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { refreshOrder } from './refresh-order.ts'

/** Canceling twice is the same as once. @throws AppError order_not_found, order_not_changeable, payment_unknown */
export async function cancelOrder(
  deps: Deps,
  actor: Actor,
  command: { readonly orderId: OrderId; readonly idempotency?: Idempotency },
): Promise<Order> {
  const order = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.orderId)
    const before = await lockOrder(tx, command.orderId)
    if (before.canceledAt !== null) return before
    const attempts = await listPaymentsOfOrder(tx, before.id)
    const alive = attempts.find((attempt) => isAlive(attempt.status))
    if (alive?.status === 'unknown') throw new AppError('payment_unknown', { payment_id: alive.id })
    const isPaid = attempts.some((attempt) => attempt.amountCaptured.minor > 0n && !attempt.duplicate)
    if (alive !== undefined || isPaid || isPositive(before.amountAllocated)) {
      throw new AppError('order_not_changeable', { status: before.status })
    }
    await closeSessionsOfOrder(tx, before.id)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'order.canceled',
      objectId: before.id,
      requestId: actor.requestId,
      details: {},
    })
    const after = await refreshOrder(tx, before, attempts, { canceledAt: tx.now })
    await command.idempotency?.settle(tx, after)
    return after
  })
  deps.nudge('deliveries')
  return order
}
