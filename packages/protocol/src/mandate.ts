// A mandate: the payer's consent to later charges, registered with the payment of an order. A charge of it is an order
// and a payment like any other; what comes beside is who was told of it, when, and within which terms it stays.
import Type from 'typebox'
import type { Static } from 'typebox'
import {
  Amount,
  AmountInput,
  Currency,
  CustomerId,
  GatewayAccountId,
  Instant,
  Line,
  Lines,
  MandateId,
  Metadata,
  Nullable,
  OrderId,
  PageOf,
  pageQuery,
  PaymentId,
  PreDebitNoticeId,
  Strict,
  Version,
} from './fields.ts'
import { PaymentMethod } from './payment.ts'

export const MandateStatus = Type.Enum(['created', 'active', 'paused', 'revoked', 'expired', 'failed'])

export const Frequency = Type.Enum(
  [
    'one_time',
    'daily',
    'weekly',
    'fortnightly',
    'monthly',
    'bimonthly',
    'quarterly',
    'half_yearly',
    'yearly',
    'as_presented',
  ],
  { description: 'Charged at most once in each calendar period; `as_presented` has none, `one_time` is used once.' },
)

const AmountRule = Type.Enum(['fixed', 'variable'], { description: '`fixed`: every charge is exactly `max_amount`.' })

const DayRule = Strict(
  {
    rule: Type.Enum(['on', 'before', 'after']),
    day: Type.Integer({ minimum: 1, maximum: 31 }),
  },
  { description: 'Which days of a period may be debited, the named one included; past the end it is the last day.' },
)

/** A day in the merchant's zone. */
export const Day = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: "A day in the merchant's time zone.",
  examples: ['2026-12-05'],
})

const Requirement = Type.Enum(['required', 'optional'], {
  description: '`optional`: where the method or the gateway has no mandates, the payment goes on without one.',
})

export const MandateInput = Strict(
  {
    requirement: Type.Optional(Requirement),
    max_amount: AmountInput,
    amount_rule: Type.Optional(AmountRule),
    frequency: Frequency,
    day_rule: Type.Optional(DayRule),
    starts_at: Type.Optional({ ...Instant, description: 'Charges start here; default: at once.' }),
    ends_at: { ...Instant, description: 'No charge starts from here on.' },
    revocable_by_customer: Type.Optional(Type.Boolean()),
    block_funds: Type.Optional(Type.Boolean({ description: 'Only with `one_time`: the bank sets the amount aside.' })),
    registration_uses_period: Type.Optional(
      Type.Boolean({ description: 'Whether the payment of this order is the charge of its period. Default: yes.' }),
    ),
  },
  {
    examples: [
      { max_amount: 100_000, frequency: 'monthly', day_rule: { rule: 'on', day: 5 }, ends_at: '2027-11-20T00:00:00Z' },
    ],
  },
)
export type MandateInput = Static<typeof MandateInput>

export const Mandate = Strict({
  id: MandateId,
  object: Type.Literal('mandate'),
  order_id: OrderId,
  payment_id: Nullable(PaymentId),
  customer_id: Nullable(CustomerId),
  gateway_account_id: Nullable(GatewayAccountId),
  gateway_mandate_id: Nullable(Type.String()),
  requirement: Requirement,
  status: MandateStatus,
  max_amount: Amount,
  currency: Currency,
  amount_rule: AmountRule,
  frequency: Frequency,
  day_rule: Nullable(DayRule),
  starts_at: Instant,
  ends_at: Instant,
  method: Nullable(PaymentMethod),
  revocable_by_customer: Type.Boolean(),
  block_funds: Type.Boolean(),
  registration_uses_period: Type.Boolean(),
  pending_change: Nullable(
    Type.Enum(['pause', 'resume', 'revoke'], { description: 'Asked of the gateway and not confirmed yet.' }),
  ),
  pause_starts_at: Nullable({ ...Instant, description: 'When it was paused last, or will be.' }),
  pause_ends_at: Nullable(Instant),
  resume_at: Nullable({ ...Instant, description: 'When it is to be resumed; the gateway is asked then.' }),
  failure_reason: Nullable(Type.String()),
  version: Version,
  activated_at: Nullable(Instant),
  last_activated_at: Nullable(Instant),
  revoked_at: Nullable(Instant),
  created_at: Instant,
  updated_at: Instant,
})
export type Mandate = Static<typeof Mandate>

