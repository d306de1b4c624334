-- No row comes back when all is well: no period was used twice, nothing was taken beyond the terms, and nothing started
-- outside the time of its mandate.
select e.id, 'period used twice' as what
  from mandate_executions e
  join mandate_executions other using (merchant_id, mode, mandate_id, period)
 where e.id < other.id and e.status = 'captured' and other.status = 'captured'
union all
select e.id, 'beyond the terms'
  from mandate_executions e join mandates m on (m.merchant_id, m.mode, m.id) = (e.merchant_id, e.mode, e.mandate_id)
 where e.amount > m.max_amount or (e.kind = 'charge' and m.amount_rule = 'fixed' and e.amount <> m.max_amount)
union all
select e.id, 'outside its time'
  from mandate_executions e join mandates m on (m.merchant_id, m.mode, m.id) = (e.merchant_id, e.mode, e.mandate_id)
 where e.kind = 'charge' and (e.started_at < m.starts_at or e.started_at >= m.ends_at or e.started_at > m.revoked_at)
union all
select p.id, 'charged without an execution'
  from payments p left join mandate_executions e on (e.merchant_id, e.mode, e.payment_id) = (p.merchant_id, p.mode, p.id)
 where p.mandate_id is not null and e.id is null;
