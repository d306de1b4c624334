// Links the audit of one merchant: what was written since the last look is put behind the head of its chain, and the
// new head goes into the log, which leaves this machine, so that whoever rewrites the whole chain is found out.
import type { Tenant } from '../kernel/ids.ts'
import { linkAudit, listTenantsToLink, listUnlinked, lockAuditHead, saveAuditHead } from '../store/audit-chain.ts'
import type { Deps } from './deps.ts'

/** A tail that is older than this is an alarm, seconds. */
export const OLDEST_TAIL_SECONDS = 60

const AT_ONCE = 500

/** Returns how many rows were linked; 0 while somebody else does it. */
export async function linkAuditOf(deps: Deps, tenant: Tenant): Promise<number> {
  const linked = await deps.store.inTransaction(tenant, async (tx) => {
    const head = await lockAuditHead(tx)
    if (head === undefined) return undefined
    let last = head
    for (const id of await listUnlinked(tx, AT_ONCE)) last = await linkAudit(tx, last, id)
    if (last.position !== head.position) await saveAuditHead(tx, last)
    return { head: last, count: last.position - head.position }
  })
  if (linked === undefined || linked.count === 0) return 0
  const { merchantId: merchant_id, mode } = tenant
  const { position, hash } = linked.head
  deps.log.info({ merchant_id, mode, position, audit_head: hash.toString('hex') }, 'The audit’s head has moved.')
  return linked.count
}

/** Age of the oldest audit row that no chain holds yet, seconds; 0 where there is none. For the metrics. */
export async function oldestUnlinkedSeconds(deps: Deps): Promise<number> {
  return (await listTenantsToLink(deps.store.queue, 1))[0]?.oldestSeconds ?? 0
}
