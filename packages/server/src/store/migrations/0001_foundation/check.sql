-- No row comes back when all is well: every tenant table has a forced policy.
select c.relname
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'purser'
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id'
 where c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity);
