// What came of webhooks that were sent: delivered, tried again later, or dead; and what that says about their
// endpoints. Many results of one tenant are recorded in one transaction, because one each would cost more than the
// sending.
import { DISABLE_AFTER_MS, nextDelayMs } from '../domain/webhook/schedule.ts'
import { addMs } from '../kernel/clock.ts'
import type { Tenant, WebhookEndpointId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { settleDeliveries } from '../store/delivery-queue.ts'
import type { SettledDelivery } from '../store/delivery-queue.ts'
import { noteEndpointFailure } from '../store/webhook-endpoints.ts'
import type { Deps } from './deps.ts'
import { endPendingDeliveries } from './end-deliveries.ts'
import type { PreparedDelivery } from './prepare-deliveries.ts'

export type Try = {
  readonly delivery: PreparedDelivery
  readonly outcome: string
  readonly httpStatus: number | null
  readonly durationMs: number
  /** Real time at which it began. */
  readonly at: Date
  /** `gone`: the endpoint said that it wants nothing more. */
  readonly verdict: 'delivered' | 'failed' | 'gone'
  readonly retryAfterMs: number | undefined
}

/** Records tries of one tenant. One whose lease was lost meanwhile counts for nothing. */
export async function recordTries(deps: Deps, tenant: Tenant, tries: readonly Try[]): Promise<void> {
  const disabled = await deps.store.inTransaction(tenant, async (tx) => {
    const settled = await settleDeliveries(
      tx,
      tries.map((one) => ({
        deliveryId: one.delivery.id,
        leaseToken: one.delivery.leaseToken,
        tries: one.delivery.tries,
        outcome: one.outcome,
        httpStatus: one.httpStatus,
        durationMs: one.durationMs,
        at: one.at,
        isDelivered: one.verdict === 'delivered',
        nextDueAt: nextDueAt(deps, tx, one),
      })),
    )
    return noteFailures(tx, settled, tries)
  })
  for (const endpointId of disabled) await endPendingDeliveries(deps, tenant, endpointId, 'dead')
}

function nextDueAt(deps: Deps, tx: Tx, { delivery, verdict, retryAfterMs }: Try): Date | null {
  if (verdict !== 'failed') return null
  if (delivery.formatted !== undefined) {
    const ownDelayMs = delivery.formatted.format.nextDelayMs(delivery.tries)
    return ownDelayMs === undefined ? null : addMs(tx.now, ownDelayMs)
  }
  const ageMs = tx.now.getTime() - delivery.createdAt.getTime()
  const delayMs = nextDelayMs({ tries: delivery.tries, ageMs, retryAfterMs, fraction: deps.randomness.fraction() })
  return delayMs === undefined ? null : addMs(tx.now, delayMs)
}

/** Answers the endpoints that this made us disable. */
async function noteFailures(
  tx: Tx,
  settled: readonly SettledDelivery[],
  tries: readonly Try[],
): Promise<readonly WebhookEndpointId[]> {
  const healthy = new Set(settled.filter((one) => one.status === 'delivered').map((one) => one.endpointId))
  const counted = new Set(settled.map((one) => one.id))
  const failed = tries.filter((one) => one.verdict !== 'delivered' && counted.has(one.delivery.id))
  const gone = new Set(failed.filter((one) => one.verdict === 'gone').map((one) => one.delivery.endpointId))
  const failing = new Set(failed.map((one) => one.delivery.endpointId).filter((id) => gone.has(id) || !healthy.has(id)))
  const disabled: WebhookEndpointId[] = []
  // In one order everywhere, so that two workers never wait for each other.
  for (const id of [...failing].sort()) {
    const failure = { isGone: gone.has(id), disableBefore: addMs(tx.now, -DISABLE_AFTER_MS) }
    const reason = await noteEndpointFailure(tx, id, failure)
    if (reason === undefined) continue
    disabled.push(id)
    await insertAudit(tx, {
      actor: 'job:deliver-webhooks',
      action: 'webhook_endpoint.disabled',
      objectId: id,
      requestId: null,
      details: { reason },
    })
  }
  return disabled
}
