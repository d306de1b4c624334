// A mandate: the payer's consent to later charges, and the terms of that consent. The terms never change once written;
// what changes is the status (states.ts). Frequencies count in calendar periods of the merchant's zone (calendar.ts).
import type { CustomerId, GatewayAccountId, MandateId, OrderId, PaymentId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { PaymentMethod } from '../payment/method.ts'
import type { MandateStatus } from './states.ts'

export const FREQUENCIES = [
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
] as const
export type Frequency = (typeof FREQUENCIES)[number]

export const AMOUNT_RULES = ['fixed', 'variable'] as const
export type AmountRule = (typeof AMOUNT_RULES)[number]

export const DAY_RULES = ['on', 'before', 'after'] as const
/** Which days of a period may be debited: `before` and `after` include the day itself. */
export type DayRule = { readonly rule: (typeof DAY_RULES)[number]; readonly day: number }

export type MandateTerms = {
  readonly maxAmount: Money
  /** `fixed`: every charge is exactly `maxAmount`. */
  readonly amountRule: AmountRule
  readonly frequency: Frequency
  /** Null: every day of the period. */
  readonly dayRule: DayRule | null
  readonly startsAt: Date
  readonly endsAt: Date
  readonly revocableByCustomer: boolean
  /** Only with `one_time`: the bank sets the amount aside until the one charge. */
  readonly blockFunds: boolean
  /** Whether the payment that registers the mandate is the charge of its period, too. */
  readonly registrationUsesPeriod: boolean
}

export const REQUIREMENTS = ['required', 'optional'] as const
/** `optional`: where the gateway or the method has no mandates, the payment goes on without one. */
export type Requirement = (typeof REQUIREMENTS)[number]

export const MANDATE_CHANGES = ['pause', 'resume', 'revoke'] as const
export type MandateChange = (typeof MANDATE_CHANGES)[number]

export type Mandate = MandateTerms & {
  readonly id: MandateId
  /** A second name of it, for APIs that have one. Opaque; it grants nothing by itself. */
  readonly token: string
  /** The order that it is registered with. */
  readonly orderId: OrderId
  readonly customerId: CustomerId | null
  readonly requirement: Requirement
  readonly status: MandateStatus
  readonly version: number
  /** The attempt that registered it, once one has begun; its gateway account keeps the mandate. */
  readonly paymentId: PaymentId | null
  readonly gatewayAccountId: GatewayAccountId | null
  readonly gatewayMandateId: string | null
  /** The gateway's own count of changes; a report with a lower one is stale. */
  readonly gatewaySequence: number | null
  readonly method: PaymentMethod | null
  /** Asked of the gateway and not confirmed yet. A pause or a revocation stops charges from the moment it is asked. */
  readonly pendingChange: MandateChange | null
  /** When a pause that was asked for begins: it is active until then, and no charge starts from then on. */
  readonly pauseFrom: Date | null
  /** When a paused one is to be resumed, where that was asked for; its own end, pauseEndsAt, needs nobody's doing. */
  readonly resumeAt: Date | null
  readonly pauseStartsAt: Date | null
  readonly pauseEndsAt: Date | null
  readonly failureReason: string | null
  readonly activatedAt: Date | null
  readonly lastActivatedAt: Date | null
  readonly revokedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type TermsFault =
  | 'ends_before_it_starts'
  | 'frequency_has_no_days'
  | 'day_outside_period'
  | 'funds_blocked_more_than_once'
  | 'one_charge_is_not_the_registration'
  | 'amount_above_maximum'
  | 'amount_not_exact'
  | 'currency_differs'

const DAYS: Readonly<Record<Frequency, number>> = {
  one_time: 0,
  daily: 0,
  as_presented: 0,
  weekly: 7,
  fortnightly: 16,
  monthly: 31,
  bimonthly: 31,
  quarterly: 31,
  half_yearly: 31,
  yearly: 31,
}

/** What is wrong with terms together with the amount of the order that registers them; undefined when nothing is. */
export function faultOf(terms: MandateTerms, registration: Money): TermsFault | undefined {
  if (terms.endsAt.getTime() <= terms.startsAt.getTime()) return 'ends_before_it_starts'
  if (terms.dayRule !== null) {
    const most = DAYS[terms.frequency]
    if (most === 0) return 'frequency_has_no_days'
    if (!Number.isInteger(terms.dayRule.day) || terms.dayRule.day < 1 || terms.dayRule.day > most) {
      return 'day_outside_period'
    }
  }
  if (terms.blockFunds && terms.frequency !== 'one_time') return 'funds_blocked_more_than_once'
  if (terms.registrationUsesPeriod && terms.frequency === 'one_time') return 'one_charge_is_not_the_registration'
  if (registration.currency !== terms.maxAmount.currency) return 'currency_differs'
  if (registration.minor > terms.maxAmount.minor) return 'amount_above_maximum'
  const isCharge = terms.registrationUsesPeriod
  if (isCharge && terms.amountRule === 'fixed' && registration.minor !== terms.maxAmount.minor)
    return 'amount_not_exact'
  return undefined
}
