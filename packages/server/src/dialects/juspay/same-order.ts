// A reference is used again: is the same order meant? Every route that makes an order asks here, so that none takes up
// the order of another customer. Whose it is says its own column; metadata says only what somebody wrote.
import type { Order } from '../../domain/order/order.ts'
import { AppError } from '../../kernel/errors.ts'
import { equals } from '../../kernel/money.ts'
import { createOrder } from '../../operations/create-order.ts'
import { findOrderByReference, getOrder } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { amountOf, currencyOf } from './amounts.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { isCustomer } from './order-customer.ts'
import { orderCommand } from './order-fields.ts'
import type { Call } from './route.ts'

/** What a route changes of the order that is there; the rest has to be the same. */
type Changes = { readonly amount: boolean }

/**
 * Makes the order that the fields tell of, or takes up the one that is there by its reference.
 *
 * @throws AppError order_reference_taken where that is another order, and what createOrder throws
 */
export async function makeOrTakeUp(
  call: Call,
  fields: Fields,
  changes: Changes,
): Promise<{ readonly view: OrderView; readonly isMade: boolean }> {
  const { actor, deps } = call
  const command = await orderCommand(call, fields)
  try {
    const { id } = await createOrder(deps, actor, command)
    return { view: await getOrder(deps, actor, id), isMade: true }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'order_reference_taken') throw error
    const view = await findOrderByReference(deps, actor, command.reference)
    if (!sameOrder(view, fields, changes)) throw error
    return { view, isMade: false }
  }
}

/** Whether no other customer, currency or amount is named than the order has. @throws AppError amount_invalid */
export function sameOrder(view: OrderView, fields: Fields, changes: Changes): boolean {
  return isOfNamed(view, fields) && isSameAmount(view.order, fields, changes)
}

/** Whether the customer that the fields name, if any, is the order's. */
export function isOfNamed(view: OrderView, fields: Fields): boolean {
  const named = textIn(fields, 'customer_id')
  return named === undefined || isCustomer(view, named)
}

function isSameAmount({ amount }: Order, fields: Fields, changes: Changes): boolean {
  const currency = textIn(fields, 'currency') === undefined ? amount.currency : currencyOf(fields)
  const named = amountOf(fields, 'amount', currency)
  return currency === amount.currency && (changes.amount || named === undefined || equals(named, amount))
}
