// Shows a difference that was found, once, and tells the merchant of it in the same transaction.
import { BreakId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertBreak } from '../store/reconciliations.ts'
import type { NewBreak } from '../store/reconciliations.ts'
import { announceBreak } from './announce.ts'
import type { Deps } from './deps.ts'

/** How many were not known before: 1 or 0. */
export async function openBreak(deps: Deps, tx: Tx, found: Omit<NewBreak, 'id'>): Promise<number> {
  const opened = await insertBreak(tx, { ...found, id: BreakId.create(deps.clock.now()) })
  if (opened === undefined) return 0
  await announceBreak(tx, 'break.opened', opened)
  return 1
}
