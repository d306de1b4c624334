// When a webhook is tried again. Pure: the caller supplies the try's number, its age and a random fraction. Jitter only
// ever adds, so the sum of the delays is at least 75 hours whatever the dice say.
// Easy to get wrong: a try is counted when it is claimed, so a worker that is killed again and again uses tries up.
// That is why a delivery is given up by its age as well as by its count.

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * The least delay after the first, second, … try: ten tries over 75 hours and 35 minutes, as Standard Webhooks has it.
 */
export const LEAST_DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const

/** A delay is drawn evenly between the least one and this many times of it. */
export const JITTER = 1.25

/** Below this age a delivery is never given up. */
export const LEAST_SPAN_MS = 75 * HOUR_MS

/** Longer waits that a receiver asks for are cut to this. */
export const RETRY_AFTER_MAX_MS = 6 * HOUR_MS

/** An endpoint that failed for this long, with no success in between, is switched off. */
export const DISABLE_AFTER_MS = 5 * DAY_MS

export type FailedTry = {
  /** The number of the try that failed, from 1. */
  readonly tries: number
  /** Business time since the delivery was made. */
  readonly ageMs: number
  /** What the receiver asked for, if it did. */
  readonly retryAfterMs: number | undefined
  /** Even in [0, 1). */
  readonly fraction: number
}

/** Milliseconds until the next try; undefined when there is none and the delivery is dead. */
export function nextDelayMs(failed: FailedTry): number | undefined {
  const isLast = failed.tries > LEAST_DELAYS_MS.length
  if (isLast && failed.ageMs >= LEAST_SPAN_MS) return undefined
  const least = LEAST_DELAYS_MS[failed.tries - 1] ?? LEAST_DELAYS_MS[LEAST_DELAYS_MS.length - 1] ?? DAY_MS
  const delay = Math.round(least * (1 + (JITTER - 1) * failed.fraction))
  return Math.max(delay, Math.min(failed.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS))
}

/** Reads a Retry-After header, seconds or an HTTP date. Undefined when it is neither. */
export function readRetryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number.parseInt(header, 10) * SECOND_MS
  const instant = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)
    ? Date.parse(header)
    : Number.NaN
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now.getTime())
}
