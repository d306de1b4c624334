// The queue of webhooks: claimed by the queue role with a lease, read and settled as the tenant. A result counts only
// while the row still carries the token of the claim, so a worker that was stopped for minutes and woke up again can
// send twice, which receivers allow for, but can never write over what a later holder found out.
// Due is business time, leases are real time: a test clock moves the first and never the second.
import type { DeliveryStatus } from '../domain/webhook/delivery.ts'
import type { EventType } from '../domain/webhook/event.ts'
import type { DeliveryId, EventId, MerchantId, Mode, OrderId, Tenant, WebhookEndpointId } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

export type ClaimedDelivery = {
  readonly tenant: Tenant
  readonly id: DeliveryId
  /** More of its endpoint may be due: the claim looked no further than `perEndpoint`. */
  readonly isCrowded: boolean
}

export type DeliveryClaim = {
  /** Unique to this claim: what a result is recorded with. */
  readonly leaseToken: string
  readonly leaseSeconds: number
  readonly limit: number
  /** Absent: everybody's. */
  readonly only?: Tenant | undefined
  /** How many of one endpoint may be leased at a time. */
  readonly perEndpoint: number
  /** The same for an endpoint that is failing: it gets little until it answers again. */
  readonly perFailingEndpoint: number
}

// `waiting` hops over the index from endpoint to endpoint, so a million rows of one cost no more than one. Of each, the
// oldest few that are due are looked at, those under way among them: that bounds what an endpoint can hold at a time.
// `turn` then deals out the places merchant by merchant and endpoint by endpoint. More are picked than wanted, because
// another worker may be locking the same ones.
// `coalesce` keeps the planner from the index of what is due where the primary key is meant.
const leaseDue = (which: string) => `
  with recursive waiting as (
    (select merchant_id, mode, endpoint_id from deliveries where due_at is not null
      order by merchant_id, mode, endpoint_id limit 1)
    union all
    select further.* from waiting w cross join lateral (
      select d.merchant_id, d.mode, d.endpoint_id from deliveries d
       where d.due_at is not null
         and (d.merchant_id, d.mode, d.endpoint_id) > (w.merchant_id, w.mode, w.endpoint_id)
       order by d.merchant_id, d.mode, d.endpoint_id limit 1) further
  ), oldest as (
    select w.merchant_id, w.mode, d.*, clock.now, share.most
      from waiting w
      join merchants m on m.id = w.merchant_id
      join webhook_endpoints e on e.merchant_id = w.merchant_id and e.mode = w.mode and e.id = w.endpoint_id
     cross join lateral (select now() + case when w.mode = 'test' then m.clock_offset else '0' end as now) clock
     cross join lateral (select case when e.failing_since is null then $4::int else $5::int end as most) share
     cross join lateral (
       select o.*, row_number() over (order by o.due_at, o.id) as place, count(*) over () as seen
         from (select id, due_at, leased_until from deliveries
                where merchant_id = w.merchant_id and mode = w.mode and endpoint_id = w.endpoint_id
                  and due_at <= clock.now
                order by due_at, id
                limit share.most) o) d
     where true${which}
  ), picked as (
    select merchant_id, mode, id, now, due_at, seen >= most as is_crowded,
           row_number() over (partition by merchant_id order by place, due_at) as turn
      from oldest
     where leased_until is null or leased_until <= now()
     order by turn, due_at
     limit 4 * $3::int
  ), due as (
    select d.merchant_id, d.mode, d.id, p.is_crowded
      from picked p join deliveries d on d.merchant_id = p.merchant_id and d.mode = p.mode and d.id = p.id
     where coalesce(d.due_at, 'infinity') <= p.now and (d.leased_until is null or d.leased_until <= now())
     order by p.turn, p.due_at
     limit $3::int
       for update of d skip locked
  )
  update deliveries d
     set leased_until = now() + $2 * interval '1 second', lease_token = $1, tries = tries + 1
    from due
   where d.merchant_id = due.merchant_id and d.mode = due.mode and d.id = due.id
  returning d.merchant_id, d.mode, d.id, due.is_crowded`

