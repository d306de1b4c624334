// Customers over the native API: made under the merchant's own reference, and read.
import { CreateCustomer, Customer } from '@purser/protocol'
import { CustomerId } from '../../kernel/ids.ts'
import { createCustomer } from '../../operations/create-customer.ts'
import { getCustomer } from '../../operations/upsert-customer.ts'
import { defined } from '../contract/defined.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { customerJson } from './words.ts'

const tag = 'Customers'

export const customerRoutes: readonly Route[] = [
  write({
    path: '/v1/customers',
    access: { kind: 'merchant', scope: 'orders' },
    tag,
    summary: 'Create a customer',
    body: CreateCustomer,
    reply: Customer,
    status: 201,
    act: (deps, { actor, body, idempotency }) => {
      const { reference, given_name: givenName, family_name: familyName, email, phone } = body
      const details = defined({ givenName, familyName, email, phone })
      return createCustomer(deps, actor, { reference, details, idempotency })
    },
    resume: (deps, { actor, subjectId }) => getCustomer(deps, actor, { id: CustomerId.parse(subjectId) }),
    answer: customerJson,
  }),
  read({
    path: '/v1/customers/:id',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'Read a customer',
    params: { id: idParam(CustomerId) },
    reply: Customer,
    read: async (deps, { actor, params }) => customerJson(await getCustomer(deps, actor, params)),
  }),
]
