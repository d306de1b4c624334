// When a give-back that its gateway refused is tried again. Each try is a refund of its own: under the name of a
// refused one the gateway would answer with the refusal again, and an amount never changes under its name.
const HOUR_MS = 3_600_000

const WAITS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 72 * HOUR_MS] as const

/** Business time until the next try after so many refusals, ms; null when it is a person's turn. */
export function nextGiveBackMs(refused: number): number | null {
  return WAITS_MS[refused - 1] ?? null
}
