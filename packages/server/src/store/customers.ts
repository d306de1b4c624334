// Customers at rest. Found by our id or by the merchant's own reference, never by e-mail or phone: those are shared.
import type { Customer, CustomerDetails } from '../domain/customer/customer.ts'
import { AppError } from '../kernel/errors.ts'
import type { CustomerId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'
import { violates } from './db.ts'

const COLUMNS = `id, reference, given_name as "givenName", family_name as "familyName", email, phone,
  phone_country as "phoneCountry", created_at as "createdAt", coalesce(updated_at, created_at) as "updatedAt"`

export type NewCustomer = CustomerDetails & { readonly id: CustomerId; readonly reference: string | null }

/** @throws AppError customer_reference_taken */
export async function insertCustomer(tx: Tx, customer: NewCustomer): Promise<Customer> {
  try {
    const { rows } = await tx.query<Customer>(
      `insert into customers (merchant_id, mode, id, reference, name, given_name, family_name, email, phone,
         phone_country, created_at, updated_at)
       values ($1, $2, $3, $4, nullif(concat_ws(' ', $5::text, $6::text), ''), $5, $6, $7, $8, $9, $10, $10)
       returning ${COLUMNS}`,
      [tx.tenant.merchantId, tx.tenant.mode, customer.id, customer.reference, ...detailsOf(customer), tx.now],
    )
    return found(rows[0])
  } catch (error) {
    if (!violates(error, 'customers_by_reference')) throw error
    throw new AppError('customer_reference_taken', { field: 'reference' }, { cause: error })
  }
}

export async function readCustomer(tx: Tx, id: CustomerId): Promise<Customer> {
  const { rows } = await tx.query<Customer>(
    `select ${COLUMNS} from customers where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return found(rows[0])
}

export async function findCustomerByReference(tx: Tx, reference: string): Promise<Customer | undefined> {
  const { rows } = await tx.query<Customer>(
    `select ${COLUMNS} from customers where merchant_id = $1 and mode = $2 and reference = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, reference],
  )
  return rows[0]
}

export async function saveCustomer(tx: Tx, id: CustomerId, details: CustomerDetails): Promise<Customer> {
  const { rows } = await tx.query<Customer>(
    `update customers
        set name = nullif(concat_ws(' ', $4::text, $5::text), ''), given_name = $4, family_name = $5, email = $6,
            phone = $7, phone_country = $8, updated_at = $9
      where merchant_id = $1 and mode = $2 and id = $3
      returning ${COLUMNS}`,
    [tx.tenant.merchantId, tx.tenant.mode, id, ...detailsOf(details), tx.now],
  )
  return found(rows[0])
}

function detailsOf(details: CustomerDetails): readonly (string | null)[] {
  return [details.givenName, details.familyName, details.email, details.phone, details.phoneCountry]
}

function found(row: Customer | undefined): Customer {
  if (row === undefined) throw new AppError('customer_not_found')
  return row
}
