// Everything that is known of one payment, in one look: for support and for whoever reconciles.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Amount, Currency, DisputeId, Id, Instant, Nullable, RefundId, Strict, Version } from './fields.ts'
import { Dispute } from './dispute.ts'
import { Order } from './order.ts'
import { Payment, PaymentStatus } from './payment.ts'
import { Refund } from './refund.ts'
import { Delivery } from './webhook-endpoint.ts'

const OperationId = Id('op', 'an operation')
const Details = Type.Record(Type.String(), Type.Unknown())

export const Transition = Strict({
  version: Version,
  from: Nullable(PaymentStatus),
  to: PaymentStatus,
  event: Type.String(),
  cause: Type.Enum(['request', 'reply', 'notification', 'sync', 'return', 'person', 'schedule', 'settlement'], {
    description: 'Where the news came from.',
  }),
  actor: Type.String(),
  request_id: Nullable(Type.String()),
  details: Details,
  at: Instant,
})

export const Operation = Strict({
  id: OperationId,
  kind: Type.Enum(['authorize', 'capture', 'void', 'refund', 'question']),
  status: Type.Enum(['pending', 'succeeded', 'declined', 'failed', 'unknown']),
  refund_id: Nullable(RefundId),
  amount: Amount,
  final: Type.Boolean(),
  reason: Nullable(Type.String()),
  started_at: Instant,
  ended_at: Nullable(Instant),
  next_question_at: Nullable({ ...Instant, description: 'When the gateway is asked next, while the outcome is open.' }),
  questions: Type.Integer({ minimum: 0, description: 'How often the gateway was asked.' }),
})

export const Posting = Strict({
  id: Id('pst', 'a posting'),
  refund_id: Nullable(RefundId),
  dispute_id: Nullable(DisputeId),
  debit: Type.String(),
  credit: Type.String(),
  amount: Amount,
  currency: Currency,
  reason: Type.String(),
  at: Instant,
})

export const Conflict = Strict({
  id: Id('cfl', 'a conflict'),
  kind: Type.String(),
  details: Details,
  at: Instant,
})

export const Timeline = Strict({
  object: Type.Literal('timeline'),
  payment: Payment,
  order: Nullable(Order),
  transitions: Type.Array(Transition),
  operations: Type.Array(Operation),
  refunds: Type.Array(Refund),
  disputes: Type.Array(Dispute),
  postings: Type.Array(Posting),
  conflicts: Type.Array(Conflict),
  deliveries: Type.Array(Delivery),
})
export type Timeline = Static<typeof Timeline>

/** One request to a gateway and its reply, without secrets and card numbers. */
export const Exchange = Strict({
  id: Id('exc', 'an exchange'),
  object: Type.Literal('exchange'),
  operation_id: Nullable(OperationId),
  kind: Type.String(),
  method: Type.String(),
  url: Type.String(),
  request: Type.String(),
  outcome: Type.String(),
  status: Nullable(Type.Integer()),
  reply: Type.String(),
  duration_ms: Type.Integer({ minimum: 0 }),
  at: Instant,
})
export type Exchange = Static<typeof Exchange>

export const ExchangeList = Strict({
  object: Type.Literal('list'),
  items: Type.Array(Exchange),
  next_cursor: Type.Null(),
})
