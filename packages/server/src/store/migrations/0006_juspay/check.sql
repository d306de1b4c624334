-- No row comes back when all is well: no payload outlives a quarter of an hour, and none names an order it does not fit.
select p.id from signed_payloads p join orders o on (o.merchant_id, o.mode, o.id) = (p.merchant_id, p.mode, p.order_id)
 where p.expires_at > p.created_at + interval '15 minutes' or p.currency <> o.currency
    or (p.order_terms_version = o.terms_version and p.amount <> o.amount);
