select e.id, 'a charge started within a pause' as problem
  from mandate_executions e join mandates m using (merchant_id, mode)
 where m.id = e.mandate_id and e.kind = 'charge' and e.started_at >= m.pause_from
