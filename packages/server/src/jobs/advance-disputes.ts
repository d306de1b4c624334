// Disputes whose hour has come: answers that were not heard, evidence that runs out, and the daily question.
import type { Tenant } from '../kernel/ids.ts'
import { advanceDispute } from '../operations/advance-dispute.ts'
import type { Deps } from '../operations/deps.ts'
import { listDisputesDue } from '../store/disputes.ts'
import { oneByOne } from './one-by-one.ts'

/** Returns how many were looked at. */
export async function advanceDisputes(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const disputes = await listDisputesDue(deps.store.queue, limit, only)
  await oneByOne(deps.log, disputes, (dispute) => advanceDispute(deps, dispute.tenant, dispute.id))
  return disputes.length
}
