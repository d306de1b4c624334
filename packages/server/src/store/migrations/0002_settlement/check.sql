-- No row comes back when all is well: what was posted for a line of a settlement is what the line says.
select l.id, 'posted otherwise than it says' as what
  from settlement_lines l left join postings p
    on p.merchant_id = l.merchant_id and p.mode = l.mode and p.settlement_line_id = l.id
 where l.outcome = 'matched'
 group by l.merchant_id, l.mode, l.id, l.net
having coalesce(sum(case when p.debit = 'bank' then p.amount when p.credit = 'bank' then -p.amount else 0 end), 0) <> l.net;
