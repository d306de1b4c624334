// The page's only timers, so that a page that goes away takes them along.

/** Resolves after `ms`, or earlier when the payer comes back to the page or to the network, or when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const back = () => {
      if (document.visibilityState === 'visible') done()
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      document.removeEventListener('visibilitychange', back)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    document.addEventListener('visibilitychange', back)
    addEventListener('online', done)
  })
}

/** A signal that aborts after `ms`, unless it is ended before. */
export function startDeadline(ms: number): { readonly signal: AbortSignal; readonly end: () => void } {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), ms)
  return { signal: abort.signal, end: () => clearTimeout(timer) }
}

/** 0.5 s, then half as long again each time, up to 3 s. */
export function nextWaitMs(previousMs: number | undefined): number {
  return previousMs === undefined ? 500 : Math.min(3_000, Math.round(previousMs * 1.5))
}

/** 2 s, then half as long again each time, up to 15 s: for what has probably not changed. */
export function nextLookMs(previousMs: number | undefined): number {
  return previousMs === undefined ? 2_000 : Math.min(15_000, Math.round(previousMs * 1.5))
}

/** Calls `tick` once a second with the seconds left, zero included, until it returns its stop. */
export function countDown(seconds: number, tick: (left: number) => void): () => void {
  let left = seconds
  const timer = setInterval(() => {
    left -= 1
    if (left <= 0) clearInterval(timer)
    tick(left)
  }, 1_000)
  return () => clearInterval(timer)
}
