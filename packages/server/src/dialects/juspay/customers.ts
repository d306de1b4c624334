// Customers as the app's SDK and the merchant's server know them: by our id, or by the merchant's own reference.
import type { Customer, CustomerDetails } from '../../domain/customer/customer.ts'
import { getCustomer, openCustomerSession, updateCustomer, upsertCustomer } from '../../operations/upsert-customer.ts'
import type { CustomerName } from '../../operations/upsert-customer.ts'
import { AppError } from '../../kernel/errors.ts'
import { defined } from '../contract/defined.ts'
import { missingFields } from './errors.ts'
import { isTrue, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { customerIdOf } from './order-customer.ts'
import type { Call, JuspayRoute } from './route.ts'
import { dateText } from './words.ts'

export function wireCustomerId(customer: Customer): string {
  return customer.id.replace(/^cus_/, 'cst_')
}

async function customerObject(call: Call, customer: Customer): Promise<unknown> {
  const object = {
    id: wireCustomerId(customer),
    object: 'customer',
    object_reference_id: customer.reference,
    mobile_country_code: customer.phoneCountry,
    mobile_number: customer.phone ?? '',
    email_address: customer.email ?? '',
    first_name: customer.givenName ?? '',
    last_name: customer.familyName ?? '',
    date_created: dateText(customer.createdAt),
    last_updated: dateText(customer.updatedAt),
  }
  if (!isTrue(call.fields, 'options.get_client_auth_token')) return object
  const { token, expiresAt } = await openCustomerSession(call.deps, call.actor, customer.id)
  return { ...object, juspay: { client_auth_token: token, client_auth_token_expiry: dateText(expiresAt) } }
}

export function customerDetails(fields: Fields): Partial<CustomerDetails> {
  return defined({
    givenName: textIn(fields, 'first_name'),
    familyName: textIn(fields, 'last_name'),
    email: textIn(fields, 'email_address'),
    phone: textIn(fields, 'mobile_number'),
    phoneCountry: textIn(fields, 'mobile_country_code')?.replace(/^\+/, ''),
  })
}

/** @throws AppError customer_not_found for what can be no reference */
export function customerName(text: string): CustomerName {
  if (!/^[!-~](?:[ -~]{0,126}[!-~])?$/.test(text)) throw new AppError('customer_not_found')
  const id = customerIdOf(text)
  return id === undefined ? { reference: text } : { id }
}

async function create(call: Call): Promise<unknown> {
  const reference = textIn(call.fields, 'object_reference_id')
  const missing = ['object_reference_id', 'mobile_number'].filter((name) => textIn(call.fields, name) === undefined)
  if (reference === undefined || missing.length > 0) throw missingFields(...missing)
  if (reference.length > 128) throw new AppError('field_invalid', { field: 'object_reference_id', reason: 'too long' })
  const command = { reference, details: customerDetails(call.fields), whenThere: 'refuse' } as const
  return customerObject(call, await upsertCustomer(call.deps, call.actor, command))
}

async function findOrCreate(call: Call): Promise<unknown> {
  const name = customerName(call.param('customer_id'))
  if ('id' in name) return customerObject(call, await getCustomer(call.deps, call.actor, name))
  const whenThere = isTrue(call.fields, 'update') ? 'change' : 'keep'
  const details = customerDetails(call.fields)
  return customerObject(call, await upsertCustomer(call.deps, call.actor, { ...name, details, whenThere }))
}

async function read(call: Call): Promise<unknown> {
  return customerObject(call, await getCustomer(call.deps, call.actor, customerName(call.param('customer_id'))))
}

async function update(call: Call): Promise<unknown> {
  const command = { customer: customerName(call.param('customer_id')), details: customerDetails(call.fields) }
  return customerObject(call, await updateCustomer(call.deps, call.actor, command))
}

const who = { key: 'orders' } as const

export const customerRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/customers'], who, handle: create },
  { method: 'GET', paths: ['/customers/:customer_id'], who: { key: 'read' }, handle: read },
  { method: 'POST', paths: ['/customers/:customer_id'], who, handle: update },
  { method: 'POST', paths: ['/v2/customers/:customer_id'], who, handle: findOrCreate },
]
