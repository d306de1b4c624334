-- No row comes back when all is well: whatever a person decided has a step in the history that a
-- person made, and a refund that needed a second person had one who was not the first.
select p.id, 'decided by nobody' as what
  from payments p
 where p.person_outcome is not null and not exists (
       select 1 from payment_transitions t
        where (t.merchant_id, t.mode, t.payment_id, t.cause) = (p.merchant_id, p.mode, p.id, 'person'))
union all
select r.id, 'sent without a second person'
  from refunds r
 where r.needs_approval and r.status not in ('awaiting_approval', 'succeeded')
   and r.decided_by is not distinct from r.requested_by;
