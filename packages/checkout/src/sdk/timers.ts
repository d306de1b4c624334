// The SDK's only timers, each with its end in hand: terminate leaves none behind.
export function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}

/** Milliseconds since the page began. */
export const now = (): number => performance.now()
