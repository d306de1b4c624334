-- No row comes back when all is well: no link is missing between the first and the head.
select h.merchant_id, h.position - count(l.position) as missing
  from audit_heads h left join audit_links l using (merchant_id, mode)
 group by h.merchant_id, h.mode, h.position having h.position <> count(l.position);
