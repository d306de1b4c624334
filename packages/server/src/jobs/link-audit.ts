// Links audit rows that were written a moment ago, merchant by merchant. A tail that grows old is said loudly: until
// it is linked, nothing would show that a row of it was taken away.
import type { Tenant } from '../kernel/ids.ts'
import type { Deps } from '../operations/deps.ts'
import { linkAuditOf, OLDEST_TAIL_SECONDS } from '../operations/link-audit.ts'
import { listTenantsToLink } from '../store/audit-chain.ts'
import { oneByOne } from './one-by-one.ts'

/** Returns how many rows were linked. */
export async function linkAudits(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  let linked = 0
  const waiting = await listTenantsToLink(deps.store.queue, limit, only)
  const items = waiting.map(({ tenant, oldestSeconds }) => ({ tenant, id: tenant.merchantId, oldestSeconds }))
  await oneByOne(deps.log, items, async ({ tenant, oldestSeconds }) => {
    if (oldestSeconds > OLDEST_TAIL_SECONDS) {
      deps.log.error(
        { merchant_id: tenant.merchantId, oldest_seconds: oldestSeconds },
        'The audit was not linked in time.',
      )
    }
    linked += await linkAuditOf(deps, tenant)
  })
  return linked
}