/** Commits before anything is sent; when the worker dies, the lease runs out and another one takes over. */
export async function leaseDueDeliveries(db: QueueDb, claim: DeliveryClaim): Promise<readonly ClaimedDelivery[]> {
  const { leaseToken, leaseSeconds, limit, perEndpoint, perFailingEndpoint, only } = claim
  const values: unknown[] = [leaseToken, leaseSeconds, limit, perEndpoint, perFailingEndpoint]
  const which = conditionsSql(values, ofTenant('w', only))
  const { rows } = await db.query<{
    merchant_id: MerchantId
    mode: Mode
    id: DeliveryId
    is_crowded: boolean
  }>(leaseDue(which), values)
  return rows.map((row) => ({
    tenant: { merchantId: row.merchant_id, mode: row.mode },
    id: row.id,
    isCrowded: row.is_crowded,
  }))
}

/** A leased delivery with all that its sending takes. */
export type LeasedDelivery = {
  readonly id: DeliveryId
  readonly eventId: EventId
  readonly endpointId: WebhookEndpointId
  readonly tries: number
  readonly createdAt: Date
  readonly body: string
  readonly url: string
  /** False once the endpoint was disabled or deleted. */
  readonly isWanted: boolean
  readonly secretSealed: Buffer
  readonly previousSecretSealed: Buffer | null
  readonly previousSecretUntil: Date | null
  readonly format: string
  readonly formatNames: readonly string[]
  readonly senderSealed: Buffer | null
  /** The text in the endpoint's own format, once it was made. */
  readonly formattedBody: string | null
  readonly event: {
    readonly type: EventType
    readonly objectId: string
    readonly orderId: OrderId | null
    readonly createdAt: Date
  }
}

/** Those of `ids` whose lease is still the one of `leaseToken`. */
export async function readLeasedDeliveries(
  tx: Tx,
  ids: readonly DeliveryId[],
  leaseToken: string,
): Promise<readonly LeasedDelivery[]> {
  const { rows } = await tx.query<LeasedRow>(
    `select d.id, d.event_id as "eventId", e.type, e.object_id, e.order_id, e.created_at as event_at, w.format,
            w.format_names as "formatNames", w.sender_sealed as "senderSealed", d.body as "formattedBody", d.endpoint_id as "endpointId", d.tries, d.created_at as "createdAt", e.body,
            w.url, w.status = 'enabled' and w.deleted_at is null as "isWanted", w.secret_sealed as "secretSealed",
            w.previous_secret_sealed as "previousSecretSealed", w.previous_secret_until as "previousSecretUntil"
       from deliveries d
      cross join lateral (
        select body, type, object_id, order_id, created_at from events where merchant_id = $1 and mode = $2 and id = d.event_id limit 1) e
      cross join lateral (
        select * from webhook_endpoints where merchant_id = $1 and mode = $2 and id = d.endpoint_id limit 1) w
      where d.merchant_id = $1 and d.mode = $2 and d.id = any($3) and d.lease_token = $4`,
    [tx.tenant.merchantId, tx.tenant.mode, ids, leaseToken],
  )
  return rows.map(({ type, object_id: objectId, order_id: orderId, event_at: createdAt, ...row }) => ({
    ...row,
    event: { type, objectId, orderId, createdAt },
  }))
}

type LeasedRow = Omit<LeasedDelivery, 'event'> & {
  type: EventType
  object_id: string
  order_id: OrderId | null
  event_at: Date
}

/** Keeps the text that was made for this delivery, so that every try sends the same. */
export async function keepFormattedBody(tx: Tx, id: DeliveryId, body: string): Promise<void> {
  await tx.query('update deliveries set body = $4 where merchant_id = $1 and mode = $2 and id = $3', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    id,
    body,
  ])
}

