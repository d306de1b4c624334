// Time has one door. Wall time is for people and the database, the monotonic clock is for durations; code that waits
// takes a Clock so that tests never sleep. Business time of a merchant lives in the database: now() + clock_offset.

export type Clock = {
  /** Wall time, UTC. */
  now(): Date
  /** Milliseconds from an arbitrary start that never runs backwards. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Calls `work` after `ms`; returns a function that cancels it. The timer does not keep the process alive. */
export function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** The instant a text in RFC 3339 form with a zone names, or undefined. */
export function parseInstant(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const instant = new Date(text)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

/** Whole seconds or milliseconds since 1970, told apart by their length; undefined for anything else. */
export function parseEpoch(text: string): Date | undefined {
  if (!/^(?:\d{9,10}|\d{12,13})$/.test(text)) return undefined
  return new Date(Number.parseInt(text, 10) * (text.length <= 10 ? 1_000 : 1))
}

export function addMs(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms)
}
