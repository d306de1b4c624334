// Makes a customer under the merchant's own reference. APIs that find or change one as well use upsert-customer.ts.
import type { Customer, CustomerDetails } from '../domain/customer/customer.ts'
import { CustomerId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { insertCustomer } from '../store/customers.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { NO_DETAILS } from './upsert-customer.ts'

export type CreateCustomerCommand = {
  readonly reference: string
  readonly details: Partial<CustomerDetails>
  readonly idempotency?: Idempotency
}

/** @throws AppError customer_reference_taken */
export function createCustomer(deps: Deps, actor: Actor, command: CreateCustomerCommand): Promise<Customer> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = CustomerId.create(deps.clock.now())
    await command.idempotency?.claim(tx, id)
    const { reference, details } = command
    const customer = await insertCustomer(tx, { ...NO_DETAILS, ...details, id, reference })
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'customer.created',
      objectId: id,
      requestId: actor.requestId,
      details: { reference },
    })
    return customer
  })
}