/** Ends leased deliveries without sending them: canceled when their endpoint was deleted, dead otherwise. */
export async function abandonLeasedDeliveries(tx: Tx, ids: readonly DeliveryId[], leaseToken: string): Promise<void> {
  await tx.query(
    `update deliveries d
        set status = case when w.deleted_at is null then 'dead' else 'canceled' end, due_at = null, ended_at = $5,
            leased_until = null, lease_token = null
       from webhook_endpoints w
      where d.merchant_id = $1 and d.mode = $2 and d.id = any($3) and d.lease_token = $4
        and w.merchant_id = $1 and w.mode = $2 and w.id = d.endpoint_id`,
    [tx.tenant.merchantId, tx.tenant.mode, ids, leaseToken, tx.now],
  )
}

export type TryResult = {
  readonly deliveryId: DeliveryId
  readonly leaseToken: string
  readonly tries: number
  readonly outcome: string
  readonly httpStatus: number | null
  readonly durationMs: number
  /** Real time at which the try began. */
  readonly at: Date
  readonly isDelivered: boolean
  /** Business time of the next try; null when there is none. */
  readonly nextDueAt: Date | null
}

export type SettledDelivery = {
  readonly id: DeliveryId
  readonly endpointId: WebhookEndpointId
  readonly status: DeliveryStatus
}

// `any($3)` says the same as the join: a planner without statistics would otherwise read all that the tenant has.
const SETTLE = `
  with result as (
    select * from unnest($3::text[], $4::text[], $5::smallint[], $6::text[], $7::smallint[], $8::int[],
                         $9::timestamptz[], $10::boolean[], $11::timestamptz[])
      as r (id, lease_token, tries, outcome, http_status, duration_ms, at, is_delivered, next_due_at)
  ), settled as (
    update deliveries d
       set leased_until = null, lease_token = null,
           (status, due_at, ended_at) = (
             select v.status, case when v.status = 'pending' then r.next_due_at end,
                    case when v.status <> 'pending' then $12::timestamptz end
               from (select case when r.is_delivered then 'delivered'
                                 when w.deleted_at is not null then 'canceled'
                                 when w.status = 'disabled' or r.next_due_at is null then 'dead'
                                 else 'pending' end as status
                       from webhook_endpoints w
                      where w.merchant_id = $1 and w.mode = $2 and w.id = d.endpoint_id) v)
      from result r
     where d.merchant_id = $1 and d.mode = $2 and d.id = any($3) and d.id = r.id and d.lease_token = r.lease_token
    returning d.id, d.endpoint_id, d.status
  ), logged as (
    insert into delivery_attempts (merchant_id, mode, delivery_id, try, outcome, status, duration_ms, at)
    select $1, $2, r.id, r.tries, r.outcome, r.http_status, r.duration_ms, r.at
      from result r join settled s on s.id = r.id
  ), healed as (
    update webhook_endpoints w set failing_since = null
     where w.merchant_id = $1 and w.mode = $2 and w.failing_since is not null and w.status = 'enabled'
       and w.id in (select endpoint_id from settled where status = 'delivered')
  )
  select id, endpoint_id as "endpointId", status from settled`

/**
 * Records tries in one statement, each with its line in the log; a success clears the endpoint's `failing_since`.
 * Answers those that counted: a try whose lease was lost leaves no trace.
 */
export async function settleDeliveries(tx: Tx, results: readonly TryResult[]): Promise<readonly SettledDelivery[]> {
  const { rows } = await tx.query<SettledDelivery>(SETTLE, [
    tx.tenant.merchantId,
    tx.tenant.mode,
    results.map((result) => result.deliveryId),
    results.map((result) => result.leaseToken),
    results.map((result) => result.tries),
    results.map((result) => result.outcome),
    results.map((result) => result.httpStatus),
    results.map((result) => result.durationMs),
    results.map((result) => result.at),
    results.map((result) => result.isDelivered),
    results.map((result) => result.nextDueAt),
    tx.now,
  ])
  return rows
}
