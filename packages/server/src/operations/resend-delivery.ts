// Sends an event to an endpoint once more, as a delivery of its own with tries of its own. The webhook-id is the
// event's, so a receiver that has it already drops it.
import type { Delivery } from '../domain/webhook/delivery.ts'
import { AppError } from '../kernel/errors.ts'
import { DeliveryId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { insertResend, readDelivery } from '../store/deliveries.ts'
import { lockWebhookEndpoint } from '../store/webhook-endpoints.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

/** @throws AppError delivery_not_found, webhook_endpoint_not_found, webhook_endpoint_disabled */
export async function resendDelivery(
  deps: Deps,
  actor: Actor,
  command: { readonly deliveryId: DeliveryId; readonly idempotency?: Idempotency | undefined },
): Promise<Delivery> {
  const delivery = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = DeliveryId.create(tx.now, deps.randomness)
    await command.idempotency?.claim(tx, id)
    const { eventId, endpointId } = await readDelivery(tx, command.deliveryId)
    const endpoint = await lockWebhookEndpoint(tx, endpointId)
    if (endpoint.status === 'disabled') throw new AppError('webhook_endpoint_disabled')
    await insertResend(tx, { id, eventId, endpointId })
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'delivery.resent',
      objectId: command.deliveryId,
      requestId: actor.requestId,
      details: { delivery_id: id, event_id: eventId, endpoint_id: endpointId },
    })
    return readDelivery(tx, id)
  })
  deps.nudge('deliveries')
  return delivery
}
