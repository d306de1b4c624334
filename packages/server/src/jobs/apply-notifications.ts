// Applies notifications that were stored and acknowledged: claims due ones, applies each as its tenant in one
// transaction that also ends it, so that each takes effect once.
import { applyNotification } from '../operations/apply-notification.ts'
import type { Deps } from '../operations/deps.ts'
import { leaseDueNotifications } from '../store/notifications.ts'

const LEASE_SECONDS = 30

/** Returns how many were claimed. */
export async function applyDueNotifications(deps: Deps, limit: number): Promise<number> {
  const leaseToken = deps.randomness.bytes(16).toString('hex')
  const claimed = await leaseDueNotifications(deps.store.queue, { leaseToken, leaseSeconds: LEASE_SECONDS, limit })
  const results = await Promise.allSettled(
    claimed.map((notification) => applyNotification(deps, notification, leaseToken)),
  )
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') {
      deps.log.error({ err: result.reason, notification_id: claimed[index]?.id }, 'Applying a notification failed.')
    }
  }
  return claimed.length
}
