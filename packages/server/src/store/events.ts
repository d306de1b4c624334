// Events, each written in the transaction of the change that it tells of, together with one delivery per endpoint that
// subscribes: whoever reads the change can count on the delivery, and a change that rolls back takes both along.
// Easy to get wrong: two statements would let an endpoint slip in between; the event and its deliveries are one.
import type { EventType } from '../domain/webhook/event.ts'
import { DeliveryId, EventId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

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
  await tx.query(INSERT_EVENT, [
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
