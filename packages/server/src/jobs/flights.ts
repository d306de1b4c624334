// What is under way to the outside. One that takes long stops counting as quick, so that those who wait for others do
// not take the places of those who do not.
import { after } from '../kernel/clock.ts'

export type Flights = {
  /** Begins `work`, which must not reject. */
  begin(work: () => Promise<void>): void
  count(): number
  /** Those that began less than `slowAfterMs` ago. */
  quickCount(): number
  /** Resolves once `isReady` says so; asks again whenever one ends or turns slow. */
  until(isReady: () => boolean): Promise<void>
}

export function createFlights(slowAfterMs: number): Flights {
  let count = 0
  let quick = 0
  let waiting: (() => void)[] = []

  function wake(): void {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }

  async function fly(work: () => Promise<void>): Promise<void> {
    let isQuick = true
    const slow = () => {
      if (isQuick) quick -= 1
      isQuick = false
      wake()
    }
    const stopTimer = after(slowAfterMs, slow)
    count += 1
    quick += 1
    try {
      await work()
    } finally {
      stopTimer()
      count -= 1
      slow()
    }
  }

  return {
    begin: (work) => void fly(work),
    count: () => count,
    quickCount: () => quick,
    async until(isReady) {
      while (!isReady()) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
