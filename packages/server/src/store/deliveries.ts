// Deliveries for people to read, and new ones made by hand. How they are claimed, sent and settled is
// delivery-queue.ts.
import type { Delivery, DeliveryAttempt, DeliveryStatus } from '../domain/webhook/delivery.ts'
import { isEventType } from '../domain/webhook/event.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { DeliveryId, EventId, PaymentId, WebhookEndpointId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'
import { conditionsSql } from './filters.ts'

const COLUMNS = `d.id, d.event_id, e.type, d.endpoint_id, d.resend, d.status, d.tries, d.due_at, d.created_at, d.ended_at`
// Lateral, so that even a planner without statistics looks each event up by its key.
const FROM = `deliveries d cross join lateral (
  select type from events where merchant_id = $1 and mode = $2 and id = d.event_id limit 1) e`

/** @throws AppError delivery_not_found */
export async function readDelivery(tx: Tx, id: DeliveryId): Promise<Delivery> {
  const { rows } = await tx.query<DeliveryRow>(
    `select ${COLUMNS} from ${FROM} where d.merchant_id = $1 and d.mode = $2 and d.id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  const [delivery] = await withAttempts(tx, rows)
  if (delivery === undefined) throw new AppError('delivery_not_found')
  return delivery
}

export type DeliveryFilter = {
  readonly status: DeliveryStatus | null
  readonly endpointId: WebhookEndpointId | null
  readonly eventId: EventId | null
  /** Ids older than this one. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first, each with its attempts. */
export async function listDeliveryRows(tx: Tx, filter: DeliveryFilter): Promise<readonly Delivery[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: statusSql(filter.status), value: filter.status },
    { sql: 'd.endpoint_id = ?', value: filter.endpointId },
    { sql: 'd.event_id = ?', value: filter.eventId },
    { sql: 'd.id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<DeliveryRow>(
    `select ${COLUMNS} from ${FROM} where d.merchant_id = $1 and d.mode = $2${where} order by d.id desc limit $3`,
    values,
  )
  return withAttempts(tx, rows)
}

// Said in full, or the index of what is not delivered cannot be used.
function statusSql(status: DeliveryStatus | null): string {
  return status === 'delivered' ? 'd.status = ?' : `d.status <> 'delivered' and d.status = ?`
}

/** What was sent about a payment, oldest first. */
export async function listDeliveriesOfPayment(tx: Tx, paymentId: PaymentId): Promise<readonly Delivery[]> {
  const { rows } = await tx.query<DeliveryRow>(
    `select ${COLUMNS}
       from events e cross join lateral (
         select * from deliveries where merchant_id = $1 and mode = $2 and event_id = e.id offset 0) d
      where e.merchant_id = $1 and e.mode = $2 and e.payment_id = $3
      order by d.id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return withAttempts(tx, rows)
}

/** The caller holds the endpoint's lock, so two resends never take the same number. */
export async function insertResend(
  tx: Tx,
  resend: { readonly id: DeliveryId; readonly eventId: EventId; readonly endpointId: WebhookEndpointId },
): Promise<void> {
  await tx.query(
    `insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, resend, status, due_at, created_at)
     select $1, $2, $3, $4, $5, max(resend) + 1, 'pending', $6, $6
       from deliveries where merchant_id = $1 and mode = $2 and event_id = $4 and endpoint_id = $5`,
    [tx.tenant.merchantId, tx.tenant.mode, resend.id, resend.eventId, resend.endpointId, tx.now],
  )
}

/**
 * Ends up to `limit` pending deliveries of an endpoint that is no longer sent to, and answers how many. Those that are
 * being sent at this moment are left to their sender.
 */
export async function endPendingDeliveryRows(
  tx: Tx,
  endpointId: WebhookEndpointId,
  status: 'dead' | 'canceled',
  limit: number,
): Promise<number> {
  const { rowCount } = await tx.query(
    `with pending as (
       select id from deliveries
        where merchant_id = $1 and mode = $2 and endpoint_id = $3 and due_at is not null
          and (leased_until is null or leased_until <= now())
        limit $5
          for update skip locked
     )
     update deliveries d
        set status = $4, due_at = null, ended_at = $6, leased_until = null, lease_token = null
       from pending where d.merchant_id = $1 and d.mode = $2 and d.id = pending.id`,
    [tx.tenant.merchantId, tx.tenant.mode, endpointId, status, limit, tx.now],
  )
  return rowCount
}

type DeliveryRow = {
  id: DeliveryId
  event_id: EventId
  type: string
  endpoint_id: WebhookEndpointId
  resend: number
  status: DeliveryStatus
  tries: number
  due_at: Date | null
  created_at: Date
  ended_at: Date | null
}

async function withAttempts(tx: Tx, rows: readonly DeliveryRow[]): Promise<readonly Delivery[]> {
  if (rows.length === 0) return []
  const { rows: attempts } = await tx.query<DeliveryAttempt & { deliveryId: DeliveryId }>(
    `select delivery_id as "deliveryId", try, outcome, status, duration_ms as "durationMs", at from delivery_attempts
      where merchant_id = $1 and mode = $2 and delivery_id = any($3) order by delivery_id, try`,
    [tx.tenant.merchantId, tx.tenant.mode, rows.map((row) => row.id)],
  )
  return rows.map((row) =>
    toDelivery(
      row,
      attempts.filter((attempt) => attempt.deliveryId === row.id),
    ),
  )
}

function toDelivery(row: DeliveryRow, attempts: readonly DeliveryAttempt[]): Delivery {
  invariant(isEventType(row.type), `Event ${row.event_id} has a type we know.`)
  return {
    id: row.id,
    eventId: row.event_id,
    eventType: row.type,
    endpointId: row.endpoint_id,
    resend: row.resend,
    status: row.status,
    tries: row.tries,
    dueAt: row.due_at,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    attempts: attempts.map(({ try: number, outcome, status, durationMs, at }) => ({
      try: number,
      outcome,
      status,
      durationMs,
      at,
    })),
  }
}
