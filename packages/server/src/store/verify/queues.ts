// What still has to happen, and what was promised to happen once. Whatever has no outcome must be asked about; whatever
// is due must have a time; a message or a key counts once for ever.
import type { Check } from './check.ts'

// Business time of each row's tenant.
const NOW = `now() + case when q.mode = 'test' then m.clock_offset else interval '0' end`

export const QUEUE_CHECKS: readonly Check[] = [
  {
    invariant: 'I10',
    claim: 'A payment without an outcome has an open call about which the gateway is asked.',
    sql: `select p.merchant_id, p.mode, p.id as object, p.status || ', and nobody asks' as what from payments p
           where p.origin = 'ours' and p.gateway_account_id is not null
             and p.status in ('requires_action', 'processing', 'unknown') and not exists (
                 select 1 from operations o
                  where o.merchant_id = p.merchant_id and o.mode = p.mode and o.payment_id = p.id
                    and o.kind = 'authorize' and o.ended_at is null and o.due_at is not null)`,
  },
  {
    invariant: 'I10',
    claim: 'A refund without an outcome has an open call about which the gateway is asked.',
    sql: `select r.merchant_id, r.mode, r.id as object, r.status || ', and nobody asks' as what from refunds r
           where r.status in ('pending', 'unknown', 'review') and not exists (
                 select 1 from operations o
                  where o.merchant_id = r.merchant_id and o.mode = r.mode and o.refund_id = r.id
                    and o.ended_at is null and o.due_at is not null)`,
  },
  {
    invariant: 'I18',
    claim: 'A call that is open has a time at which it is looked at, and one that has ended has none.',
    sql: `select merchant_id, mode, id as object, kind || ' ' || status as what from operations
           where (ended_at is null) <> (status in ('pending', 'unknown')) or (due_at is null) <> (ended_at is not null)`,
  },
  {
    invariant: 'I18',
    claim: 'A call is not open any more once what it is about is over.',
    sql: `select o.merchant_id, o.mode, o.id as object, o.kind || ' is open, ' || s.status as what
            from operations o
            join lateral (
                 select p.status from payments p
                  where o.kind = 'authorize' and p.merchant_id = o.merchant_id and p.mode = o.mode and p.id = o.payment_id
                    and p.status not in ('created', 'requires_action', 'processing', 'unknown')
                 union all
                 select r.status from refunds r
                  where r.merchant_id = o.merchant_id and r.mode = o.mode and r.id = o.refund_id
                    and r.status in ('succeeded', 'failed')) s on true
           where o.ended_at is null`,
  },
  {
    invariant: 'I18',
    claim: 'A message that was not applied yet has a time at which it is tried.',
    sql: `select merchant_id, mode, id as object, status as what from notifications
           where (due_at is not null) <> (status in ('received', 'parked'))
              or (status in ('applied', 'conflict') and applied_at is null)`,
  },
  {
    invariant: 'I18',
    claim: 'A lease has a holder.',
    sql: `select merchant_id, mode, id as object, 'leased by nobody' as what from (
            select merchant_id, mode, id, leased_until, lease_token from operations
            union all select merchant_id, mode, id, leased_until, lease_token from notifications
            union all select merchant_id, mode, id, leased_until, lease_token from deliveries) q
           where leased_until is not null and lease_token is null`,
  },
  {
    invariant: 'I18',
    claim: 'An order that runs out is looked at when it does.',
    sql: `select merchant_id, mode, id as object, 'expires at ' || expires_at || ', and nobody looks' as what from orders
           where expires_at is not null and expiry_due_at is null
             and expired_at is null and canceled_at is null and paid_at is null`,
  },
  {
    invariant: 'I16',
    claim: 'A message of a gateway is kept once, whatever was repeated.',
    sql: `select merchant_id, mode, gateway_event_id as object, count(*) || ' copies' as what from notifications
           group by merchant_id, mode, gateway_account_id, gateway_event_id having count(*) > 1`,
  },
  {
    invariant: 'I17',
    claim: 'A key acted once.',
    sql: `select merchant_id, mode, key as object, count(*) || ' of ' || route as what from idempotency_keys
           group by merchant_id, mode, route, key having count(*) > 1`,
  },
  {
    invariant: 'I17',
    claim: 'A reference of ours names one payment or one refund.',
    sql: `select merchant_id, mode, reference as object, count(*) || ' rows' as what
            from (select merchant_id, mode, reference from payments
                  union all select merchant_id, mode, reference from refunds) named
           group by merchant_id, mode, reference having count(*) > 1`,
  },
  {
    invariant: 'I13',
    claim: 'What a request was told was made is there, under the id that it was told.',
    sql: `select k.merchant_id, k.mode, k.key as object,
                 format('%s answered %s about %s', k.route, k.answer_status, k.subject_id) as what
            from idempotency_keys k
           where k.answer_status between 200 and 299
             and (case split_part(k.subject_id, '_', 1)
                    when 'ord' then not exists (select 1 from orders x
                      where x.merchant_id = k.merchant_id and x.mode = k.mode and x.id = k.subject_id)
                    when 'pay' then not exists (select 1 from payments x
                      where x.merchant_id = k.merchant_id and x.mode = k.mode and x.id = k.subject_id)
                    when 'ref' then not exists (select 1 from refunds x
                      where x.merchant_id = k.merchant_id and x.mode = k.mode and x.id = k.subject_id)
                    when 'ses' then not exists (select 1 from sessions x
                      where x.merchant_id = k.merchant_id and x.mode = k.mode and x.id = k.subject_id)
                    else false end
                  or (k.answer_status = 201 and left(k.answer_body, 1) = '{'
                      and split_part(k.subject_id, '_', 1) in ('ord', 'pay', 'ref')
                      and k.answer_body::jsonb ->> 'id' is distinct from k.subject_id))`,
  },
]

/** Only true of a system that was let finish. */
export const QUIET_CHECKS: readonly Check[] = [
  {
    invariant: 'I18',
    claim: 'Nothing is due.',
    sql: `select q.merchant_id, q.mode, q.id as object, q.queue || ' due since ' || q.due_at as what from (
            select merchant_id, mode, id, due_at, 'operation' as queue from operations where ended_at is null
            union all select merchant_id, mode, id, due_at, 'notification' from notifications where due_at is not null
            union all select merchant_id, mode, id, expiry_due_at, 'order' from orders where expiry_due_at is not null
            union all select merchant_id, mode, id, due_at, 'delivery' from deliveries where due_at is not null) q
            join merchants m on m.id = q.merchant_id
           where q.due_at <= ${NOW}`,
  },
]
