// The fault plan at rest. Taking a fault counts the call, so that "the third query" means the third since the fault
// was set, whichever process serves it.
import type pg from 'pg'
import type { Fault, FaultName, FaultParameters, GatewayCall } from '../faults.ts'
import { strikes } from '../faults.ts'
import type { Db } from './transaction.ts'
import { inTransaction, run, statement } from './transaction.ts'

export type PlannedFault = {
  readonly id: string
  readonly call: GatewayCall | 'any'
  readonly reference: string | null
  readonly nth: number
  readonly seen: number
  /** Null: until it is deleted. */
  readonly remaining: number | null
  readonly fault: FaultName
  readonly parameters: FaultParameters
}

const COUNT = statement(
  'count_faults',
  `update sandbox.accounts set fault_count = (select count(*) from sandbox.faults where account_id = $1) where id = $1`,
)
const INSERT = statement(
  'insert_fault',
  `insert into sandbox.faults (account_id, id, call, reference, nth, remaining, fault, parameters)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
)

export async function insertFault(pool: pg.Pool, accountId: string, fault: PlannedFault): Promise<void> {
  const { id, call, reference, nth, remaining, parameters } = fault
  await inTransaction(pool, async (tx) => {
    await run(tx, INSERT, [accountId, id, call, reference, nth, remaining, fault.fault, JSON.stringify(parameters)])
    await run(tx, COUNT, [accountId])
  })
}

const LIST = statement(
  'list_faults',
  `select id, call, reference, nth, seen, remaining, fault, parameters
     from sandbox.faults where account_id = $1 order by created_at, id`,
)

export function listFaults(db: Db, accountId: string): Promise<PlannedFault[]> {
  return run<PlannedFault>(db, LIST, [accountId])
}

const DELETE = statement(
  'delete_faults',
  `delete from sandbox.faults where account_id = $1 and id = coalesce($2::text, id) returning id`,
)

/** One fault, or all of the account's. Returns how many there were. */
export async function deleteFaults(pool: pg.Pool, accountId: string, id: string | null): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const rows = await run(tx, DELETE, [accountId, id])
    await run(tx, COUNT, [accountId])
    return rows.length
  })
}

const LOCK_MATCHING = statement(
  'lock_matching_faults',
  `select id, call, reference, nth, seen, remaining, fault, parameters
     from sandbox.faults
    where account_id = $1 and call in ($2, 'any') and (reference is null or reference = any($3::text[]))
    order by created_at, id
      for update`,
)
const MARK = statement(
  'mark_fault',
  `update sandbox.faults set seen = seen + 1, remaining = $3 where account_id = $1 and id = $2`,
)

/**
 * The fault that strikes this call, if one does: the oldest whose turn has come. `references` are the names by which
 * the object of the call may be matched.
 */
export async function takeFault(
  tx: Db,
  accountId: string,
  call: GatewayCall,
  references: readonly string[],
): Promise<Fault | undefined> {
  const planned = await run<PlannedFault>(tx, LOCK_MATCHING, [accountId, call, references])
  let taken: Fault | undefined
  for (const fault of planned) {
    if (!strikes(fault.fault, call)) continue
    const isDue = fault.seen + 1 >= fault.nth && fault.remaining !== 0 && taken === undefined
    if (isDue) taken = { name: fault.fault, parameters: fault.parameters }
    const remaining = isDue && fault.remaining !== null ? fault.remaining - 1 : fault.remaining
    await run(tx, MARK, [accountId, fault.id, remaining])
  }
  return taken
}
