// An order's status and totals, derived again by the domain from the rows that they come from.
import { deriveOrderStatus } from '../domain/order/states.ts'
import type { OrderToVerify } from '../store/verify/orders.ts'

/** What is wrong with it; undefined when nothing is. */
export function orderFault(order: OrderToVerify): string | undefined {
  const counted = order.payments.filter((payment) => !payment.duplicate)
  const captured = counted.reduce((total, payment) => total + payment.capturedMinor, order.allocatedMinor)
  const refunded = counted.reduce((total, payment) => total + payment.refundedMinor, order.allocatedRefundedMinor)
  const status = deriveOrderStatus(order)
  if (status !== order.status) return `is ${order.status}, its payments make it ${status}`
  if (captured !== order.capturedMinor) return `captured ${order.capturedMinor}, its payments ${captured}`
  if (refunded !== order.refundedMinor) return `refunded ${order.refundedMinor}, its payments ${refunded}`
  if ((status === 'paid') !== order.paid)
    return `is ${status} and ${order.paid ? 'says' : 'does not say'} when it was paid`
  return undefined
}
