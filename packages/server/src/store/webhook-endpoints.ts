// Webhook endpoints at rest. Deleting is soft: the log of what was sent stays readable, the row is no longer found.
// Secrets travel sealed in both directions; who opens them holds the vault, not this file.
import { DISABLED_REASONS } from '../domain/webhook/endpoint.ts'
import type { DisabledReason, Subscription, WebhookEndpoint } from '../domain/webhook/endpoint.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { WebhookEndpointId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

/** The place that a secret's seal is bound to. */
export const WEBHOOK_SECRET_FIELD = 'webhook_endpoint.secret'

const COLUMNS = `id, url, description, event_types, status, disabled_reason, failing_since, previous_secret_until,
  created_at, updated_at`

export type NewWebhookEndpoint = Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'eventTypes'> & {
  readonly secretSealed: Buffer
}

/** Makes others that would add an endpoint of this merchant wait, so that the count stays true until the commit. */
export async function countWebhookEndpointsForInsert(tx: Tx): Promise<number> {
  await tx.query('select from merchants where id = $1 for no key update', [tx.tenant.merchantId])
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from webhook_endpoints where merchant_id = $1 and mode = $2 and deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows[0]?.count ?? 0
}

export async function insertWebhookEndpoint(tx: Tx, endpoint: NewWebhookEndpoint): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<EndpointRow>(
    `insert into webhook_endpoints
       (merchant_id, mode, id, url, description, event_types, status, secret_sealed, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, 'enabled', $7, $8, $8)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      endpoint.id,
      endpoint.url,
      endpoint.description,
      endpoint.eventTypes,
      endpoint.secretSealed,
      tx.now,
    ],
  )
  return toEndpoint(rows[0])
}

/** Makes an endpoint one of another format: what it wants in the words of that, and how its sender proves itself. */
export async function saveEndpointFormat(
  tx: Tx,
  id: WebhookEndpointId,
  format: { readonly name: string; readonly names: readonly string[]; readonly senderSealed: Buffer },
): Promise<void> {
  await tx.query(
    `update webhook_endpoints set format = $4, format_names = $5, sender_sealed = $6
      where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id, format.name, format.names, format.senderSealed],
  )
}

/** @throws AppError webhook_endpoint_not_found */
export async function readWebhookEndpoint(tx: Tx, id: WebhookEndpointId): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<EndpointRow>(
    `select ${COLUMNS} from webhook_endpoints
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toEndpoint(rows[0])
}

/**
 * Holds the row until the transaction ends. Events may still be queued for it meanwhile.
 * @throws AppError webhook_endpoint_not_found
 */
export async function lockWebhookEndpoint(tx: Tx, id: WebhookEndpointId): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<EndpointRow>(
    `select ${COLUMNS} from webhook_endpoints
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null
        for no key update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toEndpoint(rows[0])
}

/** The present secret, sealed. @throws AppError webhook_endpoint_not_found */
export async function readWebhookSecretSealed(tx: Tx, id: WebhookEndpointId): Promise<Buffer> {
  const { rows } = await tx.query<{ secret_sealed: Buffer }>(
    `select secret_sealed from webhook_endpoints
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  if (rows[0] === undefined) throw new AppError('webhook_endpoint_not_found')
  return rows[0].secret_sealed
}

/** Oldest first. */
export async function listWebhookEndpointRows(tx: Tx): Promise<readonly WebhookEndpoint[]> {
  const { rows } = await tx.query<EndpointRow>(
    `select ${COLUMNS} from webhook_endpoints
      where merchant_id = $1 and mode = $2 and deleted_at is null order by id`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows.map(toEndpoint)
}

/** Writes what may change of a locked endpoint. */
export async function saveWebhookEndpoint(tx: Tx, endpoint: WebhookEndpoint): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<EndpointRow>(
    `update webhook_endpoints
        set url = $4, description = $5, event_types = $6, status = $7, disabled_reason = $8, failing_since = $9,
            updated_at = $10
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      endpoint.id,
      endpoint.url,
      endpoint.description,
      endpoint.eventTypes,
      endpoint.status,
      endpoint.disabledReason,
      endpoint.failingSince,
      tx.now,
    ],
  )
  return toEndpoint(rows[0])
}

/** The present secret becomes the previous one until `until`, or goes at once when that is null. */
export async function replaceWebhookSecret(
  tx: Tx,
  id: WebhookEndpointId,
  secretSealed: Buffer,
  until: Date | null,
): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<EndpointRow>(
    `update webhook_endpoints
        set secret_sealed = $4, previous_secret_until = $5,
            previous_secret_sealed = case when $5::timestamptz is not null then secret_sealed end, updated_at = $6
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null
      returning ${COLUMNS}`,
    [tx.tenant.merchantId, tx.tenant.mode, id, secretSealed, until, tx.now],
  )
  return toEndpoint(rows[0])
}

export async function markWebhookEndpointDeleted(tx: Tx, id: WebhookEndpointId): Promise<void> {
  await tx.query(
    `update webhook_endpoints set deleted_at = $4, updated_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
}

/**
 * Notes that a try failed. Disables the endpoint when it said that it is gone, or when it has been failing since
 * `disableBefore` or earlier; then answers why. Writes nothing when nothing changes.
 */
export async function noteEndpointFailure(
  tx: Tx,
  id: WebhookEndpointId,
  failure: { readonly isGone: boolean; readonly disableBefore: Date },
): Promise<DisabledReason | undefined> {
  const { rows } = await tx.query<EndpointRow>(
    `update webhook_endpoints
        set failing_since = coalesce(failing_since, $4),
            status = case when $5 or failing_since <= $6 then 'disabled' else status end,
            disabled_reason = case when $5 then 'gone' when failing_since <= $6 then 'failing' end,
            updated_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null and status = 'enabled'
        and ($5 or failing_since is null or failing_since <= $6)
      returning ${COLUMNS}`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now, failure.isGone, failure.disableBefore],
  )
  return rows[0] === undefined ? undefined : (toEndpoint(rows[0]).disabledReason ?? undefined)
}

type EndpointRow = {
  id: WebhookEndpointId
  url: string
  description: string
  event_types: Subscription[]
  status: 'enabled' | 'disabled'
  disabled_reason: string | null
  failing_since: Date | null
  previous_secret_until: Date | null
  created_at: Date
  updated_at: Date
}

function toEndpoint(row: EndpointRow | undefined): WebhookEndpoint {
  if (row === undefined) throw new AppError('webhook_endpoint_not_found')
  const disabledReason = DISABLED_REASONS.find((known) => known === row.disabled_reason) ?? null
  invariant(
    (disabledReason !== null) === (row.status === 'disabled'),
    `Endpoint ${row.id} is disabled for a reason we know, or not at all.`,
  )
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    status: row.status,
    disabledReason,
    failingSince: row.failing_since,
    previousSecretUntil: row.previous_secret_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
