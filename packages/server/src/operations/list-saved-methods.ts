// What a customer kept, the last used first. For the merchant's server and for other APIs; a payer's page reads it with
// its session (read-session.ts).
import type { SavedMethod } from '../domain/customer/saved-method.ts'
import type { Customer } from '../domain/customer/customer.ts'
import { listSavedMethodsOf } from '../store/saved-methods.ts'
import { AppError } from '../kernel/errors.ts'
import { readOrder } from '../store/orders.ts'
import { readSessionRow } from '../store/sessions.ts'
import type { Actor, Deps } from './deps.ts'
import { sessionOf } from './read-session.ts'
import { customerOf } from './session-of-attempt.ts'
import { readNamed } from './upsert-customer.ts'
import type { CustomerName } from './upsert-customer.ts'

export type SavedMethods = { readonly customer: Customer; readonly savedMethods: readonly SavedMethod[] }

/** @throws AppError customer_not_found */
export function listSavedMethods(deps: Deps, actor: Actor, name: CustomerName): Promise<SavedMethods> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const customer = await readNamed(tx, name)
    return { customer, savedMethods: await listSavedMethodsOf(tx, customer.id) }
  })
}

/**
 * What the payer of this session kept. A session that is not the customer's own, as one that was come by with a link,
 * shows nobody's.
 *
 * @throws AppError customer_not_found, session_not_found, scope_missing
 */
export function listOwnSavedMethods(deps: Deps, actor: Actor): Promise<SavedMethods> {
  const id = sessionOf(actor)
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const session = await readSessionRow(tx, id)
    const customerId = customerOf(await readOrder(tx, session.orderId), session)
    if (customerId === null) throw new AppError('customer_not_found')
    return { customer: await readNamed(tx, { id: customerId }), savedMethods: await listSavedMethodsOf(tx, customerId) }
  })
}
