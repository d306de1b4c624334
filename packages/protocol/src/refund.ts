// A refund gives captured money back. Its amount is reserved from the moment it is asked for, so that refunds of one
// payment never exceed what was captured. The amount is always said: there is no "refund everything" by omission.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  AmountInput,
  Currency,
  Instant,
  Line,
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

export const RefundStatus = Type.Enum(
  ['awaiting_approval', 'rejected', 'pending', 'unknown', 'review', 'failed', 'succeeded'],
  { description: '`awaiting_approval`: a second person has to approve it; its amount is reserved, nothing was sent.' },
)

export const RefundReason = Type.Enum([
  'duplicate_or_delayed_payment',
  'no_longer_available',
  'not_satisfied',
  'lost_or_damaged',
  'digital_download_issue',
  'event_canceled_or_changed',
  'other',
])

export const RefundWay = Type.Enum(['cash', 'bank_transfer', 'cheque'], { description: 'How it was paid out by hand.' })

export const GivenBack = Strict(
  {
    way: RefundWay,
    reference: Nullable(Type.String()),
    at: Instant,
    by: Type.String(),
  },
  { description: 'How a person paid it out. Null where a gateway gives the money back.' },
)

const GiveBack = Strict(
  {
    way: RefundWay,
    reference: Type.Optional(
      Line(64, {
        minLength: 1,
        description: 'The UTR of the transfer or the number of the cheque; needed for both.',
        examples: ['HDFCR52026112000123456'],
      }),
    ),
    at: { ...Instant, description: 'When it was paid out; not in the future.' },
    by: Line(100, { minLength: 1, description: 'Who paid it out.', examples: ['Meera, front desk'] }),
  },
  { description: 'How the money was paid out. For a payment without a gateway, and only there.' },
)

export const Refund = Strict({
  id: RefundId,
  object: Type.Literal('refund'),
  payment_id: PaymentId,
  order_id: Nullable({ ...OrderId, description: 'Null for a refund of an offline payment.' }),
  gateway_refund_id: Nullable(Type.String()),
  reference: Type.String({ description: 'What the gateway knows the refund by.' }),
  status: RefundStatus,
  amount: Amount,
  currency: Currency,
  reason: RefundReason,
  note: Type.String(),
  automatic: Type.Boolean({ description: 'Made by Purser to give a second success back.' }),
  given_back: Nullable(GivenBack),
  requested_by: Nullable(Type.String({ description: 'Who asked for it.', examples: ['user:usr_…'] })),
  decided_by: Nullable(Type.String({ description: 'The second person, who approved or rejected it.' })),
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
    given_back: Type.Optional(GiveBack),
  },
  { examples: [{ amount: 9900, reason: 'not_satisfied', note: 'Router returned' }] },
)
export type CreateRefund = Static<typeof CreateRefund>

/** Refunds of more than `amount` need a second person. One threshold per currency. */
export const RefundApprovalThreshold = Strict({
  object: Type.Literal('refund_approval_threshold'),
  currency: Currency,
  amount: Amount,
  updated_by: Type.String(),
  updated_at: Instant,
})
export type RefundApprovalThreshold = Static<typeof RefundApprovalThreshold>

export const SetRefundApprovalThreshold = Strict(
  {
    amount: { ...AmountInput, description: 'A refund of more than this needs a second person. Minor units.' },
    currency: Currency,
  },
  { examples: [{ amount: 1_000_000, currency: 'INR' }] },
)
export type SetRefundApprovalThreshold = Static<typeof SetRefundApprovalThreshold>

export const RefundApprovalThresholds = Strict({
  object: Type.Literal('list'),
  items: Type.Array(RefundApprovalThreshold),
  next_cursor: Type.Null(),
})

export const DeletedRefundApprovalThreshold = Strict({
  object: Type.Literal('refund_approval_threshold'),
  currency: Currency,
  deleted: Type.Literal(true),
})

export const DecideRefund = Strict(
  { note: Type.Optional(Lines(500, { description: 'Kept in the audit.' })) },
  { examples: [{ note: 'Called the customer back.' }] },
)
export type DecideRefund = Static<typeof DecideRefund>

export const ListRefunds = Strict({
  status: Type.Optional(RefundStatus),
  payment_id: Type.Optional(PaymentId),
  order_id: Type.Optional(OrderId),
  ...pageQuery,
})
export type ListRefunds = Static<typeof ListRefunds>

export const RefundPage = PageOf(Refund)
