// Applies notifications that were stored and acknowledged: claims due ones, applies each as its tenant in one
// transaction that also ends it, so that each takes effect once.
import type { Tenant } from '../kernel/ids.ts'
import { AppError } from '../kernel/errors.ts'
import { applyNotification, parkFailed } from '../operations/apply-notification.ts'
import type { Deps } from '../operations/deps.ts'
import { leaseDueNotifications } from '../store/notifications.ts'

const LEASE_SECONDS = 30

/** Returns how many were claimed. */
export async function applyDueNotifications(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const leaseToken = deps.randomness.bytes(16).toString('hex')
  const claimed = await leaseDueNotifications(deps.store.queue, {
    leaseToken,
    leaseSeconds: LEASE_SECONDS,
    limit,
    only,
  })
  const results = await Promise.allSettled(
    claimed.map((notification) => applyNotification(deps, notification, leaseToken)),
  )
  for (const [index, result] of results.entries()) {
    const notification = claimed[index]
    if (result.status === 'fulfilled' || notification === undefined) continue
    const failure: unknown = result.reason
    deps.log.error({ err: failure, notification_id: notification.id }, 'Applying a notification failed.')
    const code = failure instanceof AppError ? failure.code : 'internal_error'
    // While the database is away its lease runs out by itself.
    await parkFailed(deps, notification, leaseToken, code).catch(() => {})
  }
  return claimed.length
}
