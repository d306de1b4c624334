// An order: what the merchant wants paid. Its status is derived from its payments; refunds stand beside it.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  AmountInput,
  Currency,
  CustomerId,
  Instant,
  Line,
  Lines,
  MandateId,
  Metadata,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  periodQuery,
  Strict,
  Url,
  Version,
} from './fields.ts'
import { MandateInput } from './mandate.ts'
import { Payment } from './payment.ts'
import { Refund } from './refund.ts'

export const OrderStatus = Type.Enum(
  ['open', 'awaiting_collection', 'processing', 'authorized', 'partially_paid', 'paid', 'expired', 'canceled'],
  { description: 'Derived from the payments, the expiry and the cancellation.' },
)

export const OrderReference = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[!-~]([ -~]*[!-~])?$',
  description: 'Your own name for the order: printable ASCII, unique per mode whatever its case.',
  examples: ['order-1001'],
})

export const Payer = Strict({
  name: Nullable(Type.String()),
  email: Nullable(Type.String()),
  phone: Nullable(Type.String()),
})

const payerInput = {
  name: Type.Optional(Nullable(Line(200))),
  email: Type.Optional(
    Nullable(
      Type.String({
        maxLength: 254,
        pattern: '^[^\\s@\\u0000-\\u001f\\u007f]+@[^\\s@\\u0000-\\u001f\\u007f]+$',
        examples: ['asha@example.com'],
      }),
    ),
  ),
  phone: Type.Optional(Nullable(Type.String({ pattern: '^\\+?[0-9 ()-]{4,24}$', examples: ['+91 98000 00000'] }))),
}
export const PayerInput = Strict(payerInput)

export const Order = Strict({
  id: OrderId,
  object: Type.Literal('order'),
  reference: Type.String(),
  status: OrderStatus,
  amount: Amount,
  currency: Currency,
  amount_captured: { ...Amount, description: 'Of its own payments, and allocated to it from offline ones.' },
  amount_refunded: Amount,
  amount_allocated: { ...Amount, description: 'Of the captured amount: allocated from offline payments.' },
  amount_due: { ...Amount, description: 'What is still owed. A refund does not raise it; a cheque that bounces does.' },
  description: Type.String(),
  customer_id: Nullable(CustomerId),
  payer: Payer,
  metadata: Type.Record(Type.String(), Type.String()),
  return_url: Nullable(Type.String()),
  capture: Type.Enum(['automatic', 'manual']),
  mandate_id: Nullable(MandateId),
  late_success: Type.Enum(['accept', 'refund']),
  paid_late: Type.Boolean({ description: 'The money came after the order had expired.' }),
  version: Version,
  expires_at: Nullable(Instant),
  paid_at: Nullable(Instant),
  canceled_at: Nullable(Instant),
  expired_at: Nullable(Instant),
  created_at: Instant,
  updated_at: Instant,
})
export type Order = Static<typeof Order>

/** An order as it is read alone: with its payments and refunds, newest last. */
export const OrderDetails = Strict({
  ...Order.properties,
  payments: Type.Array(Payment),
  refunds: Type.Array(Refund),
})
export type OrderDetails = Static<typeof OrderDetails>

const Description = Lines(1000, { description: 'Shown to the payer.', examples: ['Broadband, November'] })
const ReturnUrl = { ...Url, description: 'Where the payer goes after paying.' }
const ExpiresAt = { ...Instant, description: 'After this instant the order can no longer be paid.' }

export const CreateOrder = Strict(
  {
    reference: OrderReference,
    amount: AmountInput,
    currency: Currency,
    description: Type.Optional(Description),
    payer: Type.Optional(PayerInput),
    metadata: Type.Optional(Metadata),
    return_url: Type.Optional(ReturnUrl),
    capture: Type.Optional(
      Type.Enum(['automatic', 'manual'], { description: '`manual` holds the money until you capture it.' }),
    ),
    late_success: Type.Optional(
      Type.Enum(['accept', 'refund'], { description: 'What to do with money that comes after the expiry.' }),
    ),
    expires_at: Type.Optional(ExpiresAt),
    customer_id: Type.Optional(CustomerId),
    mandate: Type.Optional(MandateInput),
  },
  { examples: [{ reference: 'order-1001', amount: 49900, currency: 'INR', description: 'Broadband, November' }] },
)
export type CreateOrder = Static<typeof CreateOrder>

/** Only what is named changes. The amount changes only while no payment attempt is alive or unknown. */
export const UpdateOrder = Strict(
  {
    amount: Type.Optional(AmountInput),
    currency: Type.Optional({ ...Currency, description: "Must be the order's own, where it is given." }),
    description: Type.Optional(Description),
    payer: Type.Optional(PayerInput),
    metadata: Type.Optional(Metadata),
    return_url: Type.Optional(ReturnUrl),
    expires_at: Type.Optional(ExpiresAt),
  },
  { minProperties: 1, examples: [{ amount: 59900, description: 'Broadband and router, November' }] },
)
export type UpdateOrder = Static<typeof UpdateOrder>

export const ListOrders = Strict({
  status: Type.Optional(OrderStatus),
  ...periodQuery,
  ...pageQuery,
})
export type ListOrders = Static<typeof ListOrders>

export const OrderPage = PageOf(Order)
