// Whether a mandate may be charged, now or on a day to come. Pure: the operations ask it when a charge is asked for and
// again, under the locks, in the moment that it starts. The database holds the same line by itself (migration 0004).
import type { PreDebitNoticeId } from '../../kernel/ids.ts'
import { addMs } from '../../kernel/clock.ts'
import type { Money } from '../../kernel/money.ts'
import { addDays, dayOf, daysAllowed, periodOf, startOf } from './calendar.ts'
import type { Day } from './calendar.ts'
import { holdsPeriod, MAX_TRIES } from './execution.ts'
import type { ExecutionStatus } from './execution.ts'
import type { Mandate } from './mandate.ts'
import { needsNotice, NOTICE_AHEAD_MS, NOTICE_LASTS_MS, NOTICE_LEAD_MS } from './notice.ts'
import type { PreDebitNotice } from './notice.ts'

export type ChargeQuestion = {
  readonly mandate: Mandate
  readonly amount: Money
  readonly day: Day
  readonly now: Date
  readonly zone: string
  /** Other executions of the period that `day` falls in. */
  readonly others: readonly ExecutionStatus[]
  /** Notices of this mandate for `day`. */
  readonly notices: readonly Pick<PreDebitNotice, 'id' | 'status' | 'amount' | 'succeededAt'>[]
  /** The charge waits for this one and no other. */
  readonly boundTo: PreDebitNoticeId | null
  readonly additionalFactorMinor: bigint | null
}

export const CHARGE_REFUSALS = [
  'mandate_not_active',
  'mandate_not_started',
  'mandate_ended',
  'mandate_paused_then',
  'currency_differs',
  'amount_above_maximum',
  'amount_not_exact',
  'day_outside_rule',
  'day_past',
  'period_used',
  'tries_exhausted',
  'notice_too_late',
  'notice_failed',
  'notice_amount_exceeded',
] as const
export type ChargeRefusal = (typeof CHARGE_REFUSALS)[number]

export type NoticePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'send'; readonly at: Date }
  | { readonly kind: 'known'; readonly id: PreDebitNoticeId }

export type ChargeVerdict =
  | { readonly kind: 'execute'; readonly notice: NoticePlan; readonly additionalFactor: boolean }
  /** Not before `until`, and then it is asked again. */
  | { readonly kind: 'wait'; readonly until: Date; readonly notice: NoticePlan; readonly additionalFactor: boolean }
  | { readonly kind: 'refused'; readonly reason: ChargeRefusal }

export function decideCharge(question: ChargeQuestion): ChargeVerdict {
  const reason = refusalByTerms(question) ?? refusalByPeriod(question)
  if (reason !== undefined) return { kind: 'refused', reason }
  const timing = needsNotice(question.mandate) ? withNotice(question) : withoutNotice(question)
  if (timing.kind === 'refused') return timing
  return { ...timing, additionalFactor: needsAdditionalFactor(question) }
}

function refusalByTerms({ mandate, amount, day, now, zone }: ChargeQuestion): ChargeRefusal | undefined {
  if (amount.currency !== mandate.maxAmount.currency) return 'currency_differs'
  if (amount.minor > mandate.maxAmount.minor) return 'amount_above_maximum'
  if (mandate.amountRule === 'fixed' && amount.minor !== mandate.maxAmount.minor) return 'amount_not_exact'
  const stopping = mandate.pendingChange === 'pause' || mandate.pendingChange === 'revoke'
  if (mandate.status !== 'active' || stopping) return 'mandate_not_active'
  if (day < dayOf(zone, now)) return 'day_past'
  if (day < dayOf(zone, mandate.startsAt)) return 'mandate_not_started'
  // A charge of the first day waits for the hour; nothing starts from the end on.
  const first = startOf(zone, day)
  const latest = first.getTime() > now.getTime() ? first : now
  if (latest.getTime() >= mandate.endsAt.getTime()) return 'mandate_ended'
  const { pauseFrom, pauseEndsAt } = mandate
  const isPausedThen =
    pauseFrom !== null && latest >= pauseFrom && (pauseEndsAt === null || now >= pauseFrom || latest < pauseEndsAt)
  return isPausedThen ? 'mandate_paused_then' : undefined
}

function refusalByPeriod({ mandate, day, zone, others }: ChargeQuestion): ChargeRefusal | undefined {
  const period = periodOf(mandate.frequency, day)
  if (period === null) return undefined
  const days = daysAllowed(mandate.frequency, mandate.dayRule, dayOf(zone, mandate.startsAt), period)
  if (day < days.first || day > days.last) return 'day_outside_rule'
  if (others.some(holdsPeriod)) return 'period_used'
  return triesOf(others) > MAX_TRIES ? 'tries_exhausted' : undefined
}

/** Which try of its period the next execution is. */
export function triesOf(others: readonly ExecutionStatus[]): number {
  return 1 + others.filter((status) => status === 'declined').length
}

type Timing =
  | { readonly kind: 'execute'; readonly notice: NoticePlan }
  | { readonly kind: 'wait'; readonly until: Date; readonly notice: NoticePlan }
  | { readonly kind: 'refused'; readonly reason: ChargeRefusal }

function withoutNotice({ mandate, day, now, zone }: ChargeQuestion): Timing {
  const from = laterOf(startOf(zone, day), mandate.startsAt)
  const notice = { kind: 'none' } as const
  return now.getTime() < from.getTime() ? { kind: 'wait', until: from, notice } : { kind: 'execute', notice }
}

