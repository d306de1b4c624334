// Deletes an endpoint for good. Nothing more is sent to it; the log of what was sent stays.
import type { WebhookEndpointId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { lockWebhookEndpoint, markWebhookEndpointDeleted } from '../store/webhook-endpoints.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { endPendingDeliveries } from './end-deliveries.ts'
import type { Idempotency } from './idempotent.ts'

/** Deletes it and cancels what is pending. @throws AppError webhook_endpoint_not_found */
export async function deleteWebhookEndpoint(
  deps: Deps,
  actor: Actor,
  command: { readonly endpointId: WebhookEndpointId; readonly idempotency?: Idempotency | undefined },
): Promise<void> {
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.endpointId)
    const endpoint = await lockWebhookEndpoint(tx, command.endpointId)
    await markWebhookEndpointDeleted(tx, endpoint.id)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'webhook_endpoint.deleted',
      objectId: endpoint.id,
      requestId: actor.requestId,
      details: { url: endpoint.url },
    })
  })
  await endPendingDeliveries(deps, actor.tenant, command.endpointId, 'canceled')
}
