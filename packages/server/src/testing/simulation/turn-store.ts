// A Store whose every statement waits for its turn, around the real one. Dying at a turn undoes the transaction, as a
// lost connection would; at the commit, it may have gone through all the same, and nobody is told. Whether it did is
// also what a caller cannot know whose connection breaks at that moment.
import { AppError } from '../../kernel/errors.ts'
import type { Tenant } from '../../kernel/ids.ts'
import type { QueueDb, Store, Tx } from '../../store/db.ts'
import type { Chance } from './seeded-chance.ts'
import type { Task } from './turns.ts'

export type StoreFaults = {
  /** The connection breaks at the commit; it was kept or undone, half and half. */
  readonly commitUnknown: () => number
  /** The process dies right after the commit. */
  readonly diesAfterCommit: () => number
}

export function takeTurns(real: Store, task: Task, chance: Chance, faults: StoreFaults): Store {
  const inTurns =
    (run: Store['inTransaction']): Store['inTransaction'] =>
    async <T>(tenant: Tenant, work: (tx: Tx) => Promise<T>): Promise<T> => {
      await task.turn('begin a transaction')
      const fate: Fate = { isUnknown: false, dies: false }
      const postgres = task.busy()
      try {
        const value = await run(tenant, async (tx) => {
          postgres.rests()
          try {
            return await Promise.race([task.death, step(tx, work, fate)])
          } finally {
            // It commits or undoes now.
            postgres.works()
          }
        })
        if (fate.dies) {
          task.dies()
          return forever()
        }
        if (fate.isUnknown) throw new AppError('database_unavailable', {}, { internal: 'The commit was not answered.' })
        return value
      } catch (error) {
        if (task.isDead()) return forever()
        throw error
      } finally {
        postgres.rests()
      }
    }

  async function step<T>(tx: Tx, work: (tx: Tx) => Promise<T>, fate: Fate): Promise<T> {
    const statements = oneAtATime(turning((text, values) => tx.query(text, values)))
    const value = await work({ ...tx, query: statements.query, write: statements.write })
    await statements.done()
    await task.turn('commit')
    if (chance.happens(faults.commitUnknown())) {
      if (chance.happens(0.5)) throw new AppError('database_unavailable', {}, { internal: 'Broken before the commit.' })
      fate.isUnknown = true
    } else {
      fate.dies = chance.happens(faults.diesAfterCommit())
    }
    return value
  }

  function turning(query: Query): Tx['query'] {
    return (async (text, values) => {
      await task.turn(firstWords(text))
      const postgres = task.busy()
      try {
        return await query(text, values)
      } finally {
        postgres.rests()
      }
    }) as Tx['query']
  }

  const queue = { query: turning((text, values) => real.queue.query(text, values)) } as QueueDb
  return {
    inTransaction: inTurns((tenant, work) => real.inTransaction(tenant, work)),
    inSnapshot: inTurns((tenant, work) => real.inSnapshot(tenant, work)),
    queue,
    close: async () => {},
  }
}

/** Statements of one transaction that were sent together still have a turn each, in the order they were sent. */
function oneAtATime(query: Tx['query']): { query: Tx['query']; write: Tx['write']; done: () => Promise<unknown> } {
  let last: Promise<unknown> = Promise.resolve()
  const next = (text: string, values?: readonly unknown[]) => {
    const sent = last.then(() => query(text, values))
    last = sent
    return sent
  }
  return {
    query: next as Tx['query'],
    write: (text, values) => void next(text, values).catch(() => {}),
    done: () => last,
  }
}

type Query = (text: string, values?: readonly unknown[]) => Promise<unknown>
type Fate = { isUnknown: boolean; dies: boolean }

const forever = () => new Promise<never>(() => {})

function firstWords(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 60)
}
