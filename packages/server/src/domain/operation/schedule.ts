// When the gateway is asked about something that has no outcome (reliability rule 10). Asking never stops: an unknown
// payment stays unknown until evidence or a named person ends it. After a day a person is told.
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const STEPS_MS = [10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR] as const
const LONG_STEP_MS = 6 * HOUR
const LAST_STEP_MS = DAY
/** After this many six-hourly questions, thirty days have passed. */
const LONG_STEPS = 120

/** Business time from the call to the first question, ms: longer than a call may take. */
export const FIRST_QUESTION_MS = 10 * SECOND

export const ESCALATE_AFTER_MS = DAY

/** Milliseconds to the question after `asked` questions. `fraction` in [0, 1) spreads them by up to a tenth. */
export function nextQuestionMs(asked: number, fraction: number): number {
  const step = STEPS_MS[asked] ?? (asked < STEPS_MS.length + LONG_STEPS ? LONG_STEP_MS : LAST_STEP_MS)
  return step + Math.floor((step / 10) * fraction)
}
