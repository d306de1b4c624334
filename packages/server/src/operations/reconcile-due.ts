// The daily look at an account's files, by its own business clock. The hour is moved before the look, so that two
// workers do not both look; a look that was cut off is begun again soon.
import { nextReconciliation, reconciliationAgain } from '../domain/settlement/schedule.ts'
import type { GatewayAccountId, Tenant } from '../kernel/ids.ts'
import { readGatewayAccount } from '../store/gateway-accounts.ts'
import { moveReconciliation, takeAccountToReconcile } from '../store/reconciliations.ts'
import type { Actor, Deps } from './deps.ts'
import { reconcile } from './reconcile.ts'

export async function reconcileDueAccount(deps: Deps, tenant: Tenant, id: GatewayAccountId): Promise<void> {
  const isOurs = await deps.store.inTransaction(tenant, async (tx) => {
    const { connector } = await readGatewayAccount(tx, id)
    const hasFiles = deps.connectors.get(connector)?.settlements !== undefined
    const isTaken = await takeAccountToReconcile(tx, id, hasFiles ? reconciliationAgain(tx.now) : null)
    return hasFiles && isTaken
  })
  if (!isOurs) return
  const actor: Actor = { tenant, kind: 'job', id: 'reconcile-settlements', requestId: null, scopes: [] }
  const { status } = await reconcile(deps, actor, { gatewayAccountId: id, trigger: 'schedule' })
  if (status !== 'done') return
  await deps.store.inTransaction(tenant, (tx) => moveReconciliation(tx, id, nextReconciliation(tx.now)))
}
