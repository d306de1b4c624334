// Reconciliation: the gateway's files about what it paid out, matched with our own rows and with the bank's credit of
// the same UTR. Each difference is a break with one reason, which a person resolves by saying what was found.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  GatewayAccountId,
  Id,
  Instant,
  Lines,
  Nullable,
  PageOf,
  pageQuery,
  PaymentId,
  RefundId,
  Strict,
} from './fields.ts'

const Count = Type.Integer({ minimum: 0 })

export const Reconciliation = Strict({
  id: Id('rcn', 'a reconciliation'),
  object: Type.Literal('reconciliation'),
  gateway_account_id: GatewayAccountId,
  trigger: Type.Enum(['request', 'schedule']),
  status: Type.Enum(['running', 'done', 'failed'], { description: 'Failed: the gateway did not give its files.' }),
  files: { ...Count, description: 'Files that were imported.' },
  lines: { ...Count, description: 'Lines of them that were not known before.' },
  matched: { ...Count, description: 'Lines that fit what we have.' },
  breaks: { ...Count, description: 'Breaks that were not known before.' },
  reason: Nullable(Type.String()),
  started_at: Instant,
  ended_at: Nullable(Instant),
})
export type Reconciliation = Static<typeof Reconciliation>

export const CreateReconciliation = Strict(
  {
    gateway_account_id: Type.Optional({
      ...GatewayAccountId,
      description: 'By default the oldest active account whose gateway has files.',
    }),
  },
  { examples: [{}] },
)
export type CreateReconciliation = Static<typeof CreateReconciliation>

export const ListReconciliations = Strict({ gateway_account_id: Type.Optional(GatewayAccountId), ...pageQuery })
export type ListReconciliations = Static<typeof ListReconciliations>

export const ReconciliationPage = PageOf(Reconciliation)

export const BreakReason = Type.Enum([
  'unknown_object',
  'amount_differs',
  'duplicate_line',
  'sum_differs',
  'fee_differs',
  'tax_differs',
  'bank_credit_missing',
  'bank_credit_differs',
  'missing_from_settlement',
  'file_changed',
  'file_unreadable',
])

export const BreakStatus = Type.Enum(['open', 'resolved'])

export const Break = Strict({
  id: Id('brk', 'a break'),
  object: Type.Literal('break'),
  gateway_account_id: GatewayAccountId,
  settlement_id: Nullable(Id('stl', 'a settlement')),
  payment_id: Nullable(PaymentId),
  refund_id: Nullable(RefundId),
  reason: BreakReason,
  message: Type.String({ description: 'The reason as a sentence.' }),
  details: Type.Record(Type.String(), Type.String(), {
    description: 'What differs. Amounts are minor units as strings of digits, perhaps with a minus.',
  }),
  status: BreakStatus,
  note: Nullable(Type.String({ description: 'What was found, by whoever resolved it.' })),
  resolved_by: Nullable(Type.String()),
  resolved_at: Nullable(Instant),
  created_at: Instant,
})
export type Break = Static<typeof Break>

export const ListBreaks = Strict({
  status: Type.Optional(BreakStatus),
  reason: Type.Optional(BreakReason),
  payment_id: Type.Optional(PaymentId),
  ...pageQuery,
})
export type ListBreaks = Static<typeof ListBreaks>

export const BreakPage = PageOf(Break)

export const ResolveBreak = Strict(
  { note: Lines(1_000, { minLength: 1, description: 'What was found, for whoever asks later.' }) },
  { examples: [{ note: 'The gateway refunded the fee on 24 November, ticket 4711.' }] },
)
export type ResolveBreak = Static<typeof ResolveBreak>
