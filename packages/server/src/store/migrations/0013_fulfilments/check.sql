-- No row comes back when all is well: what is said to be handed over was paid for.
select f.id, 'told of an order that was never paid' as what
  from fulfilments f
  join orders o on (o.merchant_id, o.mode, o.id) = (f.merchant_id, f.mode, f.order_id)
 where o.amount_captured <= 0;
