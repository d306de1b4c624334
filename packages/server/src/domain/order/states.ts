// An order's status is derived, never set: from its payments, its expiry and its cancellation (domain.md, "Orders").
// Refunds stand beside it and never make it unpaid or payable again.
import { isAlive } from '../payment/states.ts'
import type { PaymentStatus } from '../payment/states.ts'

export const ORDER_STATUSES = [
  'open',
  'awaiting_collection',
  'processing',
  'authorized',
  'partially_paid',
  'paid',
  'expired',
  'canceled',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export type OrderFacts = {
  /** Minor units, as the payments' below: all of one currency. */
  readonly amountMinor: bigint
  /** Money of other payments that was applied to it. Absent: none. */
  readonly allocatedMinor?: bigint
  readonly expired: boolean
  readonly canceled: boolean
  readonly payments: readonly AttemptFacts[]
}

export type AttemptFacts = {
  readonly status: PaymentStatus
  readonly capturedMinor: bigint
  /** A second success that is given back by itself: its money never counts. */
  readonly duplicate: boolean
  /** Cash on delivery that nobody has collected yet. */
  readonly awaitsCash: boolean
}

export function deriveOrderStatus(order: OrderFacts): OrderStatus {
  const counted = order.payments.filter((payment) => !payment.duplicate)
  const captured = counted.reduce((total, payment) => total + payment.capturedMinor, order.allocatedMinor ?? 0n)
  if (captured >= order.amountMinor) return 'paid'
  if (counted.some((payment) => payment.status === 'authorized')) return 'authorized'
  if (captured > 0n) return 'partially_paid'
  const alive = counted.filter((payment) => isAlive(payment.status))
  if (alive.some((payment) => !payment.awaitsCash)) return 'processing'
  if (alive.length > 0) return 'awaiting_collection'
  if (order.canceled) return 'canceled'
  return order.expired ? 'expired' : 'open'
}

/** Whether another attempt of ours may start: never beside one that is alive or unknown, never after the money came. */
export type Payability = 'payable' | 'payment_unknown' | 'payment_alive' | 'attempts_exhausted' | 'not_payable'

export const MAX_ATTEMPTS = 25

export function payability(order: OrderFacts): Payability {
  if (order.payments.some((payment) => payment.status === 'unknown')) return 'payment_unknown'
  const status = deriveOrderStatus(order)
  if (status === 'paid' || status === 'expired' || status === 'canceled') return 'not_payable'
  if (order.payments.some((payment) => isAlive(payment.status) && !payment.duplicate)) return 'payment_alive'
  // What is left of a partly captured order is not charged again by itself; the merchant makes a new order for it.
  if (status === 'partially_paid') return 'not_payable'
  // One that certainly never reached the gateway is no attempt of the payer's: an outage must not use them up.
  const reached = order.payments.filter((payment) => payment.status !== 'failed')
  if (reached.length >= MAX_ATTEMPTS) return 'attempts_exhausted'
  return 'payable'
}
