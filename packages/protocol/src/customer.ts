// Who pays, as the merchant knows them. An order that names a customer lets them keep a way to pay for the next time.
import Type from 'typebox'
import type { Static } from 'typebox'
import { CustomerId, Instant, Line, Nullable, Strict } from './fields.ts'
import { PayerInput } from './order.ts'

export const Customer = Strict({
  id: CustomerId,
  object: Type.Literal('customer'),
  reference: Nullable(Type.String()),
  given_name: Nullable(Type.String()),
  family_name: Nullable(Type.String()),
  email: Nullable(Type.String()),
  phone: Nullable(Type.String()),
  created_at: Instant,
  updated_at: Instant,
})
export type Customer = Static<typeof Customer>

export const CreateCustomer = Strict(
  {
    reference: Line(64, { minLength: 1, description: 'Your own name for the customer, unique.' }),
    given_name: Type.Optional(Line(100)),
    family_name: Type.Optional(Line(100)),
    email: PayerInput.properties.email,
    phone: PayerInput.properties.phone,
  },
  { examples: [{ reference: 'user-1042', given_name: 'Asha', email: 'asha@example.com' }] },
)
export type CreateCustomer = Static<typeof CreateCustomer>
