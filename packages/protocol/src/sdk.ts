// What an app or a page sees with a session's client token: its own order, and nothing that is meant for the merchant
// alone. Gateway ids, references and the gateway's own words stay behind.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  Currency,
  Instant,
  Nullable,
  OrderId,
  Origin,
  PaymentId,
  SessionId,
  Strict,
  Version,
} from './fields.ts'
import { Mandate } from './mandate.ts'
import { OrderStatus } from './order.ts'
import { PageColor, PageLogo } from './payment-page.ts'
import { ChosenInstrument, Decline, PayerAction, PaymentMethod, PaymentStatus, Save } from './payment.ts'
import { SdkSavedMethod } from './saved-method.ts'
import { SessionStatus } from './session.ts'

export const SdkPayment = Strict({
  id: PaymentId,
  object: Type.Literal('payment'),
  status: PaymentStatus,
  amount: Amount,
  currency: Currency,
  method: PaymentMethod,
  action: Nullable(PayerAction),
  decline: Nullable(Strict({ code: Decline.properties.code, message: Decline.properties.message })),
  version: Version,
  created_at: Instant,
})
export type SdkPayment = Static<typeof SdkPayment>

export const TestInstrument = Strict({
  method: PaymentMethod,
  value: Type.String({ description: 'The card token, UPI id, bank code or wallet name to pay with.' }),
  label: Type.String(),
  hint: Type.String({ description: 'What will happen, in a few words.' }),
  brand: Type.Optional(Type.String()),
  last_four: Type.Optional(Type.String()),
})

/** What the payer consents to by paying: later charges, within these terms. */
export const SdkMandate = Strict({
  requirement: Mandate.properties.requirement,
  max_amount: Mandate.properties.max_amount,
  currency: Mandate.properties.currency,
  amount_rule: Mandate.properties.amount_rule,
  frequency: Mandate.properties.frequency,
  day_rule: Mandate.properties.day_rule,
  starts_at: Mandate.properties.starts_at,
  ends_at: Mandate.properties.ends_at,
  revocable_by_customer: Mandate.properties.revocable_by_customer,
  block_funds: Mandate.properties.block_funds,
})
export type SdkMandate = Static<typeof SdkMandate>

export const SdkSession = Strict({
  object: Type.Literal('session'),
  id: SessionId,
  status: SessionStatus,
  can_pay: Type.Boolean({ description: 'Whether an attempt may be started now.' }),
  expires_at: Instant,
  return_url: Nullable(Type.String()),
  frame_origins: Type.Array(Origin, { description: 'The pages that may frame the payment page.' }),
  merchant: Strict({ name: Type.String(), logo: Nullable(PageLogo), color: Nullable(PageColor) }),
  order: Strict({
    id: OrderId,
    reference: Type.String(),
    description: Type.String(),
    amount: Amount,
    currency: Currency,
    exponent: Type.Integer({ minimum: 0, maximum: 4, description: 'Decimals of the currency (ISO 4217).' }),
    status: OrderStatus,
  }),
  mandate: Nullable(SdkMandate),
  methods: Type.Array(PaymentMethod),
  saved_methods: Type.Array(SdkSavedMethod, {
    description: "What the payer saved, the last used first. Empty where the session is not a customer's.",
  }),
  savable: Type.Array(PaymentMethod, { description: 'Methods that the payer may ask to have saved.' }),
  test_mode: Type.Boolean(),
  test_instruments: Type.Array(TestInstrument, { description: 'What can be paid with in test mode.' }),
  payments: Type.Array(SdkPayment, { description: 'Attempts of the order, newest last.' }),
})
export type SdkSession = Static<typeof SdkSession>

export const SdkStartPayment = Strict(
  { instrument: ChosenInstrument, save: Type.Optional(Save) },
  { examples: [{ instrument: { method: 'upi', flow: 'qr' } }] },
)
export type SdkStartPayment = Static<typeof SdkStartPayment>