export const PreDebitNotice = Strict({
  id: PreDebitNoticeId,
  object: Type.Literal('pre_debit_notice'),
  reference: Nullable(Type.String({ description: 'Your own name of it.' })),
  mandate_id: MandateId,
  status: Type.Enum(['pending', 'unknown', 'succeeded', 'failed']),
  amount: Amount,
  currency: Currency,
  debit_day: Day,
  description: Type.String(),
  gateway_notice_id: Nullable(Type.String()),
  failure_reason: Nullable(Type.String()),
  due_at: Nullable({ ...Instant, description: 'When it is sent, or sent again.' }),
  version: Version,
  succeeded_at: Nullable(Instant),
  created_at: Instant,
})
export type PreDebitNotice = Static<typeof PreDebitNotice>

export const MandateExecution = Strict({
  order_id: OrderId,
  payment_id: PaymentId,
  kind: Type.Enum(['registration', 'charge']),
  period: Nullable(Type.String({ description: 'Of a period at most one execution holds money or may come to.' })),
  try: Type.Integer({ minimum: 1, maximum: 4 }),
  debit_day: Day,
  amount: Amount,
  currency: Currency,
  status: Type.Enum(['waiting', 'open', 'unknown', 'captured', 'declined', 'failed', 'canceled', 'surplus']),
  pre_debit_notice_id: Nullable(PreDebitNoticeId),
  additional_factor: Type.Boolean({ description: 'Above the limit: the payer confirms this charge.' }),
  reason: Nullable(Type.String()),
  retries_left: Type.Integer({ minimum: 0, maximum: 3 }),
  retry_at: Nullable({ ...Instant, description: 'When a declined one is tried again.' }),
  deadline_at: Instant,
  started_at: Nullable(Instant),
  created_at: Instant,
})
export type MandateExecution = Static<typeof MandateExecution>

/** A mandate as it is read alone: with its latest uses and notices, newest first, and its history. */
export const MandateDetails = Strict({
  ...Mandate.properties,
  executions: Type.Array(MandateExecution),
  pre_debit_notices: Type.Array(PreDebitNotice),
  transitions: Type.Array(
    Strict({
      version: Version,
      from: Nullable(MandateStatus),
      to: MandateStatus,
      event: Type.String(),
      cause: Type.Enum(['request', 'reply', 'notification', 'sync', 'return', 'person', 'schedule', 'settlement']),
      actor: Type.String(),
      at: Instant,
    }),
  ),
})
export type MandateDetails = Static<typeof MandateDetails>

export const ListMandates = Strict({
  status: Type.Optional(MandateStatus),
  customer_id: Type.Optional(CustomerId),
  order_id: Type.Optional(OrderId),
  ...pageQuery,
})
export type ListMandates = Static<typeof ListMandates>

export const MandatePage = PageOf(Mandate)

const OrderReference = Type.String({ minLength: 1, maxLength: 64, pattern: '^[!-~]([ -~]*[!-~])?$' })

export const ChargeMandate = Strict(
  {
    reference: { ...OrderReference, description: 'Your name for the order of this charge.' },
    amount: AmountInput,
    currency: Type.Optional({ ...Currency, description: "Must be the mandate's own, where it is given." }),
    debit_day: Type.Optional({ ...Day, description: 'Default: the next day that the mandate allows.' }),
    pre_debit_notice_id: Type.Optional(PreDebitNoticeId),
    description: Type.Optional(Lines(1000)),
    metadata: Type.Optional(Metadata),
    retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3,
        description:
          'How often it is tried again by itself after a decline that may pass, within its period. Default: 0.',
      }),
    ),
  },
  { examples: [{ reference: 'order-1002', amount: 49900 }] },
)
export type ChargeMandate = Static<typeof ChargeMandate>

export const PauseMandate = Strict(
  {
    starts_at: Type.Optional({ ...Instant, description: 'When the pause begins; without it, now.' }),
    ends_at: Type.Optional({ ...Instant, description: 'The pause ends itself then; without it, when it is resumed.' }),
  },
  { examples: [{ ends_at: '2027-01-01T00:00:00Z' }] },
)
export type PauseMandate = Static<typeof PauseMandate>

export const SendPreDebitNotice = Strict(
  {
    amount: AmountInput,
    currency: Type.Optional({ ...Currency, description: "Must be the mandate's own, where it is given." }),
    debit_day: Day,
    reference: Type.Optional({
      ...OrderReference,
      description: 'Your own name of the notice; asked for twice, it is one notice.',
    }),
    description: Type.Optional(Line(200)),
  },
  { examples: [{ amount: 49900, debit_day: '2026-12-05' }] },
)
export type SendPreDebitNotice = Static<typeof SendPreDebitNotice>
