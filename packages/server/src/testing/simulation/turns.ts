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
type Inner = { readonly name: string; dead: boolean; readonly die: (reason: Error) => void }

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

export function createTurns(options: TurnOptions): Turns {
  const floor = openFloor()
  const { chance, trace } = options
  let steps = 0

  async function next(began: number): Promise<void> {
    const { waiting } = floor
    const turn = waiting.length === 0 ? undefined : waiting.splice(chance.whole(waiting.length), 1)[0]
    if (turn === undefined) {
      if (performance.now() - began > STUCK_MS) throw new Error('No task comes to a turn.')
      return later(1)
    }
    steps += 1
    const isFatal = chance.happens(options.crash())
    trace(`${turn.task.name}${isFatal ? ' dies at' : ''}: ${turn.point}`)
    if (isFatal) floor.kill(turn.task)
    else turn.go()
  }

  return {
    spawn: (name, work) => spawn(floor, options, name, work),
    steps: () => steps,
    async run() {
      const began = performance.now()
      await settle(floor, options)
      while (floor.tasks.size > 0) {
        await next(began)
        await settle(floor, options)
      }
    },
  }
}

type Floor = ReturnType<typeof openFloor>

/** Who is there, who waits for a turn, and how many statements are under way. */
function openFloor() {
  const waiting: Waiting[] = []
  const tasks = new Set<Inner>()
  const active = { count: 0 }
  return {
    waiting,
    tasks,
    active,
    kill(task: Inner): void {
      task.dead = true
      tasks.delete(task)
      for (let at = waiting.length - 1; at >= 0; at -= 1) if (waiting[at]?.task === task) waiting.splice(at, 1)
      task.die(new Died(task.name))
    },
    busy() {
      let works = false
      const postgres = {
        works: () => {
          if (!works) active.count += 1
          works = true
        },
        rests: () => {
          if (works) active.count -= 1
          works = false
        },
      }
      postgres.works()
      return postgres
    },
  }
}

function spawn(floor: Floor, { onError }: TurnOptions, name: string, work: (task: Task) => Promise<void>): void {
  let die: (reason: Error) => void = () => {}
  const death = new Promise<never>((_, reject) => (die = reject))
  death.catch(() => {})
  const inner: Inner = { name, dead: false, die }
  floor.tasks.add(inner)
  const task: Task = {
    name,
    death,
    isDead: () => inner.dead,
    dies: () => floor.kill(inner),
    turn: (point) => new Promise((go) => floor.waiting.push({ task: inner, point, go: () => go() })),
    busy: () => floor.busy(),
  }
  void task
    .turn('begin')
    .then(() => work(task))
    .catch((error: unknown) => onError(name, error))
    .finally(() => floor.tasks.delete(inner))
}

/** Everything that was let go has arrived at its next turn, ended, or waits for a lock. */
async function settle({ active, waiting }: Floor, { countBlocked }: TurnOptions): Promise<void> {
  const began = performance.now()
  for (;;) {
    await soon()
    if (active.count === 0) return
    await Promise.race([later(PATIENCE_MS), whenIdle(active)])
    if (active.count === 0) continue
    if (waiting.length > 0 && (await countBlocked()) >= active.count) return
    if (performance.now() - began > STUCK_MS) throw new Error(`Stuck with ${active.count} statements under way.`)
  }
}

async function whenIdle(active: { readonly count: number }): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    if (active.count === 0) return
    await soon()
  }
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve))
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
