-- No row comes back when all is well: what was kept is the customer's whose order was paid, and of that payment's
-- account and method.
select s.id, 'kept with a payment that is not its own' as what
  from saved_methods s
  join payments p on (p.merchant_id, p.mode, p.id) = (s.merchant_id, s.mode, s.payment_id)
  join orders o on (o.merchant_id, o.mode, o.id) = (p.merchant_id, p.mode, p.order_id)
 where o.customer_id is distinct from s.customer_id
    or p.gateway_account_id is distinct from s.gateway_account_id or p.method <> s.kind;
