// Whether a payer is offered to pay in cash when the goods come. The merchant says up to how much; a merchant's own
// server may start such a payment for any order.
import { isGreater } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { Order } from './order.ts'

/** @param most null: the merchant takes no cash */
export function takesCashFor(order: Pick<Order, 'amount' | 'mandateId'>, most: Money | null): boolean {
  // Cash consents to no later charges.
  if (most === null || order.mandateId !== null || order.amount.currency !== most.currency) return false
  return !isGreater(order.amount, most)
}
