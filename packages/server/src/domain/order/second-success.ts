// Money that nobody asked for twice. When an attempt turns into money although its order has what it needs, or may no
// longer be paid, it is a second success: given back by itself, once, and never counted (domain.md, "Payments").
import { isAlive } from '../payment/states.ts'
import type { Payment } from '../payment/payment.ts'
import type { Order } from './order.ts'

type Attempt = Pick<Payment, 'status' | 'amountCaptured'> & { readonly duplicate: boolean }

/** Absent: nothing is allocated to it. */
export type OrderTerms = Pick<Order, 'amount' | 'canceledAt' | 'expiredAt' | 'lateSuccess'> &
  Partial<Pick<Order, 'amountAllocated'>>

export function isSecondSuccess(
  order: OrderTerms,
  payment: Pick<Payment, 'status'>,
  others: readonly Attempt[],
): boolean {
  if (order.canceledAt !== null) return true
  if (order.expiredAt !== null && order.lateSuccess === 'refund') return true
  const counted = others.filter((other) => !other.duplicate)
  const captured = counted.reduce(
    (total, other) => total + other.amountCaptured.minor,
    order.amountAllocated?.minor ?? 0n,
  )
  if (captured >= order.amount.minor) return true
  // A hold beside another live attempt would let both be captured; captured money itself is first come, first kept.
  if (payment.status === 'authorized') return counted.some((other) => isAlive(other.status) || captured > 0n)
  return captured > 0n
}
