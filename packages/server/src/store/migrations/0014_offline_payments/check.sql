-- No row comes back when all is well: sums are what the allocations say, and money on account has its record.
select p.id, 'allocated otherwise' as what
  from payments p left join allocations a on (a.merchant_id, a.mode, a.payment_id) = (p.merchant_id, p.mode, p.id)
 group by p.merchant_id, p.mode, p.id, p.amount_allocated having p.amount_allocated <> coalesce(sum(a.amount), 0)
union all
select p.id, 'has no record'
  from payments p left join offline_payments f on (f.merchant_id, f.mode, f.payment_id) = (p.merchant_id, p.mode, p.id)
 where (p.order_id is null) <> (f.payment_id is not null);
