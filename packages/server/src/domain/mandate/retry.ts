// Whether and when a declined charge of a mandate is tried again by itself (domain.md, "Mandates": a decline frees the
// period, at most four tries). What can only be declined again is not: a card that is blocked stays so.
import { addMs } from '../../kernel/clock.ts'
import type { DeclineCode } from '../payment/decline-codes.ts'
import { dayOf, periodOf } from './calendar.ts'
import type { Day } from './calendar.ts'
import { nextDay } from './executable.ts'
import { MAX_TRIES } from './execution.ts'
import type { MandateExecution } from './execution.ts'
import type { Mandate } from './mandate.ts'

/** Further tries that may be asked for beside the first. */
export const MOST_RETRIES = MAX_TRIES - 1

// Long enough for money to come in, short enough to leave time within the day of the notice.
const RETRY_AFTER_MS = 6 * 3_600_000

const PASSING: ReadonlySet<DeclineCode> = new Set([
  'insufficient_funds',
  'limit_exceeded',
  'do_not_honor',
  'issuer_unavailable',
  'authentication_timed_out',
  'other',
])

/** Business time of the next try; null when there is none. */
export function retryTime(
  execution: Pick<MandateExecution, 'kind' | 'retriesLeft'>,
  decline: DeclineCode,
  now: Date,
): Date | null {
  const isWanted = execution.kind === 'charge' && execution.retriesLeft > 0
  return isWanted && PASSING.has(decline) ? addMs(now, RETRY_AFTER_MS) : null
}

/** The days to try it on, in this order, all of the same period; the charge says which is allowed. */
export function retryDays(
  mandate: Mandate,
  execution: Pick<MandateExecution, 'period'>,
  now: Date,
  zone: string,
): Day[] {
  const days = [...new Set([dayOf(zone, now), nextDay(mandate, now, zone)])]
  return days.filter((day) => (periodOf(mandate.frequency, day)?.key ?? null) === execution.period)
}
