// What a client says about an order, as our command: create and update, /orders and /session and /txns alike. A prefix
// (`order.`) tells where the fields stand in a transaction that makes its order along the way.
import type { PayerDetails } from '../../domain/order/order.ts'
import { AppError } from '../../kernel/errors.ts'
import type { CustomerId } from '../../kernel/ids.ts'
import type { CreateOrderCommand } from '../../operations/create-order.ts'
import { getCustomer, upsertCustomer } from '../../operations/upsert-customer.ts'
import { defined } from '../contract/defined.ts'
import { amountOf, currencyOf } from './amounts.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { mandateTerms } from './mandate-terms.ts'
import { customerIdOf } from './order-customer.ts'
import type { Call } from './route.ts'

const KEPT =
  /^(?:udf(?:[1-9]|10)|product_id|customer_id|(?:billing|shipping)_address_[a-z0-9_]{1,40}|metadata\.[\w.:-]{1,100})$/

/** The fields below a prefix, by their own names. */
export function below(fields: Fields, prefix: string): Fields {
  const own = [...fields].filter(([name]) => name.startsWith(prefix))
  return new Map(own.map(([name, field]) => [name.slice(prefix.length), field]))
}

export async function orderCommand(call: Call, fields: Fields = call.fields): Promise<CreateOrderCommand> {
  const missing = ['order_id', 'amount'].filter((name) => textIn(fields, name) === undefined)
  if (missing.length > 0) throw missingFields(...missing)
  const amount = amountOf(fields, 'amount', currencyOf(fields))
  if (amount === undefined) throw missingFields('amount')
  const mandate = mandateTerms(fields, amount, call.deps.clock.now())
  const minutes = /^\d{1,6}$/.exec(textIn(fields, 'metadata.expiryInMins') ?? '')?.[0]
  return {
    reference: orderReference(textIn(fields, 'order_id') ?? ''),
    amount,
    ...defined({
      ...detailsIn(fields),
      mandate,
      customerId: await customerOf(call, fields),
      lastsMs: minutes === undefined ? undefined : Number.parseInt(minutes, 10) * 60_000,
    }),
  }
}

/** What create and update have in common. */
export function detailsIn(fields: Fields) {
  return {
    description: textIn(fields, 'description'),
    payer: payerIn(fields),
    metadata: metadataIn(fields),
    returnUrl: textIn(fields, 'return_url'),
  }
}

function payerIn(fields: Fields): Partial<PayerDetails> | undefined {
  const name = [textIn(fields, 'first_name'), textIn(fields, 'last_name')]
    .filter((part) => part !== undefined)
    .join(' ')
  const payer = defined({
    name: name === '' ? undefined : name,
    email: textIn(fields, 'customer_email'),
    phone: textIn(fields, 'customer_phone'),
  })
  return Object.keys(payer).length === 0 ? undefined : payer
}

function metadataIn(fields: Fields): Readonly<Record<string, string>> | undefined {
  const kept = [...fields].filter(([name, { text }]) => KEPT.test(name) && text !== '')
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, { text }]) => [name, text]))
}

/** Unique whatever its case; the characters are those that the API allows. @throws refusal */
export function orderReference(text: string): string {
  if (/^[A-Za-z0-9][\w(){}+~.-]{0,63}$/.test(text)) return text
  const reason = 'Invalid value.'
  throw refusal('field_invalid', {
    http: 400,
    status: 'Bad Request',
    word: 'invalid_request_error',
    code: 'INVALID_INPUT',
    message: 'Invalid order_id',
    fields: [{ field_name: 'order_id', reason }],
  })
}

// The merchant names customers as it likes; one that we never heard of is made, with nothing but its name.
async function customerOf({ deps, actor }: Call, fields: Fields): Promise<CustomerId | undefined> {
  const named = textIn(fields, 'customer_id')
  if (named === undefined) return undefined
  const id = customerIdOf(named)
  if (id !== undefined) return (await getCustomer(deps, actor, { id })).id
  // Cut, two customers would be one.
  if (named.length > 128) throw new AppError('field_invalid', { field: 'customer_id', reason: 'too long' })
  const command = { reference: named, details: {}, whenThere: 'keep' } as const
  return (await upsertCustomer(deps, actor, command)).id
}
