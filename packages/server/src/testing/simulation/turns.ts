// Seeded interleaving on a real Postgres: every statement waits for its turn, one is under way at a time, and the seed
// says which comes next. A statement that does not return waits for a lock: Postgres is asked, it is left alone, and
// somebody else gets the turn. A task can be made to die at any turn: it never goes on, and its transaction is undone.
import type { Chance } from './seeded-chance.ts'

export type Task = {
  readonly name: string
  /** Rejects when the task dies, for what must be undone. */
  readonly death: Promise<never>
  readonly isDead: () => boolean
  /** Dies here and now; whoever calls it waits for ever afterwards. */
  dies(): void
  /** Waits for the next turn. A dead task waits for ever. */
  turn(point: string): Promise<void>
  /** Says that Postgres works for it, from now until it rests. */
  busy(): { works(): void; rests(): void }
}

export type Turns = {
  spawn(name: string, work: (task: Task) => Promise<void>): void
  /** Until every task has ended or died. */
  run(): Promise<void>
  readonly steps: () => number
}

type Waiting = { readonly task: Inner; readonly point: string; readonly go: () => void }
type Inner = { name: string; dead: boolean; ended: boolean; die: (reason: Error) => void }

export type TurnOptions = {
  readonly chance: Chance
  /** How many connections wait for a lock at this moment. */
  readonly countBlocked: () => Promise<number>
  /** Probability per turn that the task dies instead. */
  readonly crash: () => number
  readonly trace: (line: string) => void
  readonly onError: (name: string, error: unknown) => void
}

const PATIENCE_MS = 3
const STUCK_MS = 20_000

export class Died extends Error {}

export function createTurns({ chance, countBlocked, crash, trace, onError }: TurnOptions): Turns {
  let waiting: Waiting[] = []
  const tasks = new Set<Inner>()
  let active = 0
  let steps = 0

  function spawn(name: string, work: (task: Task) => Promise<void>): void {
    let die: (reason: Error) => void = () => {}
    const death = new Promise<never>((_, reject) => (die = reject))
    death.catch(() => {})
    const inner: Inner = { name, dead: false, ended: false, die }
    tasks.add(inner)
    const task: Task = {
      name,
      death,
      isDead: () => inner.dead,
      dies: () => kill(inner),
      turn: (point) => new Promise((go) => waiting.push({ task: inner, point, go: () => go() })),
      busy: () => {
        let works = false
        const postgres = {
          works: () => {
            if (!works) active += 1
            works = true
          },
          rests: () => {
            if (works) active -= 1
            works = false
          },
        }
        postgres.works()
        return postgres
      },
    }
    void task
      .turn('begin')
      .then(() => work(task))
      .catch((error: unknown) => onError(name, error))
      .finally(() => {
        inner.ended = true
        tasks.delete(inner)
      })
  }

  function kill(task: Inner): void {
    task.dead = true
    tasks.delete(task)
    waiting = waiting.filter((one) => one.task !== task)
    task.die(new Died(task.name))
  }

  /** Everything that was let go has arrived at its next turn, ended, or waits for a lock. */
  async function settle(): Promise<void> {
    const began = performance.now()
    for (;;) {
      await soon()
      if (active === 0) return
      await Promise.race([later(PATIENCE_MS), whenIdle()])
      if (active === 0) continue
      if (waiting.length > 0 && (await countBlocked()) >= active) return
      if (performance.now() - began > STUCK_MS) throw new Error(`Stuck with ${active} statements under way.`)
    }
  }

  async function whenIdle(): Promise<void> {
    for (let tries = 0; tries < 20 && active > 0; tries += 1) await soon()
  }

  return {
    spawn,
    steps: () => steps,
    async run() {
      await settle()
      const began = performance.now()
      while (tasks.size > 0) {
        const next = waiting.length === 0 ? undefined : waiting.splice(chance.whole(waiting.length), 1)[0]
        if (next === undefined) {
          if (performance.now() - began > STUCK_MS) throw new Error('No task comes to a turn.')
          await later(1)
          await settle()
          continue
        }
        steps += 1
        if (chance.happens(crash())) {
          trace(`${next.task.name} dies at: ${next.point}`)
          kill(next.task)
        } else {
          trace(`${next.task.name}: ${next.point}`)
          next.go()
        }
        await settle()
      }
    },
  }
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve))
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
