// Makes an endpoint and its first secret. The secret is in the answer and nowhere else that a person can read.
import { ENDPOINTS_MAX, parseDescription, parseSubscriptions } from '../domain/webhook/endpoint.ts'
import type { WebhookEndpoint } from '../domain/webhook/endpoint.ts'
import { createWebhookSecret } from '../domain/webhook/signature.ts'
import { AppError } from '../kernel/errors.ts'
import { WebhookEndpointId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import {
  countWebhookEndpointsForInsert,
  insertWebhookEndpoint,
  saveEndpointFormat,
  WEBHOOK_SECRET_FIELD,
} from '../store/webhook-endpoints.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { SENDER_FIELD } from './webhook-format.ts'
import type { Sender } from './webhook-format.ts'

export type CreateWebhookEndpoint = {
  readonly url: string
  readonly description?: string | undefined
  /** Types of `EVENT_TYPES`, or `*` for all. */
  readonly eventTypes: readonly string[]
  /** Absent: our own. `eventTypes` are then those that the names can come from. */
  readonly format?: { readonly name: string; readonly names: readonly string[]; readonly sender: Sender } | undefined
  readonly idempotency?: Idempotency | undefined
}

/** `secret` is shown once: `whsec_…`. */
export type EndpointWithSecret = { readonly endpoint: WebhookEndpoint; readonly secret: string }

/** @throws AppError url_refused, field_invalid, webhook_endpoints_exhausted */
export async function createWebhookEndpoint(
  deps: Deps,
  actor: Actor,
  command: CreateWebhookEndpoint,
): Promise<EndpointWithSecret> {
  deps.checkMerchantUrl(command.url)
  const description = parseDescription(command.description ?? '')
  const eventTypes = parseSubscriptions(command.eventTypes)
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = WebhookEndpointId.create(tx.now, deps.randomness)
    await command.idempotency?.claim(tx, id)
    if ((await countWebhookEndpointsForInsert(tx)) >= ENDPOINTS_MAX) {
      throw new AppError('webhook_endpoints_exhausted', { max: ENDPOINTS_MAX })
    }
    const secret = createWebhookSecret()
    const secretSealed = await deps.vault.seal(tx, WEBHOOK_SECRET_FIELD, secret)
    const endpoint = await insertWebhookEndpoint(tx, { id, url: command.url, description, eventTypes, secretSealed })
    if (command.format !== undefined) {
      const { name, names, sender } = command.format
      const senderSealed = await deps.vault.seal(tx, SENDER_FIELD, JSON.stringify(sender))
      await saveEndpointFormat(tx, id, { name, names, senderSealed })
    }
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'webhook_endpoint.created',
      objectId: id,
      requestId: actor.requestId,
      details: { url: endpoint.url, event_types: endpoint.eventTypes },
    })
    return { endpoint, secret }
  })
}
