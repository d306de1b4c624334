// A refund gives captured money back. Its amount is reserved from the moment it is asked for, so that refunds of one
// payment never exceed what was captured. The amount is always said: there is no "refund everything" by omission.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  AmountInput,
  Currency,
  Instant,
  Lines,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  PaymentId,
  RefundId,
  Strict,
  Version,
} from './fields.ts'

export const RefundStatus = Type.Enum(['pending', 'unknown', 'review', 'failed', 'succeeded'])

export const RefundReason = Type.Enum([
  'duplicate_or_delayed_payment',
  'no_longer_available',
  'not_satisfied',
  'lost_or_damaged',
  'digital_download_issue',
  'event_canceled_or_changed',
  'other',
])

export const Refund = Strict({
  id: RefundId,
  object: Type.Literal('refund'),
  payment_id: PaymentId,
  order_id: OrderId,
  gateway_refund_id: Nullable(Type.String()),
  reference: Type.String({ description: 'What the gateway knows the refund by.' }),
  status: RefundStatus,
  amount: Amount,
  currency: Currency,
  reason: RefundReason,
  note: Type.String(),
  automatic: Type.Boolean({ description: 'Made by Purser to give a second success back.' }),
  arn: Nullable(Type.String({ description: 'Acquirer reference number, once the gateway tells it.' })),
  version: Version,
  created_at: Instant,
  updated_at: Instant,
  succeeded_at: Nullable(Instant),
})
export type Refund = Static<typeof Refund>

export const CreateRefund = Strict(
  {
    amount: AmountInput,
    currency: Type.Optional({ ...Currency, description: "Must be the payment's own, where it is given." }),
    reason: RefundReason,
    note: Type.Optional(Lines(500)),
  },
  { examples: [{ amount: 9900, reason: 'not_satisfied', note: 'Router returned' }] },
)
export type CreateRefund = Static<typeof CreateRefund>

export const ListRefunds = Strict({
  status: Type.Optional(RefundStatus),
  payment_id: Type.Optional(PaymentId),
  order_id: Type.Optional(OrderId),
  ...pageQuery,
})
export type ListRefunds = Static<typeof ListRefunds>

export const RefundPage = PageOf(Refund)
