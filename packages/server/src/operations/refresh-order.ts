// Brings an order to what its payments say. Its status and totals are derived, never set by hand.
import type { Order } from '../domain/order/order.ts'
import { deriveOrderStatus } from '../domain/order/states.ts'
import type { OrderFacts, OrderStatus } from '../domain/order/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { EventType } from '../domain/webhook/event.ts'
import { sum } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { saveOrder } from '../store/orders.ts'
import { closeSessionsOfOrder } from '../store/sessions.ts'
import { announceOrder } from './announce.ts'
import { endRegistration } from './register-mandate.ts'

export function factsOf(order: Order, payments: readonly PaymentRecord[]): OrderFacts {
  return {
    amountMinor: order.amount.minor,
    allocatedMinor: order.amountAllocated.minor,
    expired: order.expiredAt !== null,
    canceled: order.canceledAt !== null,
    payments: payments.map((payment) => ({
      status: payment.status,
      capturedMinor: payment.amountCaptured.minor,
      duplicate: payment.duplicate,
      awaitsCash: payment.action?.type === 'collect_cash',
    })),
  }
}

/**
 * `locked` is the order as it is kept; `payments` are all of its attempts as they are now; `change` is what just ended
 * it or was allocated to it.
 */
export async function refreshOrder(
  tx: Tx,
  locked: Order,
  payments: readonly PaymentRecord[],
  change: Partial<Pick<Order, 'expiredAt' | 'canceledAt' | 'amountAllocated' | 'amountAllocatedRefunded'>> = {},
): Promise<Order> {
  const order: Order = { ...locked, ...change }
  const counted = payments.filter((payment) => !payment.duplicate)
  const { currency } = order.amount
  const status = deriveOrderStatus(factsOf(order, payments))
  const paid = status === 'paid'
  const next: Order = {
    ...order,
    status,
    amountCaptured: sum([...counted.map((payment) => payment.amountCaptured), order.amountAllocated], currency),
    amountRefunded: sum([...counted.map((payment) => payment.amountRefunded), order.amountAllocatedRefunded], currency),
    // A cheque that bounces leaves the order unpaid.
    paidAt: paid ? (order.paidAt ?? tx.now) : null,
    paidLate: order.paidLate || (paid && order.expiredAt !== null),
  }
  const unchanged =
    Object.keys(change).length === 0 &&
    next.status === order.status &&
    next.amountCaptured.minor === order.amountCaptured.minor &&
    next.amountRefunded.minor === order.amountRefunded.minor
  if (unchanged) return order
  const saved = await saveOrder(tx, order, next)
  if (saved.status !== order.status) {
    if (saved.status === 'paid') await closeSessionsOfOrder(tx, saved.id)
    await announceOrder(tx, eventOf(saved.status), saved)
    if (ENDS.has(saved.status)) await endRegistration(tx, saved, payments)
  }
  return saved
}

const ENDS: ReadonlySet<OrderStatus> = new Set(['paid', 'expired', 'canceled'])

function eventOf(status: OrderStatus): EventType {
  return status === 'open' ? 'order.reopened' : `order.${status}`
}
