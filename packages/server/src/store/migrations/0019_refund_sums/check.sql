-- No row comes back when all is well: what is refunded, reserved and disputed of a payment is what its rows say.
select p.id, 'refunded ' || p.amount_refunded || ', reserved ' || p.amount_refund_pending || ', disputed '
       || p.amount_disputed as what
  from payments p left join (
       select merchant_id, mode, payment_id, sum(amount) filter (where status = 'succeeded') as refunded,
              sum(amount) filter (where status in ('awaiting_approval', 'pending', 'unknown', 'review')) as pending
         from refunds group by merchant_id, mode, payment_id) r
    on (r.merchant_id, r.mode, r.payment_id) = (p.merchant_id, p.mode, p.id)
  left join (
       select merchant_id, mode, payment_id, sum(amount_reserved) as reserved
         from disputes group by merchant_id, mode, payment_id) d
    on (d.merchant_id, d.mode, d.payment_id) = (p.merchant_id, p.mode, p.id)
 where (p.amount_refunded, p.amount_refund_pending, p.amount_disputed)
       is distinct from (coalesce(r.refunded, 0), coalesce(r.pending, 0), coalesce(d.reserved, 0));
