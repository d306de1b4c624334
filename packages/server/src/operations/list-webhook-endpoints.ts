// Lists the endpoints, oldest first. They are few by rule, so this is always one whole page.
import type { WebhookEndpoint } from '../domain/webhook/endpoint.ts'
import type { Page } from '../kernel/pages.ts'
import { listWebhookEndpointRows } from '../store/webhook-endpoints.ts'
import type { Actor, Deps } from './deps.ts'

export async function listWebhookEndpoints(deps: Deps, actor: Actor): Promise<Page<WebhookEndpoint>> {
  const items = await deps.store.inTransaction(actor.tenant, listWebhookEndpointRows)
  return { items, nextCursor: null }
}
