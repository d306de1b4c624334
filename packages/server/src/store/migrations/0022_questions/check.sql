-- No row comes back when all is well: a question sends nothing and is of a payment, never of a refund.
select id, 'a question that is a call' as what
  from operations where kind = 'question' and (to_send or refund_id is not null or target_total is not null);
