// Disputes: what they hold is held once and no more than is there, the ledger says what their status says, and each of
// their steps was made by somebody and told.
import { DISPUTE_TABLE, HOLDING_DISPUTE_STATUSES } from '../../domain/dispute/states.ts'
import { allowedTransitions } from '../../domain/state-table.ts'
import type { Check } from './check.ts'

const PAIRS = allowedTransitions(DISPUTE_TABLE).map((pair) => pair.join(' '))

export const DISPUTE_CHECKS: readonly Check[] = [
  {
    invariant: 'I5',
    claim: 'What is disputed of a payment is what its disputes hold, won ones nothing.',
    sql: `select p.merchant_id, p.mode, p.id as object,
                 format('row: %s; disputes: %s', p.amount_disputed, coalesce(d.reserved, 0)) as what
            from payments p left join (
                 select merchant_id, mode, payment_id, sum(amount_reserved) as reserved
                   from disputes group by merchant_id, mode, payment_id) d
              on d.merchant_id = p.merchant_id and d.mode = p.mode and d.payment_id = p.id
           where p.amount_disputed <> coalesce(d.reserved, 0)
          union all
          select merchant_id, mode, id, format('%s holds %s of %s', status, amount_reserved, amount) from disputes
           where amount_reserved > amount or amount_reserved < 0 or (status = 'won' and amount_reserved <> 0)`,
  },
  {
    invariant: 'I5',
    claim: 'The postings of a dispute say what its status says.',
    sql: `select d.merchant_id, d.mode, d.id as object,
                 format('%s of %s; ledger: held %s, gone %s', d.status, d.amount_reserved, coalesce(g.held, 0),
                   coalesce(g.gone, 0)) as what
            from disputes d left join (
                 select merchant_id, mode, dispute_id,
                        sum(case when credit = 'dispute_hold' then amount when debit = 'dispute_hold' then -amount
                                 else 0 end) as held,
                        sum(case reason when 'dispute_lost' then amount when 'dispute_reversed' then -amount
                                        else 0 end) as gone
                   from postings where dispute_id is not null group by merchant_id, mode, dispute_id) g
              on g.merchant_id = d.merchant_id and g.mode = d.mode and g.dispute_id = d.id
           where coalesce(g.held, 0) <> case when d.status = any ($1) then d.amount_reserved else 0 end
              or coalesce(g.gone, 0) <> case d.status when 'lost' then d.amount_reserved else 0 end`,
    values: [HOLDING_DISPUTE_STATUSES],
  },
  {
    invariant: 'I7',
    claim: 'A dispute that is not held in full was shown to a person.',
    sql: `select d.merchant_id, d.mode, d.id as object, d.amount_reserved || ' of ' || d.amount as what
            from disputes d
           where d.status <> 'won' and d.amount_reserved < d.amount and not exists (
                 select 1 from conflicts c where c.merchant_id = d.merchant_id and c.mode = d.mode
                    and c.payment_id = d.payment_id and c.kind = 'dispute_beyond_balance')`,
  },
  {
    invariant: 'I9',
    claim: 'Each step of a dispute begins where the one before ended, and the last one is its status.',
    sql: `select merchant_id, mode, dispute_id as object,
                 format('version %s: %s -> %s after %s', version, from_status, to_status, coalesce(last, 'nothing')) as what
            from (select t.*, lag(to_status) over (partition by merchant_id, mode, dispute_id order by version) as last
                    from dispute_transitions t) steps
           where from_status is distinct from last
              or (from_status is not null and from_status || ' ' || to_status <> all ($1))
          union all
          select d.merchant_id, d.mode, d.id, 'is ' || d.status || ', its history does not end so' from disputes d
           where d.status is distinct from (
                 select to_status from dispute_transitions t
                  where t.merchant_id = d.merchant_id and t.mode = d.mode and t.dispute_id = d.id
                  order by version desc limit 1)`,
    values: [PAIRS],
  },
  {
    invariant: 'I10',
    claim: 'A dispute was decided because a gateway or a named person said so.',
    sql: `select merchant_id, mode, dispute_id as object, to_status || ' by ' || cause as what from dispute_transitions
           where to_status in ('won', 'lost') and cause in ('request', 'schedule')`,
  },
  {
    invariant: 'I14',
    claim: 'Each step of a dispute was told once.',
    sql: `select t.merchant_id, t.mode, t.dispute_id as object,
                 format('version %s, %s: %s events', t.version, t.to_status, count(e.id)) as what
            from dispute_transitions t left join events e
              on e.merchant_id = t.merchant_id and e.mode = t.mode and e.object_id = t.dispute_id
             and (e.body::jsonb -> 'data' -> 'dispute' ->> 'version')::int = t.version
             and e.body::jsonb -> 'data' -> 'dispute' ->> 'status' = t.to_status
           group by t.merchant_id, t.mode, t.dispute_id, t.version, t.to_status having count(e.id) <> 1`,
  },
  {
    invariant: 'I18',
    claim: 'A dispute that is undecided is looked at, and a decided one is not.',
    sql: `select merchant_id, mode, id as object, status as what from disputes
           where (due_at is not null) <> (status = any ($1))`,
    values: [HOLDING_DISPUTE_STATUSES],
  },
  {
    invariant: 'I23',
    claim: 'Every step of a dispute names who made it.',
    sql: `select merchant_id, mode, dispute_id as object, 'version ' || version || ' has no actor' as what
            from dispute_transitions where actor !~ '^[a-z]+:.' or cause = ''`,
  },
]
