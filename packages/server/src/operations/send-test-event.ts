// Sends an event of its own type to one endpoint, whatever that subscribes to, so that a receiver can be tried.
import type { Delivery } from '../domain/webhook/delivery.ts'
import { eventBody } from '../domain/webhook/event.ts'
import { AppError } from '../kernel/errors.ts'
import { DeliveryId } from '../kernel/ids.ts'
import type { WebhookEndpointId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { readDelivery } from '../store/deliveries.ts'
import { insertEventFor } from '../store/events.ts'
import { lockWebhookEndpoint } from '../store/webhook-endpoints.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

/** @throws AppError webhook_endpoint_not_found, webhook_endpoint_disabled */
export async function sendTestEvent(
  deps: Deps,
  actor: Actor,
  command: { readonly endpointId: WebhookEndpointId; readonly idempotency?: Idempotency | undefined },
): Promise<Delivery> {
  const delivery = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const deliveryId = DeliveryId.create(tx.now, deps.randomness)
    await command.idempotency?.claim(tx, deliveryId)
    const endpoint = await lockWebhookEndpoint(tx, command.endpointId)
    if (endpoint.status === 'disabled') throw new AppError('webhook_endpoint_disabled')
    const type = 'webhook_endpoint.test'
    const body = eventBody(type, tx.now, { endpoint_id: endpoint.id })
    await insertEventFor(
      tx,
      { id: deliveryId, endpointId: endpoint.id },
      { type, objectId: endpoint.id, orderId: null, paymentId: null, body },
    )
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'webhook_endpoint.test_sent',
      objectId: endpoint.id,
      requestId: actor.requestId,
      details: { delivery_id: deliveryId },
    })
    return readDelivery(tx, deliveryId)
  })
  deps.nudge('deliveries')
  return delivery
}
