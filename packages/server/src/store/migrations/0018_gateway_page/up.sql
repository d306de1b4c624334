-- Money taken on a gateway's own page: `gateway_page` joins the methods, and a payment that a gateway made by itself is
-- always of a gateway. The list of methods is taken as it is found, whatever other migrations put there.
do $$
declare
  methods text := (select regexp_replace(pg_get_constraintdef(oid), '^CHECK ', '') from pg_constraint
                    where conrelid = 'payments'::regclass and conname = 'payments_method_check');
begin
  alter table payments drop constraint payments_method_check;
  execute format('alter table payments add constraint payments_method_check check (%s or method = ''gateway_page'')', methods);
end $$;
alter table payments
  add constraint gateway_made_has_gateway check (origin = 'ours' or gateway_account_id is not null);
