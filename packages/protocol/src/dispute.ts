// A dispute: a payer's bank takes back what was paid. Its amount is held from the payment until it is decided, so that
// it cannot be refunded as well; the gateway opens and decides it, the merchant may answer.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  Currency,
  DisputeId,
  GatewayAccountId,
  Id,
  Instant,
  Line,
  Lines,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  PaymentId,
  personDecision,
  Strict,
  Version,
} from './fields.ts'

export const DisputeStatus = Type.Enum(['open', 'under_review', 'accepted', 'expired', 'won', 'lost'], {
  description:
    '`expired`: the time for evidence is over and none was given; the gateway still decides. Held in all but `won`.',
})

const DisputeReason = Type.Enum([
  'fraudulent',
  'not_received',
  'not_as_described',
  'duplicate',
  'credit_not_processed',
  'subscription_canceled',
  'other',
])

export const Dispute = Strict({
  id: DisputeId,
  object: Type.Literal('dispute'),
  payment_id: PaymentId,
  order_id: OrderId,
  gateway_account_id: GatewayAccountId,
  gateway_dispute_id: Type.String(),
  status: DisputeStatus,
  amount: Amount,
  amount_reserved: {
    ...Amount,
    description: 'Held from the payment, or gone once it is lost. Less than the amount where refunds were quicker.',
  },
  currency: Currency,
  reason: DisputeReason,
  gateway_code: Nullable(Type.String()),
  evidence_due_at: Nullable({ ...Instant, description: 'Until then evidence is taken.' }),
  pending_action: Nullable(
    Type.Enum(['accept', 'submit_evidence'], { description: 'Told to the gateway and not confirmed yet.' }),
  ),
  version: Version,
  opened_at: Instant,
  decided_at: Nullable(Instant),
  created_at: Instant,
  updated_at: Instant,
})
export type Dispute = Static<typeof Dispute>

export const DisputeDetails = Strict({
  ...Dispute.properties,
  evidence: Type.Array(
    Strict({
      id: Id('dev', 'evidence'),
      statement: Type.String(),
      references: Type.Array(Type.String()),
      submitted_by: Type.String(),
      created_at: Instant,
    }),
  ),
  transitions: Type.Array(
    Strict({
      version: Version,
      from: Nullable(DisputeStatus),
      to: DisputeStatus,
      event: Type.String(),
      cause: Type.Enum(['request', 'reply', 'notification', 'sync', 'return', 'person', 'schedule', 'settlement']),
      actor: Type.String(),
      at: Instant,
    }),
  ),
})
export type DisputeDetails = Static<typeof DisputeDetails>

export const ListDisputes = Strict({
  status: Type.Optional(DisputeStatus),
  payment_id: Type.Optional(PaymentId),
  order_id: Type.Optional(OrderId),
  ...pageQuery,
})
export type ListDisputes = Static<typeof ListDisputes>

export const DisputePage = PageOf(Dispute)

export const AcceptDispute = Strict({}, { examples: [{}] })
export type AcceptDispute = Static<typeof AcceptDispute>

export const SubmitEvidence = Strict(
  {
    statement: Lines(4_000, { minLength: 1, description: 'What speaks against it.' }),
    references: Type.Optional(
      Type.Array(Line(500, { minLength: 1 }), {
        maxItems: 20,
        description: 'Where the proof can be found: tracking numbers, addresses, names of documents.',
      }),
    ),
  },
  { examples: [{ statement: 'Delivered on 3 November and signed for.', references: ['BLUEDART 4711'] }] },
)
export type SubmitEvidence = Static<typeof SubmitEvidence>

/** A person decides a dispute of which the gateway tells nothing. */
export const ResolveDispute = Strict(
  { outcome: Type.Enum(['won', 'lost']), ...personDecision },
  {
    examples: [
      { outcome: 'won', evidence: 'Letter of the bank, 21 Nov', reason: 'The gateway tells of it by post alone.' },
    ],
  },
)
export type ResolveDispute = Static<typeof ResolveDispute>
