// Changes an endpoint. What is pending goes to the new address; switching an endpoint off ends what is pending as dead,
// so that it can be sent again by hand, and switching it on starts its record of failures afresh.
import { parseDescription, parseSubscriptions } from '../domain/webhook/endpoint.ts'
import type { WebhookEndpoint } from '../domain/webhook/endpoint.ts'
import type { WebhookEndpointId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { lockWebhookEndpoint, saveWebhookEndpoint } from '../store/webhook-endpoints.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { endPendingDeliveries } from './end-deliveries.ts'
import type { Idempotency } from './idempotent.ts'

export type UpdateWebhookEndpoint = {
  readonly endpointId: WebhookEndpointId
  readonly url?: string | undefined
  readonly description?: string | undefined
  readonly eventTypes?: readonly string[] | undefined
  readonly status?: 'enabled' | 'disabled' | undefined
  readonly idempotency?: Idempotency | undefined
}

/** What is absent stays. @throws AppError webhook_endpoint_not_found, url_refused, field_invalid */
export async function updateWebhookEndpoint(
  deps: Deps,
  actor: Actor,
  command: UpdateWebhookEndpoint,
): Promise<WebhookEndpoint> {
  if (command.url !== undefined) deps.checkMerchantUrl(command.url)
  const changes = {
    ...(command.url === undefined ? {} : { url: command.url }),
    ...(command.description === undefined ? {} : { description: parseDescription(command.description) }),
    ...(command.eventTypes === undefined ? {} : { eventTypes: parseSubscriptions(command.eventTypes) }),
  }
  const endpoint = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.endpointId)
    const before = await lockWebhookEndpoint(tx, command.endpointId)
    const after = withStatus({ ...before, ...changes }, command.status ?? before.status)
    const saved = await saveWebhookEndpoint(tx, after)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'webhook_endpoint.updated',
      objectId: saved.id,
      requestId: actor.requestId,
      details: { before: audited(before), after: audited(saved) },
    })
    return saved
  })
  if (endpoint.status === 'disabled') await endPendingDeliveries(deps, actor.tenant, endpoint.id, 'dead')
  return endpoint
}

function withStatus(endpoint: WebhookEndpoint, status: WebhookEndpoint['status']): WebhookEndpoint {
  if (status === endpoint.status) return endpoint
  return status === 'enabled'
    ? { ...endpoint, status, disabledReason: null, failingSince: null }
    : { ...endpoint, status, disabledReason: 'requested' }
}

function audited({ url, description, eventTypes, status }: WebhookEndpoint) {
  return { url, description, event_types: eventTypes, status }
}
