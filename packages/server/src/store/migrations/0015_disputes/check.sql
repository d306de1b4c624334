-- No row comes back when all is well: what is disputed of a payment is what its disputes hold.
select p.id, 'disputed ' || p.amount_disputed || ', its disputes hold ' || coalesce(d.reserved, 0) as what
  from payments p left join (
       select merchant_id, mode, payment_id, sum(amount_reserved) as reserved
         from disputes group by merchant_id, mode, payment_id) d
    on (d.merchant_id, d.mode, d.payment_id) = (p.merchant_id, p.mode, p.id)
 where p.amount_disputed <> coalesce(d.reserved, 0);
