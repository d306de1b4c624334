// The ledger: double entry over a fixed list of accounts. Every posting has a debit, a credit and one amount; nothing
// is ever edited, a correction is a posting of its own. A balance is the sum of its postings.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  Currency,
  DisputeId,
  Id,
  Instant,
  Nullable,
  PageOf,
  pageQuery,
  PaymentId,
  RefundId,
  Strict,
} from './fields.ts'

export const LedgerAccount = Type.Enum([
  'gateway_receivable',
  'bank',
  'cash',
  'cheques_in_clearing',
  'customer_credit',
  'sales_clearing',
  'refunds_pending',
  'fee',
  'gst_on_fee',
  'tds',
  'dispute_hold',
  'dispute_fee',
  'reserve',
  'surcharge',
  'tip',
  'discount',
])

const Sum = Type.String({
  pattern: '^-?[0-9]+$',
  description: 'Minor units as a string of digits: a sum may be larger than a JSON number holds exactly.',
})

export const Balance = Strict({
  object: Type.Literal('balance'),
  account: LedgerAccount,
  currency: Currency,
  debits: Sum,
  credits: Sum,
  balance: { ...Sum, description: 'Debits less credits, minor units as a string of digits, perhaps with a minus.' },
})
export type Balance = Static<typeof Balance>

export const BalanceList = Strict({
  object: Type.Literal('list'),
  items: Type.Array(Balance),
  next_cursor: Type.Null(),
})

export const ListBalances = Strict({
  currency: Type.Optional(Currency),
  at: Type.Optional({ ...Instant, description: 'As they stood at this instant (RFC 3339 with a zone).' }),
})
export type ListBalances = Static<typeof ListBalances>

export const LedgerPosting = Strict({
  id: Id('pst', 'a posting'),
  object: Type.Literal('posting'),
  payment_id: PaymentId,
  refund_id: Nullable(RefundId),
  dispute_id: Nullable(DisputeId),
  debit: LedgerAccount,
  credit: LedgerAccount,
  amount: Amount,
  currency: Currency,
  reason: Type.String(),
  at: Instant,
})
export type LedgerPosting = Static<typeof LedgerPosting>

export const ListPostings = Strict({
  account: Type.Optional(LedgerAccount),
  currency: Type.Optional(Currency),
  payment_id: Type.Optional(PaymentId),
  refund_id: Type.Optional(RefundId),
  from: Type.Optional({ ...Instant, description: 'Posted at this instant or later (RFC 3339 with a zone).' }),
  to: Type.Optional({ ...Instant, description: 'Posted before this instant (RFC 3339 with a zone).' }),
  ...pageQuery,
})
export type ListPostings = Static<typeof ListPostings>

export const PostingPage = PageOf(LedgerPosting)
