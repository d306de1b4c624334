-- No row comes back when all is well: what was given back never exceeds what was captured.
select p.id, 'given back beyond the capture' as what
  from payments p join refunds r on (r.merchant_id, r.mode, r.payment_id) = (p.merchant_id, p.mode, p.id)
 where r.automatic and r.status <> 'failed'
 group by p.id, p.amount_captured
having sum(r.amount) > p.amount_captured;
