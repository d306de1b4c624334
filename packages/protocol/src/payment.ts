// A payment: one attempt to pay an order through one gateway account. Amounts are not statuses: what was captured,
// refunded and disputed stands beside the status, in minor units.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  AmountInput,
  Currency,
  GatewayAccountId,
  Instant,
  Line,
  MandateId,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  periodQuery,
  PaymentId,
  personDecision,
  SavedMethodId,
  SessionId,
  Strict,
  Version,
} from './fields.ts'

export const PaymentStatus = Type.Enum(
  [
    'created',
    'requires_action',
    'processing',
    'unknown',
    'failed',
    'expired',
    'canceled',
    'declined',
    'authorized',
    'voided',
    'captured',
  ],
  { description: '`unknown` may have moved money: Purser asks the gateway until it knows. Never treat it as failed.' },
)

export const PaymentMethod = Type.Enum(
  ['upi', 'card', 'netbanking', 'wallet', 'cash_on_delivery', 'gateway_page', 'cash', 'cheque', 'bank_transfer'],
  {
    description:
      "`gateway_page`: on the gateway's own page; `facts` tell what the payer chose there. " +
      '`cash`, `cheque` and `bank_transfer` are offline payments, recorded by a person.',
  },
)

export const DeclineCode = Type.Enum([
  'insufficient_funds',
  'limit_exceeded',
  'do_not_honor',
  'expired_card',
  'card_blocked',
  'instrument_invalid',
  'issuer_unavailable',
  'not_permitted',
  'authentication_failed',
  'authentication_timed_out',
  'canceled_by_payer',
  'suspected_fraud',
  'other',
])

export const PayerAction = Type.Union(
  [
    Strict({ type: Type.Literal('redirect'), url: Type.String() }),
    Strict({ type: Type.Literal('upi_intent'), uri: Type.String() }),
    Strict({ type: Type.Literal('upi_collect'), vpa: Type.String() }),
    Strict({ type: Type.Literal('collect_cash') }),
  ],
  { description: 'What the payer has to do next.' },
)

export const Decline = Strict({
  stage: Type.Enum(['authentication', 'authorization', 'risk']),
  code: DeclineCode,
  message: Type.String({ description: 'For the payer: what happened and what to do.' }),
  gateway_code: Type.String({ description: "The gateway's own words, for you. Never show them to a payer." }),
})

export const PaymentFacts = Strict({
  network: Nullable(Type.String()),
  funding: Nullable(Type.String()),
  issuer: Nullable(Type.String()),
  last_four: Nullable(Type.String()),
  vpa: Nullable(Type.String()),
  bank: Nullable(Type.String()),
  rrn: Nullable(Type.String()),
  auth_code: Nullable(Type.String()),
})

export const Payment = Strict({
  id: PaymentId,
  object: Type.Literal('payment'),
  order_id: Nullable({ ...OrderId, description: 'Null for an offline payment: its money is allocated to orders.' }),
  session_id: Nullable(SessionId),
  gateway_account_id: Nullable({
    ...GatewayAccountId,
    description: 'Null for cash on delivery and offline payments: no gateway knows of them.',
  }),
  gateway_payment_id: Nullable(Type.String()),
  reference: Type.String({ description: 'What the gateway knows the attempt by.' }),
  origin: Type.Enum(['ours', 'gateway'], { description: '`gateway`: an attempt that the gateway made by itself.' }),
  status: PaymentStatus,
  amount: Amount,
  currency: Currency,
  amount_authorized: Amount,
  amount_captured: Amount,
  amount_refunded: Amount,
  amount_refund_pending: Amount,
  amount_disputed: Amount,
  amount_allocated: { ...Amount, description: 'Applied to orders and invoices at present.' },
  amount_reversed: { ...Amount, description: 'Recorded in error, or bounced: all of it or nothing.' },
  capture: Type.Enum(['automatic', 'manual']),
  capture_final: Type.Boolean({ description: 'Nothing more will be captured.' }),
  method: PaymentMethod,
  facts: PaymentFacts,
  action: Nullable(PayerAction),
  decline: Nullable(Decline),
  failure_reason: Nullable(Type.String()),
  mandate_id: Nullable(MandateId),
  duplicate: Type.Boolean({ description: 'A second success of a paid order: it is given back by itself.' }),
  late: Type.Boolean(),
  version: Version,
  created_at: Instant,
  updated_at: Instant,
  captured_at: Nullable(Instant),
})
export type Payment = Static<typeof Payment>

const InstrumentToken = Type.String({
  maxLength: 128,
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'A token of the card, never its number.',
  examples: ['tok_approve'],
})