function withNotice(question: ChargeQuestion): Timing {
  const { amount, boundTo, notices } = question
  const bound = notices.find((notice) => notice.id === boundTo)
  if (bound !== undefined) return byNotice(question, bound)
  const enough = notices.filter((notice) => notice.amount.minor >= amount.minor)
  const verdicts = enough.map((notice) => byNotice(question, notice))
  const best =
    verdicts.find((verdict) => verdict.kind === 'execute') ?? verdicts.find((verdict) => verdict.kind === 'wait')
  if (best !== undefined) return best
  const sent = byNewNotice(question)
  const exceeded = notices.length > enough.length && enough.length === 0
  return sent.kind === 'refused' && exceeded ? { kind: 'refused', reason: 'notice_amount_exceeded' } : sent
}

function byNotice(question: ChargeQuestion, notice: ChargeQuestion['notices'][number]): Timing {
  const { amount, day, now, zone, mandate } = question
  if (amount.minor > notice.amount.minor) return { kind: 'refused', reason: 'notice_amount_exceeded' }
  if (notice.status === 'failed') return { kind: 'refused', reason: 'notice_failed' }
  const plan = { kind: 'known', id: notice.id } as const
  const dayEnds = startOf(zone, addDays(day, 1))
  const toldAt = notice.succeededAt
  if (toldAt === null) {
    // Nobody knows when it will be told: looked at again when a charge could come at the earliest.
    const until = laterOf(startOf(zone, day), addMs(now, HOUR_MS))
    return until.getTime() < dayEnds.getTime()
      ? { kind: 'wait', until, notice: plan }
      : { kind: 'refused', reason: 'notice_too_late' }
  }
  const from = laterOf(laterOf(startOf(zone, day), mandate.startsAt), addMs(toldAt, NOTICE_LEAD_MS))
  const until = addMs(toldAt, NOTICE_LASTS_MS)
  const isPossible = from.getTime() < dayEnds.getTime() && from.getTime() <= until.getTime()
  if (!isPossible || now.getTime() > until.getTime()) return { kind: 'refused', reason: 'notice_too_late' }
  if (now.getTime() < from.getTime()) return { kind: 'wait', until: from, notice: plan }
  return { kind: 'execute', notice: plan }
}

const HOUR_MS = 3_600_000

function byNewNotice({ day, now, zone, mandate }: ChargeQuestion): Timing {
  const first = startOf(zone, day)
  const at = laterOf(now, addMs(first, -NOTICE_AHEAD_MS))
  const from = laterOf(laterOf(first, mandate.startsAt), addMs(at, NOTICE_LEAD_MS))
  if (from.getTime() >= startOf(zone, addDays(day, 1)).getTime()) return { kind: 'refused', reason: 'notice_too_late' }
  if (from.getTime() >= mandate.endsAt.getTime()) return { kind: 'refused', reason: 'mandate_ended' }
  return { kind: 'wait', until: from, notice: { kind: 'send', at } }
}

function needsAdditionalFactor({ mandate, amount, additionalFactorMinor }: ChargeQuestion): boolean {
  const asked = mandate.method === 'upi' || mandate.method === 'card' || mandate.method === 'gateway_page'
  return asked && additionalFactorMinor !== null && amount.minor > additionalFactorMinor
}

const LIMIT_INR_MINOR = 1_500_000n

/**
 * Above it, minor units, the payer confirms every charge: `mandates.additional_factor_above` of the gateway account's
 * settings, an amount per currency, else 15,000 INR. Null: there is no such limit.
 */
export function additionalFactorLimit(currency: string, settings: Readonly<Record<string, unknown>>): bigint | null {
  const byDefault = currency === 'INR' ? LIMIT_INR_MINOR : null
  const { mandates } = settings
  const limits = isObject(mandates) ? mandates['additional_factor_above'] : undefined
  if (!isObject(limits) || !Object.hasOwn(limits, currency)) return byDefault
  const limit = limits[currency]
  if (limit === null) return null
  return typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0 ? BigInt(limit) : byDefault
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

// A charge may come from 24 hours after its notice to the end of its day: some hours of that are left, so that a server
// which was down for a while still makes it.
const LEAD_WITH_ROOM_MS = NOTICE_LEAD_MS + 6 * HOUR_MS

/** The day of a charge for which nobody named one: the next that the rule allows, with time for a notice. */
export function nextDay(mandate: Mandate, now: Date, zone: string): Day {
  const earliest = needsNotice(mandate) ? addMs(now, LEAD_WITH_ROOM_MS) : now
  const day = dayOf(zone, laterOf(earliest, mandate.startsAt))
  const period = periodOf(mandate.frequency, day)
  if (period === null) return day
  const firstDay = dayOf(zone, mandate.startsAt)
  const days = daysAllowed(mandate.frequency, mandate.dayRule, firstDay, period)
  if (day < days.first) return days.first
  if (day <= days.last) return day
  const next = periodOf(mandate.frequency, addDays(period.last, 1))
  return next === null ? day : daysAllowed(mandate.frequency, mandate.dayRule, firstDay, next).first
}

function laterOf(a: Date, b: Date): Date {
  return a.getTime() < b.getTime() ? b : a
}
