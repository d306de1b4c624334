-- No row comes back when all is well: nobody asks a gateway about cash.
select o.id, 'asks about cash' as what
  from operations o join payments p on (p.merchant_id, p.mode, p.id) = (o.merchant_id, o.mode, o.payment_id)
 where p.gateway_account_id is null;
