// Looks at the files of gateways about what they paid out, once a day by each merchant's business clock.
import type { Tenant } from '../kernel/ids.ts'
import type { Deps } from '../operations/deps.ts'
import { reconcileDueAccount } from '../operations/reconcile-due.ts'
import { listAccountsToReconcile } from '../store/reconciliations.ts'

/** Returns how many accounts were looked at. */
export async function reconcileDueAccounts(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const accounts = await listAccountsToReconcile(deps.store.queue, limit, only)
  for (const { tenant, id } of accounts) await reconcileDueAccount(deps, tenant, id)
  return accounts.length
}