/** How the payer pays. A card is only ever a token here. */
export const Instrument = Type.Union(
  [
    Strict({ method: Type.Literal('card'), token: InstrumentToken }),
    Strict({
      method: Type.Literal('upi'),
      flow: Type.Enum(['intent', 'qr', 'collect']),
      vpa: Type.Optional(
        Type.String({
          maxLength: 255,
          pattern: '^[A-Za-z0-9._-]{1,250}@[A-Za-z0-9._-]{1,64}$',
          examples: ['asha@bank'],
        }),
      ),
    }),
    Strict({
      method: Type.Literal('netbanking'),
      bank: Type.String({ maxLength: 40, pattern: '^[A-Za-z0-9_-]+$', examples: ['HDFC'] }),
    }),
    Strict({
      method: Type.Literal('wallet'),
      wallet: Type.String({ maxLength: 40, pattern: '^[A-Za-z0-9_-]+$', examples: ['acme'] }),
    }),
    Strict({ method: Type.Literal('cash_on_delivery') }),
    Strict({ method: Type.Literal('gateway_page') }),
  ],
  { description: 'How the payer pays.' },
)
export type Instrument = Static<typeof Instrument>

/** An instrument, or one that the order's customer saved before. */
export const ChosenInstrument = Type.Union(
  [
    ...Instrument.anyOf,
    Strict({
      saved_method_id: { ...SavedMethodId, description: 'One that the customer of the order saved before.' },
    }),
  ],
  { description: 'How the payer pays.' },
)
export type ChosenInstrument = Static<typeof ChosenInstrument>

/** Consent of the payer. */
export const Save = Type.Boolean({
  description:
    'The payer agreed to have this instrument saved for the next time. The order must name a customer, and the ' +
    'gateway account must be able. It is saved once the payment has succeeded.',
})

export const StartPayment = Strict(
  {
    instrument: ChosenInstrument,
    save: Type.Optional(Save),
    session_id: Type.Optional(SessionId),
    gateway_account_id: Type.Optional(GatewayAccountId),
  },
  { examples: [{ instrument: { method: 'card', token: 'tok_approve' } }] },
)
export type StartPayment = Static<typeof StartPayment>

export const CapturePayment = Strict(
  {
    amount: Type.Optional({ ...AmountInput, description: 'How much of the hold to take. Absent: all that is left.' }),
    currency: Type.Optional({ ...Currency, description: "Must be the payment's own, where it is given." }),
    final: Type.Optional(
      Type.Boolean({ description: 'Release what is left of the hold. The gateway may not allow anything else.' }),
    ),
  },
  { examples: [{ amount: 20000, final: true }] },
)
export type CapturePayment = Static<typeof CapturePayment>

/** A person decides what nobody can tell. */
export const ResolvePayment = Strict(
  {
    outcome: Type.Enum(['captured', 'authorized', 'voided', 'declined', 'failed'], {
      description: 'Of the call that is unknown. `voided`: of an unanswered void.',
    }),
    ...personDecision,
    gateway_payment_id: Type.Optional(
      Line(200, { minLength: 1, description: "The gateway's own id, needed where money moved and it never named it." }),
    ),
  },
  {
    examples: [
      {
        outcome: 'captured',
        evidence: 'HDFC statement of 20 Nov, line 14',
        reason: 'The gateway does not answer since Tuesday.',
        gateway_payment_id: 'sp_4f2k',
      },
    ],
  },
)
export type ResolvePayment = Static<typeof ResolvePayment>

export const ResolveRefund = Strict(
  { outcome: Type.Enum(['succeeded', 'failed']), ...personDecision },
  {
    examples: [
      { outcome: 'succeeded', evidence: 'Letter of the bank, 21 Nov', reason: 'The gateway closed the account.' },
    ],
  },
)
export type ResolveRefund = Static<typeof ResolveRefund>

/** Cash on delivery that somebody took at the door. */
export const CollectPayment = Strict(
  {
    amount: { ...AmountInput, description: 'What was collected, at most the amount of the payment.' },
    currency: Type.Optional({ ...Currency, description: "Must be the payment's own, where it is given." }),
    collected_at: { ...Instant, description: 'When it was collected; not in the future.' },
    collected_by: Line(100, { minLength: 1, description: 'Who took it.', examples: ['Ravi, route 4'] }),
  },
  { examples: [{ amount: 49900, collected_at: '2026-11-20T14:41:00Z', collected_by: 'Ravi, route 4' }] },
)
export type CollectPayment = Static<typeof CollectPayment>

export const ListPayments = Strict({
  status: Type.Optional(PaymentStatus),
  method: Type.Optional(PaymentMethod),
  order_id: Type.Optional(OrderId),
  search: Type.Optional({
    ...Line(100),
    minLength: 1,
    description: 'A whole id, reference, RRN, UPI address, last four digits or order reference. Without other filters.',
  }),
  ...periodQuery,
  ...pageQuery,
})
export type ListPayments = Static<typeof ListPayments>

export const PaymentPage = PageOf(Payment)
