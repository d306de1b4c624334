// Asks gateways about calls without an outcome: claims due ones, works on each as its tenant. Repeatable: a lease that
// runs out is taken over, and what was asked twice is recorded once.
import type { Tenant } from '../kernel/ids.ts'
import type { Deps } from '../operations/deps.ts'
import { syncOperation } from '../operations/sync-operation.ts'
import { leaseDueOperations } from '../store/operations.ts'

// Longer than one question and one follow-up may take.
const LEASE_SECONDS = 60

/** Returns how many were claimed. */
export async function syncDueOperations(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const leaseToken = deps.randomness.bytes(16).toString('hex')
  const claimed = await leaseDueOperations(deps.store.queue, { leaseToken, leaseSeconds: LEASE_SECONDS, limit, only })
  const results = await Promise.allSettled(claimed.map((operation) => syncOperation(deps, operation)))
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') {
      deps.log.error({ err: result.reason, operation_id: claimed[index]?.id }, 'Asking a gateway failed on our side.')
    }
  }
  return claimed.length
}
