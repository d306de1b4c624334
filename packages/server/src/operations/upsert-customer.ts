// Makes a customer, changes one, or finds the one that a reference names and makes it where there is none. Two that do
// so at the same time end with one customer: the reference is unique, and the loser looks again.
import type { Customer, CustomerDetails } from '../domain/customer/customer.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { CustomerId } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { insertCredential } from '../store/credentials.ts'
import { findCustomerByReference, insertCustomer, readCustomer, saveCustomer } from '../store/customers.ts'
import type { Tx } from '../store/db.ts'
import type { Actor, Deps } from './deps.ts'

/** Either our id or the merchant's reference. */
export type CustomerName = { readonly id: CustomerId } | { readonly reference: string }

export type UpsertCustomerCommand = {
  readonly reference: string
  readonly details: Partial<CustomerDetails>
  /** `refuse` throws, `keep` answers it as it is, `change` writes the details that are given. */
  readonly whenThere: 'refuse' | 'keep' | 'change'
}

/** @throws AppError customer_reference_taken (with `refuse`) */
export async function upsertCustomer(deps: Deps, actor: Actor, command: UpsertCustomerCommand): Promise<Customer> {
  const work = () => deps.store.inTransaction(actor.tenant, (tx) => upsertCustomerIn(deps, tx, command))
  try {
    return await work()
  } catch (error) {
    const lost = error instanceof AppError && error.code === 'customer_reference_taken'
    if (!lost || command.whenThere === 'refuse') throw error
    return work()
  }
}

/** What is not given. */
export const NO_DETAILS: CustomerDetails = {
  givenName: null,
  familyName: null,
  email: null,
  phone: null,
  phoneCountry: '91',
}

async function upsertCustomerIn(deps: Deps, tx: Tx, command: UpsertCustomerCommand): Promise<Customer> {
  const { reference, details, whenThere } = command
  const there = await findCustomerByReference(tx, reference)
  if (there === undefined) {
    return insertCustomer(tx, { ...NO_DETAILS, ...details, id: CustomerId.create(deps.clock.now()), reference })
  }
  if (whenThere === 'refuse') throw new AppError('customer_reference_taken', { field: 'reference' })
  return whenThere === 'keep' ? there : saveCustomer(tx, there.id, { ...there, ...details })
}

/** @throws AppError customer_not_found */
export async function updateCustomer(
  deps: Deps,
  actor: Actor,
  command: { readonly customer: CustomerName; readonly details: Partial<CustomerDetails> },
): Promise<Customer> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const there = await readNamed(tx, command.customer)
    return saveCustomer(tx, there.id, { ...there, ...command.details })
  })
}

/** @throws AppError customer_not_found */
export function getCustomer(deps: Deps, actor: Actor, name: CustomerName): Promise<Customer> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readNamed(tx, name))
}

export async function readNamed(tx: Tx, name: CustomerName): Promise<Customer> {
  const customer = 'id' in name ? await readCustomer(tx, name.id) : await findCustomerByReference(tx, name.reference)
  if (customer === undefined) throw new AppError('customer_not_found')
  return customer
}

const CUSTOMER_TOKEN_MS = 15 * 60 * 1_000

/** A token with which an app may see this customer and nobody else. Shown once. */
export async function openCustomerSession(
  deps: Deps,
  actor: Actor,
  customerId: CustomerId,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const token = createToken(`cut_${actor.tenant.mode}_`)
  const expiresAt = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await readCustomer(tx, customerId)
    const until = addMs(tx.now, CUSTOMER_TOKEN_MS)
    const kind = 'customer_token'
    await insertCredential(tx, {
      hash: hashToken(token),
      kind,
      subjectId: customerId,
      scopes: [],
      expiresAt: until,
    })
    return until
  })
  return { token, expiresAt }
}
