// What a customer kept, the last used first. For the merchant's server and for other APIs; a payer's page reads it with
// its session (read-session.ts).
import type { SavedMethod } from '../domain/customer/saved-method.ts'
import type { Customer } from '../domain/customer/customer.ts'
import { listSavedMethodsOf } from '../store/saved-methods.ts'
import type { Actor, Deps } from './deps.ts'
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
