// Replaces an endpoint's secret. Until the overlap ends both secrets sign, so the receiver changes over when it likes.
// A second rotation within the overlap drops the oldest secret: at most two sign at a time.
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import type { WebhookEndpointId } from '../kernel/ids.ts'
import { createWebhookSecret } from '../domain/webhook/signature.ts'
import { insertAudit } from '../store/audit.ts'
import {
  lockWebhookEndpoint,
  readWebhookSecretSealed,
  replaceWebhookSecret,
  WEBHOOK_SECRET_FIELD,
} from '../store/webhook-endpoints.ts'
import type { EndpointWithSecret } from './create-webhook-endpoint.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

const DAY_SECONDS = 86_400
const OVERLAP_MAX_SECONDS = 7 * DAY_SECONDS

export type RotateWebhookSecret = {
  readonly endpointId: WebhookEndpointId
  /** How long the present secret goes on signing: 0 to 7 days, 24 hours when absent. */
  readonly overlapSeconds?: number | undefined
  readonly idempotency?: Idempotency | undefined
}

/** @throws AppError webhook_endpoint_not_found, field_invalid */
export async function rotateWebhookSecret(
  deps: Deps,
  actor: Actor,
  command: RotateWebhookSecret,
): Promise<EndpointWithSecret> {
  const { overlapSeconds = DAY_SECONDS } = command
  if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > OVERLAP_MAX_SECONDS) {
    throw new AppError('field_invalid', { field: 'overlap_seconds', reason: 'out_of_range', max: OVERLAP_MAX_SECONDS })
  }
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.endpointId)
    const { id } = await lockWebhookEndpoint(tx, command.endpointId)
    const secret = createWebhookSecret()
    const sealed = await deps.vault.seal(tx, WEBHOOK_SECRET_FIELD, secret)
    const until = overlapSeconds === 0 ? null : addMs(tx.now, overlapSeconds * 1_000)
    const endpoint = await replaceWebhookSecret(tx, id, sealed, until)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'webhook_endpoint.secret_rotated',
      objectId: id,
      requestId: actor.requestId,
      details: { overlap_seconds: overlapSeconds },
    })
    return { endpoint, secret }
  })
}

/**
 * What a create or a rotation that was cut off before its answer has made: for `resume` of an idempotent request, and
 * for nothing else, because the secret is shown once.
 * @throws AppError webhook_endpoint_not_found
 */
export async function resumeWebhookSecret(
  deps: Deps,
  actor: Actor,
  endpointId: WebhookEndpointId,
): Promise<EndpointWithSecret> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const endpoint = await lockWebhookEndpoint(tx, endpointId)
    const sealed = await readWebhookSecretSealed(tx, endpointId)
    return { endpoint, secret: await deps.vault.open(tx, WEBHOOK_SECRET_FIELD, sealed) }
  })
}
