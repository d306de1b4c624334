// Runs the queues: each job has a loop of its own, so that a slow one holds up nobody else, and never overlaps itself.
// A nudge is a hint that saves the wait for the next poll; work that nobody nudged for is found all the same.
// Easy to get wrong: a database that is down must slow the loops, not spin them, and a nudge must not cut that short.
import type { Tenant } from '../kernel/ids.ts'
import { delay } from '../kernel/clock.ts'
import type { Deps, QueueName } from '../operations/deps.ts'

export type Job = {
  readonly name: string
  readonly queue: QueueName
  /** Takes up to `limit` items that are due and answers how many; 0 sends the loop to sleep. `only`: of this tenant. */
  run(limit: number, only?: Tenant): Promise<number>
  /** Resolves once nothing that `run` began is under way; for jobs whose `run` does not wait for that. */
  drain?(): Promise<void>
}

export type JobHealth = {
  readonly name: string
  readonly queue: QueueName
  /** Runs in a row that failed. */
  readonly failures: number
  /** Milliseconds since a run last succeeded, or since the start. */
  readonly sinceSuccessMs: number
  /** Milliseconds that the present run has taken; null between runs. */
  readonly runningMs: number | null
}

export type RunningJobs = {
  /** Makes the jobs of this queue look now. While one runs, it looks again right after. */
  nudge(queue: QueueName): void
  /** Starts nothing new, and waits for what is under way, at most `drainMs`. */
  stop(): Promise<void>
  health(): readonly JobHealth[]
}

export type RunnerOptions = {
  readonly limit: number
  /** The first poll after work or a nudge; each empty one doubles it, up to `pollMaxMs`. */
  readonly pollMs: number
  readonly pollMaxMs: number
  /** The first pause after a failure; each further one doubles it, up to `pauseMaxMs`. */
  readonly pauseMs: number
  readonly pauseMaxMs: number
  readonly drainMs: number
}

const OPTIONS: RunnerOptions = {
  limit: 32,
  pollMs: 1_000,
  pollMaxMs: 4_000,
  pauseMs: 500,
  pauseMaxMs: 30_000,
  drainMs: 10_000,
}

type Loop = { readonly queue: QueueName; wake(): void; health(): JobHealth; readonly ended: Promise<void> }

export function startJobs(
  deps: Pick<Deps, 'clock' | 'log' | 'randomness'>,
  jobs: readonly Job[],
  given: Partial<RunnerOptions> = {},
): RunningJobs {
  const options = { ...OPTIONS, ...given }
  const stopping = new AbortController()
  const loops = jobs.map((job) => startLoop(deps, job, options, stopping.signal))
  return {
    nudge(queue) {
      for (const loop of loops) if (loop.queue === queue) loop.wake()
    },
    async stop() {
      stopping.abort()
      for (const loop of loops) loop.wake()
      const drained = Promise.all(loops.map((loop) => loop.ended)).then(() => true)
      const patience = new AbortController()
      const gaveUp = delay(options.drainMs, patience.signal).then(() => false)
      const inTime = await Promise.race([drained, gaveUp])
      patience.abort()
      if (!inTime) deps.log.warn({ running: loops.map((loop) => loop.health()) }, 'Stopped with work under way.')
    },
    health: () => loops.map((loop) => loop.health()),
  }
}

function startLoop(
  deps: Pick<Deps, 'clock' | 'log' | 'randomness'>,
  job: Job,
  options: RunnerOptions,
  stopping: AbortSignal,
): Loop {
  let failures = 0
  let successAtMs = deps.clock.monotonicMs()
  let runningSinceMs: number | undefined
  // Set by a nudge; `sleep` is what the nudge cuts short.
  let isNudged = false
  let sleep: AbortController | undefined

  async function runOnce(): Promise<number | undefined> {
    runningSinceMs = deps.clock.monotonicMs()
    try {
      const count = await job.run(options.limit)
      failures = 0
      successAtMs = deps.clock.monotonicMs()
      return count
    } catch (error) {
      failures += 1
      deps.log.error({ err: error, job: job.name, failures }, 'A job failed; it goes on after a pause.')
      return undefined
    } finally {
      runningSinceMs = undefined
    }
  }

  async function loop(): Promise<void> {
    let pollMs = options.pollMs
    while (!stopping.aborted) {
      isNudged = false
      const count = await runOnce()
      if (count === undefined) {
        const longestMs = Math.min(options.pauseMs * 2 ** (failures - 1), options.pauseMaxMs)
        await delay(longestMs * (0.5 + deps.randomness.fraction() / 2), stopping)
      } else if (count > 0 || isNudged) {
        pollMs = options.pollMs
      } else {
        const wasNudged = await idle(pollMs)
        pollMs = wasNudged ? options.pollMs : Math.min(pollMs * 2, options.pollMaxMs)
      }
    }
    await job.drain?.()
  }

  async function idle(ms: number): Promise<boolean> {
    sleep = new AbortController()
    await delay(ms, sleep.signal)
    sleep = undefined
    return isNudged
  }

  return {
    queue: job.queue,
    wake() {
      isNudged = true
      sleep?.abort()
    },
    health: () => ({
      name: job.name,
      queue: job.queue,
      failures,
      sinceSuccessMs: deps.clock.monotonicMs() - successAtMs,
      runningMs: runningSinceMs === undefined ? null : deps.clock.monotonicMs() - runningSinceMs,
    }),
    ended: loop(),
  }
}
