import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { systemRandomness } from '../kernel/random.ts'
import type { QueueName } from '../operations/deps.ts'
import { startJobs } from './runner.ts'
import type { Job, RunnerOptions, RunningJobs } from './runner.ts'

const started: RunningJobs[] = []
afterEach(async () => {
  for (const jobs of started.splice(0)) await jobs.stop()
})

// Polls are an hour apart, so whatever happens in a test happened because of a nudge.
const NEVER = 3_600_000

function start(jobs: readonly Job[], options: Partial<RunnerOptions> = {}) {
  const warnings: string[] = []
  const errors: object[] = []
  const log = {
    info: () => {},
    warn: (_: object, message: string) => void warnings.push(message),
    error: (details: object) => void errors.push(details),
  }
  const running = startJobs({ clock: systemClock, randomness: systemRandomness, log }, jobs, {
    pollMs: NEVER,
    pollMaxMs: NEVER,
    drainMs: 500,
    ...options,
  })
  started.push(running)
  return { running, warnings, errors }
}

/** A job whose runs the test answers one by one. */
function scripted(queue: QueueName = 'deliveries', name: string = queue) {
  const waiting: { resolve(count: number): void; reject(error: Error): void }[] = []
  let arrived: (() => void) | undefined
  const state = { runs: 0, limit: 0 }
  return {
    state,
    job: {
      name,
      queue,
      run: (limit: number) =>
        new Promise<number>((resolve, reject) => {
          state.runs += 1
          state.limit = limit
          waiting.push({ resolve, reject })
          arrived?.()
        }),
    },
    /** The next run, once it has begun. */
    next: async () => {
      while (waiting.length === 0) await new Promise<void>((resolve) => (arrived = resolve))
      return waiting.shift()!
    },
  }
}

/** Lets everything that is ready to run do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('startJobs', () => {
  test('runs each job at once and again as long as there is work', async () => {
    const { job, next, state } = scripted()
    start([job], { limit: 7 })
    ;(await next()).resolve(7)
    ;(await next()).resolve(1)
    ;(await next()).resolve(0)
    await settle()
    expect(state).toEqual({ runs: 3, limit: 7 })
  })

  test('looks again when its queue is nudged, and only then', async () => {
    const deliveries = scripted('deliveries')
    const expiries = scripted('expiries')
    const { running } = start([deliveries.job, expiries.job])
    ;(await deliveries.next()).resolve(0)
    ;(await expiries.next()).resolve(0)
    await settle()
    running.nudge('deliveries')
    ;(await deliveries.next()).resolve(0)
    await settle()
    expect([deliveries.state.runs, expiries.state.runs]).toEqual([2, 1])
  })

  test('does not lose a nudge that comes while the job runs', async () => {
    const { job, next, state } = scripted()
    const { running } = start([job])
    const first = await next()
    running.nudge('deliveries')
    running.nudge('deliveries')
    first.resolve(0)
    ;(await next()).resolve(0)
    await settle()
    expect(state.runs).toBe(2)
  })

  test('never runs a job beside itself', async () => {
    const { job, next, state } = scripted()
    const { running } = start([job])
    const first = await next()
    for (let count = 0; count < 10; count += 1) running.nudge('deliveries')
    await settle()
    expect(state.runs).toBe(1)
    first.resolve(0)
    ;(await next()).resolve(0)
  })

  test('polls without a nudge', async () => {
    const { job, next } = scripted()
    start([job], { pollMs: 1, pollMaxMs: 2 })
    for (let count = 0; count < 5; count += 1) (await next()).resolve(0)
  })

  test('keeps the other queues going while one hangs', async () => {
    const hanging = scripted('operations')
    const lively = scripted('deliveries')
    start([hanging.job, lively.job], { drainMs: 1 })
    await hanging.next()
    for (let count = 0; count < 5; count += 1) (await lively.next()).resolve(1)
    expect(hanging.state.runs).toBe(1)
  })

  test('pauses after a failure, longer each time, even when it is nudged', async () => {
    const { job, next, state } = scripted()
    const { running, errors } = start([job], { pauseMs: NEVER })
    ;(await next()).reject(new Error('no database'))
    await settle()
    for (let count = 0; count < 10; count += 1) running.nudge('deliveries')
    await settle()
    expect(state.runs).toBe(1)
    expect(errors).toMatchObject([{ job: 'deliveries', failures: 1 }])
    expect(running.health()).toMatchObject([{ name: 'deliveries', failures: 1, runningMs: null }])
  })

  test('goes on after failures and forgets them with the first success', async () => {
    const { job, next } = scripted()
    const { running, errors } = start([job], { pauseMs: 1 })
    ;(await next()).reject(new Error('no database'))
    ;(await next()).reject(new Error('no database'))
    const third = await next()
    expect(running.health()).toMatchObject([{ failures: 2, runningMs: expect.any(Number) }])
    third.resolve(0)
    await settle()
    expect(running.health()).toMatchObject([{ failures: 0 }])
    expect(errors).toHaveLength(2)
  })

  test('stops at once when idle, and runs nothing more', async () => {
    const { job, next, state } = scripted()
    const { running } = start([job])
    ;(await next()).resolve(0)
    await settle()
    await running.stop()
    running.nudge('deliveries')
    await settle()
    expect(state.runs).toBe(1)
  })

  test('waits at its stop for the run and for what the run began', async () => {
    const { job, next } = scripted()
    let drained = () => {}
    const drain = () => new Promise<void>((resolve) => (drained = resolve))
    const { running, warnings } = start([{ ...job, drain }])
    const run = await next()
    let stopped = false
    const stopping = running.stop().then(() => (stopped = true))
    await settle()
    expect(stopped).toBe(false)
    run.resolve(1)
    await settle()
    expect(stopped).toBe(false)
    drained()
    await stopping
    expect(warnings).toEqual([])
  })

  test('gives up waiting at its stop after the time for it, and says so', async () => {
    const { job, next } = scripted()
    const { running, warnings } = start([job], { drainMs: 5 })
    await next()
    await running.stop()
    expect(warnings).toEqual(['Stopped with work under way.'])
  })
})
