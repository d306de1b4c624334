// Every matrix of the domain, every cell of it: asked in memory, done on Postgres where an operation does it, and held
// against what is drawn by hand. Then the database is asked which moves it allows.
import type { TestDatabase } from '../../open-database.ts'
import { createGatewayModel } from '../gateway-model.ts'
import type { Outcome } from '../gateway-model.ts'
import { actOn } from '../gateway-wire.ts'
import { judge } from '../judge.ts'
import { readBooks } from '../postgres-books.ts'
import { seededChance } from '../seeded-chance.ts'
import { openTill } from '../till.ts'
import { DRAWN, movesOf } from './drawn.ts'
import { nounOf, reachAnswers, reachExecutions, reachOrderStatus, reachTables } from './in-memory.ts'
import { reachPayments, reachRefunds } from './on-postgres.ts'
import { reachMandates, reachOrders, reachSessions } from './others-on-postgres.ts'
import { openReached } from './reached.ts'
import type { Reached } from './reached.ts'

export async function reachEveryCell(db: TestDatabase, seed = 1): Promise<Reached> {
  const reached = openReached()
  await reachTables(reached)
  reachOrderStatus(reached)
  reachExecutions(reached)
  reachAnswers(reached)
  let next: Outcome | 'lost' = 'approve'
  const gateway = createGatewayModel(() => {}, `m${seed}_`)
  const till = await openTill(db, seededChance(seed), async (_, request) => {
    const lost = next === 'lost'
    const answer = actOn(gateway, request, () => (next === 'lost' ? 'approve' : next))
    return lost ? { kind: 'no_reply', reason: 'timeout' } : answer
  })
  try {
    await reachPayments(till, reached)
    await reachRefunds(till, reached)
    await reachMandates(till, reached)
    await reachOrders(till, (outcome) => void (next = outcome), reached)
    await reachSessions(till, reached)
    await compareMoves(db, reached)
    // These payments are told things that no gateway would: certainty may prove wrong.
    const books = { ...(await readBooks(db.pools.owner, till.merchantId)), toldWrong: new Set<string>() }
    for (const fault of [...judge(books), ...till.errors]) reached.fault(fault)
  } finally {
    await till.close()
  }
  return reached
}

const IN_THE_DATABASE: Readonly<Record<string, string>> = { notice: 'pre_debit_notice', offline: 'offline_payment' }

/** The moves that the database allows are those that are drawn, all of them and no other. */
async function compareMoves(db: TestDatabase, reached: Reached): Promise<void> {
  for (const [table, drawing] of Object.entries(DRAWN)) {
    const noun = nounOf(table)
    const { rows } = await db.pools.owner.query<{ move: string }>(
      `select from_status || ' to ' || to_status as move from purser.allowed_transitions where noun = $1 order by 1`,
      [IN_THE_DATABASE[noun] ?? noun],
    )
    const allowed = rows.map(({ move }) => move).sort()
    const drawn = movesOf(drawing)
    for (const move of drawn) if (!allowed.includes(move)) reached.fault(`The database refuses ${noun} ${move}.`)
    for (const move of allowed) if (!drawn.includes(move)) reached.fault(`The database allows ${noun} ${move}.`)
  }
}
