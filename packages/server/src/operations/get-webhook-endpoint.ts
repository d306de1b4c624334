// Reads one endpoint.
import type { WebhookEndpoint } from '../domain/webhook/endpoint.ts'
import type { WebhookEndpointId } from '../kernel/ids.ts'
import { readWebhookEndpoint } from '../store/webhook-endpoints.ts'
import type { Actor, Deps } from './deps.ts'

/** @throws AppError webhook_endpoint_not_found */
export async function getWebhookEndpoint(
  deps: Deps,
  actor: Actor,
  endpointId: WebhookEndpointId,
): Promise<WebhookEndpoint> {
  return deps.store.inTransaction(actor.tenant, (tx) => readWebhookEndpoint(tx, endpointId))
}
