// The gateway's two loops: one does what is due, one sends notifications. Each sleeps until its next item, is woken
// right after a change in its own process, and looks now and then for changes made by another.
import { delay } from '../kernel/clock.ts'
import { nextInMs, settleDue } from './actions/settle-due.ts'
import { sendDue } from './notifications.ts'
import type { SandboxOptions } from './options.ts'
import { nextNotificationInMs } from './store/notifications.ts'

/** How long a change made by another process may go unnoticed, ms. */
const LOOK_EVERY_MS = 1_000
const AFTER_FAILURE_MS = 1_000

/** Changes made close together are worked off together. */
const PAUSE_MS = 5

export type SandboxWorkers = {
  /** Something changed: look now. `due` when a timer was set, `notices` when a notification was written. */
  readonly nudge: (what: 'due' | 'notices' | 'both') => void
  /** Sends what tells of one object and returns once it was tried. */
  readonly sendAbout: (objectId: string) => Promise<void>
  /** Ends both loops once what they hold is finished. */
  readonly stop: () => Promise<void>
}

export function startSandboxWorkers(options: SandboxOptions): SandboxWorkers {
  const sending = loop(options, 'notify', {
    work: () => sendDue(options, null),
    nextInMs: () => nextNotificationInMs(options.pool),
    afterwards: () => {},
  })
  const settling = loop(options, 'settle', {
    work: () => settleDue(options, null),
    nextInMs: () => nextInMs(options, null),
    // What came due has notifications.
    afterwards: () => sending.nudge(),
  })
  return {
    nudge: (what) => {
      if (what !== 'notices') settling.nudge()
      if (what !== 'due') sending.nudge()
    },
    sendAbout: async (objectId) => {
      await sendDue(options, objectId)
    },
    stop: async () => {
      await settling.stop()
      await sending.stop()
    },
  }
}

type Work = {
  readonly work: () => Promise<number>
  /** Until there is work again; null when none is in sight. */
  readonly nextInMs: () => Promise<number | null>
  readonly afterwards: () => void
}

function loop(options: SandboxOptions, name: string, { work, nextInMs, afterwards }: Work) {
  const stopping = new AbortController()
  let wake = new AbortController()

  const turn = async (): Promise<number> => {
    try {
      if ((await work()) > 0) afterwards()
      return Math.min((await nextInMs()) ?? LOOK_EVERY_MS, LOOK_EVERY_MS)
    } catch (error) {
      options.onError?.(`The sandbox gateway's ${name} loop failed and goes on.`, error)
      return AFTER_FAILURE_MS
    }
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      // Made before the work, so that a nudge during it is not lost.
      wake = new AbortController()
      const waitMs = await turn()
      await delay(PAUSE_MS, stopping.signal)
      if (!stopping.signal.aborted) await delay(waitMs, wake.signal)
    }
  }
  const running = run()
  return {
    nudge: () => wake.abort(),
    stop: async () => {
      stopping.abort()
      wake.abort()
      await running
    },
  }
}
