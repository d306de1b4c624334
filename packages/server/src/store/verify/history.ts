// How each payment came to be what it is: its history without a gap, along the table, moved by somebody and, where
// money or a way out of unknown is concerned, by evidence. A version that is not in the history is one that a refund
// or a dispute made; its postings carry it.
import { allowedTransitions } from '../../domain/state-table.ts'
import { PAYMENT_TABLE } from '../../domain/payment/states.ts'
import { REFUND_TABLE } from '../../domain/refund/states.ts'
import type { Check } from './check.ts'

const pairs = (transitions: readonly (readonly [string, string])[]) => transitions.map((pair) => pair.join(' '))

// What a request or a schedule says is a wish, never evidence.
const EVIDENCE = `('reply', 'notification', 'sync', 'return', 'person', 'settlement')`

export const HISTORY_CHECKS: readonly Check[] = [
  {
    invariant: 'I9',
    claim: 'Each step of a payment begins where the one before ended, and the table allows it.',
    sql: `select merchant_id, mode, payment_id as object,
                 format('version %s: %s -> %s after %s', version, from_status, to_status, coalesce(last, 'nothing')) as what
            from (select t.*, lag(to_status) over (partition by merchant_id, mode, payment_id order by version) as last
                    from payment_transitions t) steps
           where from_status is distinct from last
              or (from_status is not null and from_status <> to_status
                  and from_status || ' ' || to_status <> all ($1))`,
    values: [pairs(allowedTransitions(PAYMENT_TABLE))],
  },
  {
    invariant: 'I9',
    claim: 'A payment has the status that its history ends with.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('is %s, its history ends with %s', p.status, coalesce(t.to_status, 'nothing')) as what
            from payments p left join lateral (
                 select to_status from payment_transitions t
                  where t.merchant_id = p.merchant_id and t.mode = p.mode and t.payment_id = p.id
                  order by version desc limit 1) t on true
           where t.to_status is distinct from p.status`,
  },
  {
    invariant: 'I9',
    claim: 'Every version of a payment is a step of its history or a change that a refund or a dispute made.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('version %s of %s is told by nothing', v.version, p.version) as what
            from payments p cross join lateral generate_series(1, p.version) as v (version)
           where not exists (
                   select 1 from payment_transitions t where t.merchant_id = p.merchant_id and t.mode = p.mode
                      and t.payment_id = p.id and t.version = v.version)
             and not exists (
                   select 1 from postings g where g.merchant_id = p.merchant_id and g.mode = p.mode
                      and g.payment_id = p.id and g.payment_version = v.version
                      and (g.refund_id is not null or g.dispute_id is not null))
          union all
          select t.merchant_id, t.mode, t.payment_id, format('version %s of %s is not reached yet', t.version, p.version)
            from payment_transitions t join payments p
              on p.merchant_id = t.merchant_id and p.mode = t.mode and p.id = t.payment_id
           where t.version > p.version`,
  },
  {
    invariant: 'I9',
    claim: 'Each status that a refund was told with follows the one before, and the last one is its own.',
    sql: `with told as (
            select merchant_id, mode, object_id, body::jsonb -> 'data' -> 'refund' ->> 'status' as status,
                   (body::jsonb -> 'data' -> 'refund' ->> 'version')::int as version
              from events where type like 'refund.%'),
          steps as (
            select told.*, lag(status) over (partition by merchant_id, mode, object_id order by version) as last,
                   lead(status) over (partition by merchant_id, mode, object_id order by version) as next
              from told)
          select s.merchant_id, s.mode, s.object_id as object, coalesce(s.last, 'nothing') || ' -> ' || s.status as what
            from steps s left join refunds r
              on r.merchant_id = s.merchant_id and r.mode = s.mode and r.id = s.object_id
           where (s.last is null and s.status not in ('pending', 'awaiting_approval'))
              or (s.last is not null and s.last || ' ' || s.status <> all ($1))
              or (s.next is null and s.status is distinct from r.status)`,
    values: [pairs(allowedTransitions(REFUND_TABLE))],
  },
  {
    invariant: 'I10',
    claim: 'Unknown is left by evidence alone.',
    sql: `select merchant_id, mode, payment_id as object, to_status || ' by ' || cause as what from payment_transitions
           where from_status = 'unknown' and to_status <> 'unknown' and cause not in ${EVIDENCE}`,
  },
  {
    invariant: 'I4',
    claim: 'Money was taken because a gateway or a named person said so.',
    sql: `select p.merchant_id, p.mode, p.id as object, 'captured without evidence' as what from payments p
           where p.amount_captured > 0 and not exists (
                 select 1 from payment_transitions t
                  where t.merchant_id = p.merchant_id and t.mode = p.mode and t.payment_id = p.id
                    and t.to_status = 'captured' and t.cause in ${EVIDENCE})`,
  },
  {
    invariant: 'I11',
    claim: 'An order has at most one attempt of ours that may still become money.',
    sql: `select merchant_id, mode, order_id as object, string_agg(id || ' ' || status, ', ' order by id) as what
            from payments
           where origin = 'ours' and not duplicate
             and status in ('created', 'requires_action', 'processing', 'unknown', 'authorized')
           group by merchant_id, mode, order_id having count(*) > 1`,
  },
  {
    invariant: 'I23',
    claim: 'Every step names who made it.',
    sql: `select merchant_id, mode, payment_id as object, 'version ' || version || ' has no actor' as what
            from payment_transitions where actor !~ '^[a-z]+:.' or cause = ''`,
  },
]
