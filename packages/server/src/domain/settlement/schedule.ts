// When a gateway's files are looked at: every day at half past ten in India, after they are made; soon again after a
// look that found nobody there.
const DAY_MS = 86_400_000
const DAILY_AT_MS = 5 * 3_600_000
const AGAIN_MS = 600_000

/** The next daily look after `now`, business time. */
export function nextReconciliation(now: Date): Date {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS + DAILY_AT_MS
  return new Date(today > now.getTime() ? today : today + DAY_MS)
}

/** When a look that was begun at `now` and not finished is begun again. */
export function reconciliationAgain(now: Date): Date {
  return new Date(now.getTime() + AGAIN_MS)
}
