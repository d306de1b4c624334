// Mandates: what was charged is within what was consented to, once a period, in its time, and told ahead where the
// payer has to be told.
import type { Check } from './check.ts'

const OF_MANDATE = `mandate_executions e join mandates m
              on m.merchant_id = e.merchant_id and m.mode = e.mode and m.id = e.mandate_id`
// A use that began and may have moved money.
const BEGAN = `e.status in ('open', 'unknown', 'captured')`

export const MANDATE_CHECKS: readonly Check[] = [
  {
    invariant: 'I3',
    claim: 'Of one period of a mandate at most one charge holds money or may come to.',
    sql: `select merchant_id, mode, mandate_id as object, period || ': ' || count(*) as what from mandate_executions
           where period is not null and status in ('waiting', 'open', 'unknown', 'captured')
           group by merchant_id, mode, mandate_id, period having count(*) > 1`,
  },
  {
    invariant: 'I3',
    claim: 'A period of a mandate has at most four declined tries.',
    sql: `select merchant_id, mode, mandate_id as object, period || ': ' || count(*) as what from mandate_executions
           where period is not null and status = 'declined'
           group by merchant_id, mode, mandate_id, period having count(*) > 4`,
  },
  {
    invariant: 'I5',
    claim: 'No charge is beyond the amount of its mandate, and a fixed one is exactly that.',
    sql: `select e.merchant_id, e.mode, e.id as object, format('%s of %s', e.amount, m.max_amount) as what
            from ${OF_MANDATE}
           where e.amount > m.max_amount or e.currency <> m.currency
              or (e.kind = 'charge' and m.amount_rule = 'fixed' and e.amount <> m.max_amount)`,
  },
  {
    invariant: 'I9',
    claim: 'A charge began while its mandate was valid, and neither revoked nor paused.',
    sql: `select e.merchant_id, e.mode, e.id as object, 'began ' || e.started_at as what
            from ${OF_MANDATE}
           where e.kind = 'charge' and e.started_at is not null and (
                 e.started_at < m.starts_at or e.started_at >= m.ends_at or e.started_at > m.revoked_at
                 or e.started_at >= m.pause_from
                 or (m.status = 'paused' and ${BEGAN} and e.started_at > m.pause_starts_at))`,
  },
  {
    invariant: 'I9',
    claim: 'A use of a mandate says what its payment says.',
    sql: `select e.merchant_id, e.mode, e.id as object, e.status || ', its payment ' || p.status as what
            from mandate_executions e join payments p
              on p.merchant_id = e.merchant_id and p.mode = e.mode and p.id = e.payment_id
           where (e.status in ('captured', 'surplus')) <> (p.status = 'captured')
              or (e.status = 'declined') <> (p.status = 'declined')
              or (e.status = 'unknown') <> (p.status = 'unknown')`,
  },
  {
    invariant: 'I9',
    claim: 'The payer was told of a charge a day ahead, of at least its amount and of its day.',
    sql: `select e.merchant_id, e.mode, e.id as object,
                 coalesce(format('%s, told %s of %s for %s', n.status, n.succeeded_at, n.amount, n.debit_day),
                          'nobody was told') as what
            from ${OF_MANDATE} left join pre_debit_notices n
              on n.merchant_id = e.merchant_id and n.mode = e.mode and n.id = e.notice_id
           where e.kind = 'charge' and e.started_at is not null and m.method in ('upi', 'card')
             and m.frequency <> 'daily' and not (m.frequency = 'one_time' and m.block_funds)
             and (n.status is distinct from 'succeeded' or n.amount < e.amount or n.debit_day <> e.debit_day
                  or e.started_at < n.succeeded_at + interval '24 hours')`,
  },
]
