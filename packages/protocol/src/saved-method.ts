// A way to pay that a customer saved: what it is recognised by, and an identifier to pay with. Never a card number.
import Type from 'typebox'
import type { Static } from 'typebox'
import { CustomerId, GatewayAccountId, Instant, Nullable, PageOf, SavedMethodId, Strict } from './fields.ts'

const face = {
  id: SavedMethodId,
  object: Type.Literal('saved_method'),
  kind: Type.Enum(['card', 'upi', 'wallet']),
  network: Nullable(Type.String({ examples: ['visa'] })),
  issuer: Nullable(Type.String({ examples: ['HDFC Bank'] })),
  last_four: Nullable(Type.String({ pattern: '^[0-9]{4}$' })),
  expiry_month: Nullable(Type.Integer({ minimum: 1, maximum: 12 })),
  expiry_year: Nullable(Type.Integer({ minimum: 2000, maximum: 2199 })),
  vpa: Nullable(Type.String({ description: 'Of a UPI id, its middle left out.', examples: ['as•••@bank'] })),
  wallet: Nullable(Type.String()),
  last_used_at: Instant,
}

/** What the payer is shown. */
export const SdkSavedMethod = Strict(face)
export type SdkSavedMethod = Static<typeof SdkSavedMethod>

export const SavedMethod = Strict({
  ...face,
  customer_id: CustomerId,
  gateway_account_id: { ...GatewayAccountId, description: 'The account that keeps it: only there it can be charged.' },
  funding: Nullable(Type.String({ examples: ['credit'] })),
  bin: Nullable(Type.String({ pattern: '^[0-9]{6,8}$' })),
  created_at: Instant,
})
export type SavedMethod = Static<typeof SavedMethod>

export const SavedMethodList = PageOf(SavedMethod)

export const DeletedSavedMethod = Strict({
  id: SavedMethodId,
  object: Type.Literal('saved_method'),
  deleted: Type.Literal(true),
})
export type DeletedSavedMethod = Static<typeof DeletedSavedMethod>
