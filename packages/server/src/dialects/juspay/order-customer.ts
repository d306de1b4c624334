// Whose an order is, and by which name it is told. The order's own column decides: metadata is what somebody wrote, and
// may name anybody.
import { CustomerId } from '../../kernel/ids.ts'
import type { OrderView } from '../../operations/queries.ts'

type Owned = Pick<OrderView, 'order' | 'customer'>

/** Whether this names the order's customer: by our id in either form, or by the merchant's reference. */
export function isCustomer({ order, customer }: Owned, named: string): boolean {
  if (order.customerId === null) return false
  return customerIdOf(named) === order.customerId || customer?.reference === named
}

/** As the merchant named it with the order, where that is its customer and no other. */
export function customerNameOf(owned: Owned): string | null {
  const told = owned.order.metadata['customer_id']
  if (told !== undefined && isCustomer(owned, told)) return told
  return owned.customer?.reference ?? owned.order.customerId
}

/** `cst_…` is ours under another prefix. */
export function customerIdOf(text: string): CustomerId | undefined {
  const own = text.replace(/^c(?:st|th)_/, 'cus_')
  return CustomerId.is(own) ? own : undefined
}
