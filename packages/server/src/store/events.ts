// Events, each written in the transaction of the change that it tells of, together with one delivery per endpoint that
// subscribes: whoever reads the change can count on the delivery, and a change that rolls back takes both along.
// Easy to get wrong: two statements would let an endpoint slip in between; the event and its deliveries are one.
import type { EventRecord } from '../domain/webhook/delivery.ts'
import { isEventType } from '../domain/webhook/event.ts'
import type { EventType } from '../domain/webhook/event.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { DeliveryId, EventId } from '../kernel/ids.ts'
import type { OrderId, PaymentId, WebhookEndpointId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'
import { conditionsSql } from './filters.ts'

export type NewEvent = {
  readonly type: EventType
  readonly objectId: string
  readonly orderId: string | null
  readonly paymentId: string | null
  /** The exact text of `eventBody`. */
  readonly body: string
}

const INSERT_EVENT = `
  with event as (
    insert into events (merchant_id, mode, id, type, object_id, order_id, payment_id, body, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  )
  insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, status, due_at, created_at)
  select $1, $2, $10 || lpad((row_number() over (order by id))::text, 4, '0'), $3, id, 'pending', $9, $9
    from webhook_endpoints
   where merchant_id = $1 and mode = $2 and status = 'enabled' and deleted_at is null
     and event_types && array[$4, '*']`

/**
 * Writes the event and one due delivery per enabled endpoint that subscribes to its type. After the commit the caller
 * nudges the queue `deliveries`.
 */
export async function insertEvent(tx: Tx, event: NewEvent): Promise<EventId> {
  const id = EventId.create(tx.now)
  tx.write(INSERT_EVENT, [
    tx.tenant.merchantId,
    tx.tenant.mode,
    id,
    event.type,
    event.objectId,
    event.orderId,
    event.paymentId,
    event.body,
    tx.now,
    // The ids of the deliveries: this and the place of the endpoint, because only the statement knows how many.
    DeliveryId.create(tx.now).slice(0, -4),
  ])
  return id
}

/** Writes an event that is for one endpoint alone, whatever that subscribes to, and its delivery. */
export async function insertEventFor(
  tx: Tx,
  delivery: { readonly id: DeliveryId; readonly endpointId: WebhookEndpointId },
  event: NewEvent,
): Promise<void> {
  tx.write(
    `with event as (
       insert into events (merchant_id, mode, id, type, object_id, order_id, payment_id, body, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     )
     insert into deliveries (merchant_id, mode, id, event_id, endpoint_id, status, due_at, created_at)
     values ($1, $2, $10, $3, $11, 'pending', $9, $9)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      EventId.create(tx.now),
      event.type,
      event.objectId,
      event.orderId,
      event.paymentId,
      event.body,
      tx.now,
      delivery.id,
      delivery.endpointId,
    ],
  )
}

const COLUMNS = 'id, type, object_id, order_id, payment_id, body, created_at'

/** @throws AppError event_not_found */
export async function readEvent(tx: Tx, id: EventId): Promise<EventRecord> {
  const { rows } = await tx.query<EventRow>(
    `select ${COLUMNS} from events where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toEvent(rows[0])
}

export type EventFilter = {
  readonly type: EventType | null
  readonly orderId: OrderId | null
  readonly paymentId: PaymentId | null
  readonly from: Date | null
  readonly to: Date | null
  /** Ids older than this one. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listEventRows(tx: Tx, filter: EventFilter): Promise<readonly EventRecord[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'type = ?', value: filter.type },
    { sql: 'order_id = ?', value: filter.orderId },
    { sql: 'payment_id = ?', value: filter.paymentId },
    { sql: 'created_at >= ?', value: filter.from },
    { sql: 'created_at < ?', value: filter.to },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<EventRow>(
    `select ${COLUMNS} from events where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows.map(toEvent)
}

type EventRow = {
  id: EventId
  type: string
  object_id: string
  order_id: OrderId | null
  payment_id: PaymentId | null
  body: string
  created_at: Date
}

function toEvent(row: EventRow | undefined): EventRecord {
  if (row === undefined) throw new AppError('event_not_found')
  invariant(isEventType(row.type), `Event ${row.id} has a type we know.`)
  return {
    id: row.id,
    type: row.type,
    objectId: row.object_id,
    orderId: row.order_id,
    paymentId: row.payment_id,
    body: row.body,
    createdAt: row.created_at,
  }
}
