-- The schema "purser" as its migrations make it. Written by tools/dump-schema.ts (npm run schema), and compared with
-- a freshly migrated database by packages/server/test/schema.test.ts. Do not edit: add a migration.

grant usage on schema purser to purser_app;
grant usage on schema purser to purser_queue;

CREATE OR REPLACE FUNCTION purser.balance_allocations()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'purser', 'pg_temp'
AS $function$
declare
  line jsonb := to_jsonb(new);
  payment text := case tg_table_name when 'payments' then line ->> 'id'
                    when 'allocations' then line ->> 'payment_id' when 'offline_payments' then line ->> 'payment_id' end;
  order_ text := case tg_table_name when 'orders' then line ->> 'id' when 'allocations' then line ->> 'order_id' end;
  invoice text := case tg_table_name when 'invoices' then line ->> 'id' when 'allocations' then line ->> 'invoice_id' end;
  broken boolean;
begin
  if payment is not null then
    select p.amount_allocated <> coalesce((select sum(a.amount) from allocations a
             where a.merchant_id = p.merchant_id and a.mode = p.mode and a.payment_id = p.id), 0)
        or (p.order_id is null and not exists (select from offline_payments f
             where f.merchant_id = p.merchant_id and f.mode = p.mode and f.payment_id = p.id and f.method = p.method
               and (f.status in ('bounced', 'reversed')) = (p.amount_reversed > 0)))
        or (p.order_id is not null and tg_table_name = 'offline_payments')
      into broken from payments p where p.merchant_id = new.merchant_id and p.mode = new.mode and p.id = payment;
    if broken is distinct from false then raise exception 'payment % and its allocations do not add up', payment using errcode = 'PU008'; end if;
  end if;
  if order_ is not null then
    select (o.amount_allocated, o.amount_allocated_refunded) is distinct from
             (coalesce(sum(a.amount) filter (where a.reason <> 'refunded'), 0),
              coalesce(-sum(a.amount) filter (where a.reason = 'refunded'), 0))
        or (tg_table_name = 'allocations' and (line ->> 'amount')::bigint > 0 and o.amount < o.amount_allocated
             + coalesce((select sum(p.amount_captured) from payments p where p.merchant_id = o.merchant_id
                 and p.mode = o.mode and p.order_id = o.id and not p.duplicate), 0))
      into broken
      from orders o left join allocations a
        on a.merchant_id = o.merchant_id and a.mode = o.mode and a.order_id = o.id
     where o.merchant_id = new.merchant_id and o.mode = new.mode and o.id = order_
     group by o.merchant_id, o.mode, o.id, o.amount, o.amount_allocated, o.amount_allocated_refunded;
    if broken is distinct from false then raise exception 'order % and its allocations do not add up', order_ using errcode = 'PU008'; end if;
  end if;
  if invoice is not null then
    select (i.amount_allocated, i.amount_allocated_refunded) is distinct from
             (coalesce(sum(a.amount) filter (where a.reason <> 'refunded'), 0),
              coalesce(-sum(a.amount) filter (where a.reason = 'refunded'), 0))
      into broken
      from invoices i left join allocations a
        on a.merchant_id = i.merchant_id and a.mode = i.mode and a.invoice_id = i.id
     where i.merchant_id = new.merchant_id and i.mode = new.mode and i.id = invoice
     group by i.merchant_id, i.mode, i.id, i.amount_allocated, i.amount_allocated_refunded;
    if broken is distinct from false then raise exception 'invoice % and its allocations do not add up', invoice using errcode = 'PU008'; end if;
  end if;
  if tg_table_name = 'allocations' and line ->> 'corrects' is not null then
    select sum(a.amount) < 0 or min(coalesce(a.order_id, '') || '/' || coalesce(a.invoice_id, ''))
             <> max(coalesce(a.order_id, '') || '/' || coalesce(a.invoice_id, ''))
        or bool_or(a.id = line ->> 'corrects' and a.amount < 0)
      into broken from allocations a
     where a.merchant_id = new.merchant_id and a.mode = new.mode
       and (a.id = line ->> 'corrects' or a.corrects = line ->> 'corrects');
    if broken then
      raise exception 'allocation % does not hold what is taken back', line ->> 'corrects' using errcode = 'PU008';
    end if;
  end if;
  if tg_table_name = 'refunds' then
    select f.status = 'recorded' into broken from offline_payments f
     where f.merchant_id = new.merchant_id and f.mode = new.mode and f.payment_id = line ->> 'payment_id';
    if broken then
      raise exception 'payment % has not cleared', line ->> 'payment_id' using errcode = 'PU009';
    end if;
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION purser.balance_refunds()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'purser', 'pg_temp'
AS $function$
declare
  payment text;
  adds_up boolean;
begin
  if tg_table_name = 'payments' then payment := new.id; else payment := new.payment_id; end if;
  select p.amount_refunded = r.refunded and p.amount_refund_pending = r.pending and p.amount_disputed = d.reserved
    into adds_up
    from payments p,
         lateral (select coalesce(sum(amount) filter (where status = 'succeeded'), 0) as refunded,
                         coalesce(sum(amount) filter (
                           where status in ('awaiting_approval', 'pending', 'unknown', 'review')), 0) as pending
                    from refunds where merchant_id = p.merchant_id and mode = p.mode and payment_id = p.id) r,
         lateral (select coalesce(sum(amount_reserved), 0) as reserved
                    from disputes where merchant_id = p.merchant_id and mode = p.mode and payment_id = p.id) d
   where p.merchant_id = new.merchant_id and p.mode = new.mode and p.id = payment;
  if adds_up is distinct from true then
    raise exception 'payment % and its refunds and disputes do not add up', payment using errcode = 'PU010';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION purser.check_transition()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.version <> old.version + 1 then
    raise exception 'version of % must grow by one', tg_argv[0] using errcode = 'PU001';
  end if;
  if new.status <> old.status and not exists (
    select 1 from purser.allowed_transitions
     where noun = tg_argv[0] and from_status = old.status and to_status = new.status
  ) then
    raise exception '% may not go from % to %', tg_argv[0], old.status, new.status using errcode = 'PU002';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION purser.guard_mandate_execution()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'purser', 'pg_temp'
AS $function$
declare
  mandate mandates;
  declined integer;
begin
  if tg_op = 'INSERT' and new.period is not null then
    select count(*) into declined from mandate_executions
     where merchant_id = new.merchant_id and mode = new.mode and mandate_id = new.mandate_id
       and period = new.period and status = 'declined';
    if declined >= 4 then
      raise exception 'the period % has had its four tries', new.period using errcode = 'PU007';
    end if;
  end if;
  if new.status <> 'open' or (tg_op = 'UPDATE' and old.status <> 'waiting') then
    return new;
  end if;
  -- Held until the end: a revocation comes before or after this start, never beside it.
  select * into mandate from mandates
   where merchant_id = new.merchant_id and mode = new.mode and id = new.mandate_id for share;
  if new.kind = 'registration' and mandate.status <> 'created' then
    raise exception 'mandate % is registered already', new.mandate_id using errcode = 'PU005';
  end if;
  if new.kind = 'charge' and (
       mandate.status <> 'active' or mandate.pending_change in ('pause', 'revoke')
       or new.started_at >= mandate.pause_from
       or new.started_at < mandate.starts_at or new.started_at >= mandate.ends_at) then
    raise exception 'mandate % is not active', new.mandate_id using errcode = 'PU005';
  end if;
  if new.amount > mandate.max_amount
     or (mandate.amount_rule = 'fixed' and new.amount <> mandate.max_amount
         and (new.kind = 'charge' or mandate.registration_uses_period)) then
    raise exception 'mandate % does not cover this amount', new.mandate_id using errcode = 'PU006';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION purser.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'PU003';
end $function$
;

CREATE OR REPLACE FUNCTION purser.refuse_rewriting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% of % is fixed', tg_argv[0], tg_table_name using errcode = 'PU011';
end $function$
;

create table purser.allocations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text,
  invoice_id text,
  currency character(3) not null,
  amount bigint not null,
  reason text not null,
  corrects text,
  refund_id text,
  note text default ''::text not null,
  created_by text not null,
  payment_version integer not null,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default now() not null,
  constraint allocation_has_one_target CHECK (((order_id IS NULL) <> (invoice_id IS NULL))),
  constraint allocations_amount_check CHECK ((amount <> 0)),
  constraint allocations_merchant_id_mode_corrects_payment_id_fkey FOREIGN KEY (merchant_id, mode, corrects, payment_id) REFERENCES purser.allocations(merchant_id, mode, id, payment_id),
  constraint allocations_merchant_id_mode_id_payment_id_key UNIQUE (merchant_id, mode, id, payment_id),
  constraint allocations_merchant_id_mode_invoice_id_currency_fkey FOREIGN KEY (merchant_id, mode, invoice_id, currency) REFERENCES purser.invoices(merchant_id, mode, id, currency),
  constraint allocations_merchant_id_mode_order_id_currency_fkey FOREIGN KEY (merchant_id, mode, order_id, currency) REFERENCES purser.orders(merchant_id, mode, id, currency),
  constraint allocations_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint allocations_merchant_id_mode_refund_id_fkey FOREIGN KEY (merchant_id, mode, refund_id) REFERENCES purser.refunds(merchant_id, mode, id),
  constraint allocations_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint allocations_reason_check CHECK ((reason = ANY (ARRAY['applied'::text, 'withdrawn'::text, 'reversed'::text, 'refunded'::text]))),
  constraint only_corrections_are_negative CHECK ((((reason = 'applied'::text) = (amount > 0)) AND ((reason = 'applied'::text) = (corrects IS NULL)))),
  constraint refunded_names_refund CHECK (((reason = 'refunded'::text) = (refund_id IS NOT NULL)))
);
CREATE INDEX allocations_by_correction ON purser.allocations USING btree (merchant_id, mode, corrects) WHERE (corrects IS NOT NULL);
CREATE INDEX allocations_by_invoice ON purser.allocations USING btree (merchant_id, mode, invoice_id, id) WHERE (invoice_id IS NOT NULL);
CREATE INDEX allocations_by_order ON purser.allocations USING btree (merchant_id, mode, order_id, id) WHERE (order_id IS NOT NULL);
CREATE INDEX allocations_by_payment ON purser.allocations USING btree (merchant_id, mode, payment_id, id);
CREATE TRIGGER allocations_append_only BEFORE DELETE OR UPDATE ON purser.allocations FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
CREATE CONSTRAINT TRIGGER allocations_balance AFTER INSERT ON purser.allocations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purser.balance_allocations();
alter table purser.allocations owner to purser_owner;
alter table purser.allocations enable row level security;
alter table purser.allocations force row level security;
create policy tenant on purser.allocations for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.allocations to purser_app;

create table purser.allowed_transitions (
  noun text not null,
  from_status text not null,
  to_status text not null,
  constraint allowed_transitions_pkey PRIMARY KEY (noun, from_status, to_status)
);
alter table purser.allowed_transitions owner to purser_owner;
grant select on purser.allowed_transitions to purser_app;
grant select on purser.allowed_transitions to purser_queue;

create table purser.api_keys (
  merchant_id text not null,
  mode text not null,
  id text not null,
  label text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  constraint api_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint api_keys_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint api_keys_pkey PRIMARY KEY (merchant_id, mode, id)
);
alter table purser.api_keys owner to purser_owner;
alter table purser.api_keys enable row level security;
alter table purser.api_keys force row level security;
create policy tenant on purser.api_keys for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.api_keys to purser_app;

create table purser.audit (
  merchant_id text not null,
  mode text not null,
  id text not null,
  actor text not null,
  action text not null,
  object_id text not null,
  request_id text,
  details jsonb default '{}'::jsonb not null,
  at timestamp with time zone default now() not null,
  constraint audit_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint audit_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint audit_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON purser.audit FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.audit owner to purser_owner;
alter table purser.audit enable row level security;
alter table purser.audit force row level security;
create policy tenant on purser.audit for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.audit to purser_app;

create table purser.audit_heads (
  merchant_id text not null,
  mode text not null,
  "position" bigint default 0 not null,
  hash bytea default sha256('\x'::bytea) not null,
  constraint audit_heads_hash_check CHECK ((length(hash) = 32)),
  constraint audit_heads_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint audit_heads_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint audit_heads_pkey PRIMARY KEY (merchant_id, mode),
  constraint audit_heads_position_check CHECK (("position" >= 0))
);
alter table purser.audit_heads owner to purser_owner;
alter table purser.audit_heads enable row level security;
alter table purser.audit_heads force row level security;
create policy tenant on purser.audit_heads for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.audit_heads to purser_app;
grant update ("position", hash) on purser.audit_heads to purser_app;

create table purser.audit_links (
  merchant_id text not null,
  mode text not null,
  "position" bigint not null,
  audit_id text not null,
  previous bytea not null,
  hash bytea not null,
  linked_at timestamp with time zone default now() not null,
  constraint audit_links_hash_check CHECK ((length(hash) = 32)),
  constraint audit_links_merchant_id_mode_audit_id_fkey FOREIGN KEY (merchant_id, mode, audit_id) REFERENCES purser.audit(merchant_id, mode, id),
  constraint audit_links_merchant_id_mode_audit_id_key UNIQUE (merchant_id, mode, audit_id),
  constraint audit_links_pkey PRIMARY KEY (merchant_id, mode, "position"),
  constraint audit_links_position_check CHECK (("position" > 0)),
  constraint audit_links_previous_check CHECK ((length(previous) = 32))
);
CREATE TRIGGER audit_links_append_only BEFORE DELETE OR UPDATE ON purser.audit_links FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.audit_links owner to purser_owner;
alter table purser.audit_links enable row level security;
alter table purser.audit_links force row level security;
create policy tenant on purser.audit_links for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.audit_links to purser_app;

create table purser.audit_unlinked (
  merchant_id text not null,
  mode text not null,
  audit_id text not null,
  at timestamp with time zone default now() not null,
  constraint audit_unlinked_merchant_id_mode_audit_id_fkey FOREIGN KEY (merchant_id, mode, audit_id) REFERENCES purser.audit(merchant_id, mode, id),
  constraint audit_unlinked_pkey PRIMARY KEY (merchant_id, mode, audit_id)
);
CREATE INDEX audit_unlinked_by_age ON purser.audit_unlinked USING btree (at);
alter table purser.audit_unlinked owner to purser_owner;
alter table purser.audit_unlinked enable row level security;
alter table purser.audit_unlinked force row level security;
create policy queue on purser.audit_unlinked for select to purser_queue using true;
create policy tenant on purser.audit_unlinked for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant delete, insert, select on purser.audit_unlinked to purser_app;
grant select (merchant_id, mode, at) on purser.audit_unlinked to purser_queue;

create table purser.breaks (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  settlement_id text,
  settlement_line_id text,
  payment_id text,
  refund_id text,
  reason text not null,
  subject text not null,
  details jsonb not null,
  status text default 'open'::text not null,
  note text,
  resolved_by text,
  resolved_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint breaks_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint breaks_merchant_id_mode_gateway_account_id_reason_subject_key UNIQUE (merchant_id, mode, gateway_account_id, reason, subject),
  constraint breaks_merchant_id_mode_settlement_id_fkey FOREIGN KEY (merchant_id, mode, settlement_id) REFERENCES purser.settlements(merchant_id, mode, id),
  constraint breaks_merchant_id_mode_settlement_line_id_fkey FOREIGN KEY (merchant_id, mode, settlement_line_id) REFERENCES purser.settlement_lines(merchant_id, mode, id),
  constraint breaks_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint breaks_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text]))),
  constraint resolved_by_somebody CHECK ((((status = 'resolved'::text) = (resolved_at IS NOT NULL)) AND ((status = 'resolved'::text) = (note IS NOT NULL)) AND ((status = 'resolved'::text) = (resolved_by IS NOT NULL))))
);
CREATE INDEX breaks_by_payment ON purser.breaks USING btree (merchant_id, mode, payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX breaks_open ON purser.breaks USING btree (merchant_id, mode, id DESC) WHERE (status = 'open'::text);
alter table purser.breaks owner to purser_owner;
alter table purser.breaks enable row level security;
alter table purser.breaks force row level security;
create policy tenant on purser.breaks for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.breaks to purser_app;
grant update (status, note, resolved_by, resolved_at) on purser.breaks to purser_app;

create table purser.conflicts (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text,
  kind text not null,
  details jsonb not null,
  at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  constraint conflicts_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE INDEX conflicts_by_payment ON purser.conflicts USING btree (merchant_id, mode, payment_id);
alter table purser.conflicts owner to purser_owner;
alter table purser.conflicts enable row level security;
alter table purser.conflicts force row level security;
create policy tenant on purser.conflicts for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.conflicts to purser_app;

create table purser.credentials (
  hash bytea not null,
  merchant_id text not null,
  mode text not null,
  kind text not null,
  subject_id text not null,
  scopes text[] not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint credentials_hash_check CHECK ((length(hash) = 32)),
  constraint credentials_kind_check CHECK ((kind = ANY (ARRAY['secret_key'::text, 'publishable_key'::text, 'client_token'::text, 'sign_in'::text, 'receipt_link'::text, 'customer_token'::text]))),
  constraint credentials_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint credentials_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint credentials_pkey PRIMARY KEY (hash)
);
CREATE INDEX credentials_by_subject ON purser.credentials USING btree (merchant_id, mode, subject_id);
alter table purser.credentials owner to purser_owner;
alter table purser.credentials enable row level security;
alter table purser.credentials force row level security;
create policy lookup on purser.credentials for select to purser_queue using true;
create policy tenant on purser.credentials for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.credentials to purser_app;
grant select on purser.credentials to purser_queue;

create table purser.currencies (
  code character(3) not null,
  exponent smallint not null,
  constraint currencies_exponent_check CHECK (((exponent >= 0) AND (exponent <= 4))),
  constraint currencies_pkey PRIMARY KEY (code)
);
alter table purser.currencies owner to purser_owner;
grant select on purser.currencies to purser_app;
grant select on purser.currencies to purser_queue;

create table purser.customers (
  merchant_id text not null,
  mode text not null,
  id text not null,
  reference text,
  name text,
  email text,
  phone text,
  created_at timestamp with time zone not null,
  given_name text,
  family_name text,
  phone_country text default '91'::text not null,
  updated_at timestamp with time zone,
  constraint customers_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint customers_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint customers_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE UNIQUE INDEX customers_by_reference ON purser.customers USING btree (merchant_id, mode, reference) WHERE (reference IS NOT NULL);
alter table purser.customers owner to purser_owner;
alter table purser.customers enable row level security;
alter table purser.customers force row level security;
create policy tenant on purser.customers for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.customers to purser_app;

create table purser.deliveries (
  merchant_id text not null,
  mode text not null,
  id text not null,
  event_id text not null,
  endpoint_id text not null,
  resend integer default 0 not null,
  status text not null,
  tries integer default 0 not null,
  due_at timestamp with time zone,
  leased_until timestamp with time zone,
  lease_token text,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  body text,
  constraint deliveries_merchant_id_mode_endpoint_id_fkey FOREIGN KEY (merchant_id, mode, endpoint_id) REFERENCES purser.webhook_endpoints(merchant_id, mode, id),
  constraint deliveries_merchant_id_mode_event_id_endpoint_id_resend_key UNIQUE (merchant_id, mode, event_id, endpoint_id, resend),
  constraint deliveries_merchant_id_mode_event_id_fkey FOREIGN KEY (merchant_id, mode, event_id) REFERENCES purser.events(merchant_id, mode, id),
  constraint deliveries_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text, 'canceled'::text]))),
  constraint ended_iff_not_pending CHECK (((ended_at IS NULL) = (status = 'pending'::text))),
  constraint pending_is_due CHECK (((due_at IS NOT NULL) = (status = 'pending'::text)))
);
CREATE INDEX deliveries_by_endpoint ON purser.deliveries USING btree (merchant_id, mode, endpoint_id, id DESC);
CREATE INDEX deliveries_due ON purser.deliveries USING btree (merchant_id, mode, endpoint_id, due_at, id) WHERE (due_at IS NOT NULL);
CREATE INDEX deliveries_undelivered ON purser.deliveries USING btree (merchant_id, mode, status, id DESC) WHERE (status <> 'delivered'::text);
alter table purser.deliveries owner to purser_owner;
alter table purser.deliveries enable row level security;
alter table purser.deliveries force row level security;
create policy queue on purser.deliveries for all to purser_queue using true;
create policy tenant on purser.deliveries for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.deliveries to purser_app;
grant select (merchant_id, mode, id, endpoint_id, tries, due_at, leased_until, lease_token) on purser.deliveries to purser_queue;
grant update (tries, leased_until, lease_token) on purser.deliveries to purser_queue;

create table purser.delivery_attempts (
  merchant_id text not null,
  mode text not null,
  delivery_id text not null,
  try integer not null,
  outcome text not null,
  status smallint,
  duration_ms integer not null,
  at timestamp with time zone default now() not null,
  constraint delivery_attempts_merchant_id_mode_delivery_id_fkey FOREIGN KEY (merchant_id, mode, delivery_id) REFERENCES purser.deliveries(merchant_id, mode, id),
  constraint delivery_attempts_pkey PRIMARY KEY (merchant_id, mode, delivery_id, try)
);
CREATE TRIGGER delivery_attempts_append_only BEFORE DELETE OR UPDATE ON purser.delivery_attempts FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.delivery_attempts owner to purser_owner;
alter table purser.delivery_attempts enable row level security;
alter table purser.delivery_attempts force row level security;
create policy tenant on purser.delivery_attempts for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.delivery_attempts to purser_app;

create table purser.dispute_evidence (
  merchant_id text not null,
  mode text not null,
  id text not null,
  dispute_id text not null,
  statement text not null,
  refs text[] not null,
  submitted_by text not null,
  created_at timestamp with time zone not null,
  constraint dispute_evidence_merchant_id_mode_dispute_id_fkey FOREIGN KEY (merchant_id, mode, dispute_id) REFERENCES purser.disputes(merchant_id, mode, id),
  constraint dispute_evidence_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE INDEX dispute_evidence_by_dispute ON purser.dispute_evidence USING btree (merchant_id, mode, dispute_id, id);
CREATE TRIGGER dispute_evidence_append_only BEFORE DELETE OR UPDATE ON purser.dispute_evidence FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.dispute_evidence owner to purser_owner;
alter table purser.dispute_evidence enable row level security;
alter table purser.dispute_evidence force row level security;
create policy tenant on purser.dispute_evidence for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.dispute_evidence to purser_app;

create table purser.dispute_transitions (
  merchant_id text not null,
  mode text not null,
  dispute_id text not null,
  version integer not null,
  from_status text,
  to_status text not null,
  event text not null,
  cause text not null,
  actor text not null,
  request_id text,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default now() not null,
  constraint dispute_transitions_merchant_id_mode_dispute_id_fkey FOREIGN KEY (merchant_id, mode, dispute_id) REFERENCES purser.disputes(merchant_id, mode, id),
  constraint dispute_transitions_pkey PRIMARY KEY (merchant_id, mode, dispute_id, version)
);
CREATE TRIGGER dispute_transitions_append_only BEFORE DELETE OR UPDATE ON purser.dispute_transitions FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.dispute_transitions owner to purser_owner;
alter table purser.dispute_transitions enable row level security;
alter table purser.dispute_transitions force row level security;
create policy tenant on purser.dispute_transitions for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.dispute_transitions to purser_app;

create table purser.disputes (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text not null,
  gateway_account_id text not null,
  gateway_dispute_id text not null,
  gateway_sequence bigint,
  status text not null,
  version integer default 1 not null,
  currency character(3) not null,
  amount bigint not null,
  amount_reserved bigint not null,
  reason text not null,
  gateway_code text,
  evidence_due_at timestamp with time zone,
  pending_action text,
  due_at timestamp with time zone,
  opened_at timestamp with time zone not null,
  decided_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint decided_has_a_time CHECK (((decided_at IS NOT NULL) = (status = ANY (ARRAY['won'::text, 'lost'::text])))),
  constraint decided_waits_for_nothing CHECK (((status <> ALL (ARRAY['won'::text, 'lost'::text])) OR ((due_at IS NULL) AND (pending_action IS NULL)))),
  constraint disputes_amount_check CHECK ((amount > 0)),
  constraint disputes_amount_reserved_check CHECK ((amount_reserved >= 0)),
  constraint disputes_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint disputes_merchant_id_mode_gateway_account_id_gateway_disput_key UNIQUE (merchant_id, mode, gateway_account_id, gateway_dispute_id),
  constraint disputes_merchant_id_mode_order_id_fkey FOREIGN KEY (merchant_id, mode, order_id) REFERENCES purser.orders(merchant_id, mode, id),
  constraint disputes_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint disputes_pending_action_check CHECK ((pending_action = ANY (ARRAY['accept'::text, 'submit_evidence'::text]))),
  constraint disputes_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint disputes_status_check CHECK ((status = ANY (ARRAY['open'::text, 'under_review'::text, 'accepted'::text, 'expired'::text, 'won'::text, 'lost'::text]))),
  constraint reserves_no_more_than_is_disputed CHECK ((amount_reserved <= amount)),
  constraint won_reserves_nothing CHECK (((status <> 'won'::text) OR (amount_reserved = 0)))
);
CREATE INDEX disputes_by_payment ON purser.disputes USING btree (merchant_id, mode, payment_id);
CREATE INDEX disputes_by_status ON purser.disputes USING btree (merchant_id, mode, status, id DESC);
CREATE INDEX disputes_due ON purser.disputes USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE CONSTRAINT TRIGGER disputes_balance AFTER UPDATE ON purser.disputes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.amount_reserved <> new.amount_reserved)) EXECUTE FUNCTION purser.balance_refunds();
CREATE TRIGGER disputes_hold_fixed BEFORE UPDATE OF amount_reserved ON purser.disputes FOR EACH ROW WHEN (((new.amount_reserved < old.amount_reserved) AND (new.status <> 'won'::text))) EXECUTE FUNCTION purser.refuse_rewriting('amount_reserved');
CREATE CONSTRAINT TRIGGER disputes_opened_balance AFTER INSERT ON purser.disputes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.amount_reserved <> 0)) EXECUTE FUNCTION purser.balance_refunds();
CREATE TRIGGER disputes_transition BEFORE UPDATE ON purser.disputes FOR EACH ROW EXECUTE FUNCTION purser.check_transition('dispute');
alter table purser.disputes owner to purser_owner;
alter table purser.disputes enable row level security;
alter table purser.disputes force row level security;
create policy queue on purser.disputes for select to purser_queue using true;
create policy tenant on purser.disputes for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.disputes to purser_app;
grant update (gateway_sequence, status, version, amount_reserved, reason, gateway_code, evidence_due_at, pending_action, due_at, decided_at, updated_at) on purser.disputes to purser_app;
grant select (merchant_id, mode, id, due_at) on purser.disputes to purser_queue;

create table purser.events (
  merchant_id text not null,
  mode text not null,
  id text not null,
  type text not null,
  object_id text not null,
  order_id text,
  payment_id text,
  body text not null,
  created_at timestamp with time zone not null,
  constraint events_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE INDEX events_by_order ON purser.events USING btree (merchant_id, mode, order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX events_by_payment ON purser.events USING btree (merchant_id, mode, payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX events_by_type ON purser.events USING btree (merchant_id, mode, type, id DESC);
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON purser.events FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.events owner to purser_owner;
alter table purser.events enable row level security;
alter table purser.events force row level security;
create policy tenant on purser.events for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.events to purser_app;

create table purser.exchanges (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  operation_id text,
  kind text not null,
  method text not null,
  url text not null,
  request text not null,
  outcome text not null,
  status smallint,
  reply text not null,
  duration_ms integer not null,
  at timestamp with time zone default now() not null,
  constraint exchanges_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE INDEX exchanges_by_payment ON purser.exchanges USING btree (merchant_id, mode, payment_id);
CREATE TRIGGER exchanges_append_only BEFORE DELETE OR UPDATE ON purser.exchanges FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.exchanges owner to purser_owner;
alter table purser.exchanges enable row level security;
alter table purser.exchanges force row level security;
create policy tenant on purser.exchanges for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.exchanges to purser_app;

create table purser.fulfilments (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  status text not null,
  command text not null,
  reference text,
  note text not null,
  created_at timestamp with time zone not null,
  constraint fulfilments_command_check CHECK ((command ~ '^[A-Z_]{1,40}$'::text)),
  constraint fulfilments_merchant_id_mode_order_id_fkey FOREIGN KEY (merchant_id, mode, order_id) REFERENCES purser.orders(merchant_id, mode, id),
  constraint fulfilments_note_check CHECK ((length(note) <= 2000)),
  constraint fulfilments_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint fulfilments_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 128))),
  constraint fulfilments_status_check CHECK ((status ~ '^[A-Z_]{1,40}$'::text))
);
CREATE INDEX fulfilments_by_order ON purser.fulfilments USING btree (merchant_id, mode, order_id, id);
CREATE TRIGGER fulfilments_append_only BEFORE DELETE OR UPDATE ON purser.fulfilments FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.fulfilments owner to purser_owner;
alter table purser.fulfilments enable row level security;
alter table purser.fulfilments force row level security;
create policy tenant on purser.fulfilments for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.fulfilments to purser_app;

create table purser.gateway_accounts (
  merchant_id text not null,
  mode text not null,
  id text not null,
  connector text not null,
  label text not null,
  status text not null,
  credentials_sealed bytea not null,
  settings jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  settlements_due_at timestamp with time zone default now(),
  constraint gateway_accounts_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint gateway_accounts_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint gateway_accounts_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint gateway_accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])))
);
CREATE UNIQUE INDEX gateway_accounts_by_id ON purser.gateway_accounts USING btree (id);
CREATE INDEX gateway_accounts_settlements_due ON purser.gateway_accounts USING btree (settlements_due_at) WHERE (settlements_due_at IS NOT NULL);
alter table purser.gateway_accounts owner to purser_owner;
alter table purser.gateway_accounts enable row level security;
alter table purser.gateway_accounts force row level security;
create policy lookup on purser.gateway_accounts for select to purser_queue using true;
create policy tenant on purser.gateway_accounts for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.gateway_accounts to purser_app;
grant select (merchant_id, mode, id, settlements_due_at) on purser.gateway_accounts to purser_queue;

create table purser.idempotency_keys (
  merchant_id text not null,
  mode text not null,
  route text not null,
  key text not null,
  fingerprint bytea not null,
  subject_id text not null,
  answer_status smallint,
  answer_body text,
  leased_until timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  lease_number integer default 1 not null,
  constraint idempotency_keys_answer_status_check CHECK (((answer_status IS NULL) OR (answer_status < 500))),
  constraint idempotency_keys_check CHECK (((answer_status IS NULL) = (answer_body IS NULL))),
  constraint idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_lease_number_check CHECK ((lease_number >= 1)),
  constraint idempotency_keys_pkey PRIMARY KEY (merchant_id, mode, route, key)
);
CREATE INDEX idempotency_keys_by_age ON purser.idempotency_keys USING btree (created_at);
alter table purser.idempotency_keys owner to purser_owner;
alter table purser.idempotency_keys enable row level security;
alter table purser.idempotency_keys force row level security;
create policy queue on purser.idempotency_keys for all to purser_queue using true;
create policy tenant on purser.idempotency_keys for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant delete, insert, select, update on purser.idempotency_keys to purser_app;
grant select (merchant_id, mode, created_at) on purser.idempotency_keys to purser_queue;

create table purser.invoices (
  merchant_id text not null,
  mode text not null,
  id text not null,
  currency character(3) not null,
  amount bigint not null,
  amount_allocated bigint default 0 not null,
  amount_allocated_refunded bigint default 0 not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint invoice_allocated_within_due CHECK (((amount_allocated >= 0) AND (amount_allocated <= amount))),
  constraint invoice_refunded_within_allocated CHECK (((amount_allocated_refunded >= 0) AND (amount_allocated_refunded <= amount_allocated))),
  constraint invoices_amount_check CHECK (((amount > 0) AND (amount <= '10000000000000'::bigint))),
  constraint invoices_currency_fkey FOREIGN KEY (currency) REFERENCES purser.currencies(code),
  constraint invoices_id_check CHECK (((length(id) >= 1) AND (length(id) <= 64))),
  constraint invoices_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint invoices_merchant_id_mode_id_currency_key UNIQUE (merchant_id, mode, id, currency),
  constraint invoices_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint invoices_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE CONSTRAINT TRIGGER invoices_balance AFTER UPDATE ON purser.invoices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purser.balance_allocations();
alter table purser.invoices owner to purser_owner;
alter table purser.invoices enable row level security;
alter table purser.invoices force row level security;
create policy tenant on purser.invoices for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.invoices to purser_app;
grant update (amount_allocated, amount_allocated_refunded, version, updated_at) on purser.invoices to purser_app;

create table purser.mandate_executions (
  merchant_id text not null,
  mode text not null,
  id text not null,
  mandate_id text not null,
  order_id text not null,
  payment_id text not null,
  kind text not null,
  period text,
  try smallint not null,
  debit_day date not null,
  currency character(3) not null,
  amount bigint not null,
  status text not null,
  version integer default 1 not null,
  notice_id text,
  additional_factor boolean default false not null,
  reason text,
  deadline_at timestamp with time zone not null,
  started_at timestamp with time zone,
  sent_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  retries_left smallint default 0 not null,
  retry_at timestamp with time zone,
  constraint mandate_executions_amount_check CHECK ((amount > 0)),
  constraint mandate_executions_kind_check CHECK ((kind = ANY (ARRAY['registration'::text, 'charge'::text]))),
  constraint mandate_executions_merchant_id_mode_mandate_id_currency_fkey FOREIGN KEY (merchant_id, mode, mandate_id, currency) REFERENCES purser.mandates(merchant_id, mode, id, currency),
  constraint mandate_executions_merchant_id_mode_notice_id_fkey FOREIGN KEY (merchant_id, mode, notice_id) REFERENCES purser.pre_debit_notices(merchant_id, mode, id),
  constraint mandate_executions_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint mandate_executions_merchant_id_mode_payment_id_key UNIQUE (merchant_id, mode, payment_id),
  constraint mandate_executions_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint mandate_executions_retries_left_check CHECK (((retries_left >= 0) AND (retries_left <= 3))),
  constraint mandate_executions_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'open'::text, 'unknown'::text, 'captured'::text, 'declined'::text, 'failed'::text, 'canceled'::text, 'surplus'::text]))),
  constraint mandate_executions_try_check CHECK (((try >= 1) AND (try <= 4))),
  constraint only_declines_are_tried_again CHECK (((retry_at IS NULL) OR (status = 'declined'::text))),
  constraint started_unless_it_waited CHECK (((status = ANY (ARRAY['waiting'::text, 'canceled'::text])) = (started_at IS NULL)))
);
CREATE INDEX mandate_executions_by_mandate ON purser.mandate_executions USING btree (merchant_id, mode, mandate_id, id DESC);
CREATE INDEX mandate_executions_by_notice ON purser.mandate_executions USING btree (merchant_id, mode, notice_id) WHERE (notice_id IS NOT NULL);
CREATE UNIQUE INDEX mandate_executions_one_per_period ON purser.mandate_executions USING btree (merchant_id, mode, mandate_id, period) WHERE ((period IS NOT NULL) AND (status = ANY (ARRAY['waiting'::text, 'open'::text, 'unknown'::text, 'captured'::text])));
CREATE INDEX mandate_executions_to_retry ON purser.mandate_executions USING btree (retry_at) WHERE (retry_at IS NOT NULL);
CREATE TRIGGER mandate_executions_guard BEFORE INSERT OR UPDATE ON purser.mandate_executions FOR EACH ROW EXECUTE FUNCTION purser.guard_mandate_execution();
CREATE TRIGGER mandate_executions_transition BEFORE UPDATE ON purser.mandate_executions FOR EACH ROW EXECUTE FUNCTION purser.check_transition('mandate_execution');
alter table purser.mandate_executions owner to purser_owner;
alter table purser.mandate_executions enable row level security;
alter table purser.mandate_executions force row level security;
create policy queue on purser.mandate_executions for select to purser_queue using true;
create policy tenant on purser.mandate_executions for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.mandate_executions to purser_app;
grant update (status, version, additional_factor, reason, started_at, sent_at, updated_at, retry_at) on purser.mandate_executions to purser_app;
grant select (merchant_id, mode, id, retry_at) on purser.mandate_executions to purser_queue;

create table purser.mandate_transitions (
  merchant_id text not null,
  mode text not null,
  mandate_id text not null,
  version integer not null,
  from_status text,
  to_status text not null,
  event text not null,
  cause text not null,
  actor text not null,
  request_id text,
  details jsonb default '{}'::jsonb not null,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default now() not null,
  constraint mandate_transitions_merchant_id_mode_mandate_id_fkey FOREIGN KEY (merchant_id, mode, mandate_id) REFERENCES purser.mandates(merchant_id, mode, id),
  constraint mandate_transitions_pkey PRIMARY KEY (merchant_id, mode, mandate_id, version)
);
CREATE TRIGGER mandate_transitions_append_only BEFORE DELETE OR UPDATE ON purser.mandate_transitions FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.mandate_transitions owner to purser_owner;
alter table purser.mandate_transitions enable row level security;
alter table purser.mandate_transitions force row level security;
create policy tenant on purser.mandate_transitions for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.mandate_transitions to purser_app;

create table purser.mandates (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  customer_id text,
  requirement text not null,
  payment_id text,
  gateway_account_id text,
  method text,
  gateway_mandate_id text,
  gateway_sequence bigint,
  status text not null,
  version integer default 1 not null,
  currency character(3) not null,
  max_amount bigint not null,
  amount_rule text not null,
  frequency text not null,
  day_rule text,
  day_of_period smallint,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  revocable_by_customer boolean not null,
  block_funds boolean not null,
  registration_uses_period boolean not null,
  pending_change text,
  pause_starts_at timestamp with time zone,
  pause_ends_at timestamp with time zone,
  failure_reason text,
  due_at timestamp with time zone,
  activated_at timestamp with time zone,
  last_activated_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  token text default replace((gen_random_uuid())::text, '-'::text, ''::text) not null,
  resume_at timestamp with time zone,
  pause_from timestamp with time zone,
  constraint active_is_known_to_a_gateway CHECK (((status <> ALL (ARRAY['active'::text, 'paused'::text])) OR ((activated_at IS NOT NULL) AND (gateway_mandate_id IS NOT NULL) AND (payment_id IS NOT NULL)))),
  constraint day_rule_has_day CHECK (((day_rule IS NULL) = (day_of_period IS NULL))),
  constraint days_need_a_period CHECK (((day_rule IS NULL) OR (frequency <> ALL (ARRAY['one_time'::text, 'daily'::text, 'as_presented'::text])))),
  constraint ends_after_it_starts CHECK ((ends_at > starts_at)),
  constraint funds_are_blocked_once CHECK (((NOT block_funds) OR (frequency = 'one_time'::text))),
  constraint mandates_amount_rule_check CHECK ((amount_rule = ANY (ARRAY['fixed'::text, 'variable'::text]))),
  constraint mandates_day_of_period_check CHECK (((day_of_period >= 1) AND (day_of_period <= 31))),
  constraint mandates_day_rule_check CHECK ((day_rule = ANY (ARRAY['on'::text, 'before'::text, 'after'::text]))),
  constraint mandates_frequency_check CHECK ((frequency = ANY (ARRAY['one_time'::text, 'daily'::text, 'weekly'::text, 'fortnightly'::text, 'monthly'::text, 'bimonthly'::text, 'quarterly'::text, 'half_yearly'::text, 'yearly'::text, 'as_presented'::text]))),
  constraint mandates_max_amount_check CHECK (((max_amount > 0) AND (max_amount <= '10000000000000'::bigint))),
  constraint mandates_merchant_id_mode_customer_id_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint mandates_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint mandates_merchant_id_mode_id_currency_key UNIQUE (merchant_id, mode, id, currency),
  constraint mandates_merchant_id_mode_order_id_currency_fkey FOREIGN KEY (merchant_id, mode, order_id, currency) REFERENCES purser.orders(merchant_id, mode, id, currency),
  constraint mandates_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint mandates_pending_change_check CHECK ((pending_change = ANY (ARRAY['pause'::text, 'resume'::text, 'revoke'::text]))),
  constraint mandates_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint mandates_requirement_check CHECK ((requirement = ANY (ARRAY['required'::text, 'optional'::text]))),
  constraint mandates_status_check CHECK ((status = ANY (ARRAY['created'::text, 'active'::text, 'paused'::text, 'revoked'::text, 'expired'::text, 'failed'::text]))),
  constraint one_charge_is_not_the_registration CHECK (((NOT registration_uses_period) OR (frequency <> 'one_time'::text))),
  constraint pause_waits_while_active CHECK (((pause_from IS NULL) OR (status = 'active'::text))),
  constraint resumption_waits_while_paused CHECK (((resume_at IS NULL) OR (status = 'paused'::text))),
  constraint revoked_has_a_time CHECK (((status = 'revoked'::text) = (revoked_at IS NOT NULL)))
);
CREATE INDEX mandates_by_customer ON purser.mandates USING btree (merchant_id, mode, customer_id, id DESC) WHERE (customer_id IS NOT NULL);
CREATE UNIQUE INDEX mandates_by_gateway_id ON purser.mandates USING btree (merchant_id, mode, gateway_account_id, gateway_mandate_id) WHERE (gateway_mandate_id IS NOT NULL);
CREATE UNIQUE INDEX mandates_by_token ON purser.mandates USING btree (merchant_id, mode, token);
CREATE INDEX mandates_due ON purser.mandates USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE UNIQUE INDEX mandates_one_per_order ON purser.mandates USING btree (merchant_id, mode, order_id);
CREATE TRIGGER mandates_transition BEFORE UPDATE ON purser.mandates FOR EACH ROW EXECUTE FUNCTION purser.check_transition('mandate');
alter table purser.mandates owner to purser_owner;
alter table purser.mandates enable row level security;
alter table purser.mandates force row level security;
create policy queue on purser.mandates for select to purser_queue using true;
create policy tenant on purser.mandates for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.mandates to purser_app;
grant update (payment_id, gateway_account_id, method, gateway_mandate_id, gateway_sequence, status, version, pending_change, pause_starts_at, pause_ends_at, failure_reason, due_at, activated_at, last_activated_at, revoked_at, updated_at, resume_at, pause_from) on purser.mandates to purser_app;
grant select (merchant_id, mode, id, due_at) on purser.mandates to purser_queue;

create table purser.merchant_keys (
  merchant_id text not null,
  mode text not null,
  id text not null,
  public_key text not null,
  own_public_key text not null,
  own_private_key_sealed bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint merchant_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint merchant_keys_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint merchant_keys_pkey PRIMARY KEY (merchant_id, mode, id)
);
CREATE UNIQUE INDEX merchant_keys_by_id ON purser.merchant_keys USING btree (id);
alter table purser.merchant_keys owner to purser_owner;
alter table purser.merchant_keys enable row level security;
alter table purser.merchant_keys force row level security;
create policy lookup on purser.merchant_keys for select to purser_queue using true;
create policy tenant on purser.merchant_keys for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.merchant_keys to purser_app;
grant select (merchant_id, mode, id, retired_at) on purser.merchant_keys to purser_queue;

create table purser.merchants (
  id text not null,
  name text not null,
  clock_offset interval default '00:00:00'::interval not null,
  zone text default 'Asia/Kolkata'::text not null,
  financial_year_start_month smallint default 4 not null,
  data_key bytea not null,
  created_at timestamp with time zone default now() not null,
  page_origins text[] default '{}'::text[] not null,
  page_logo text,
  page_color text,
  cash_on_delivery_max bigint,
  cash_on_delivery_currency character(3),
  constraint cash_with_currency CHECK (((cash_on_delivery_max IS NULL) = (cash_on_delivery_currency IS NULL))),
  constraint merchants_cash_on_delivery_currency_fkey FOREIGN KEY (cash_on_delivery_currency) REFERENCES purser.currencies(code),
  constraint merchants_cash_on_delivery_max_check CHECK (((cash_on_delivery_max > 0) AND (cash_on_delivery_max <= '10000000000000'::bigint))),
  constraint merchants_clock_offset_check CHECK (((clock_offset >= '00:00:00'::interval) AND (clock_offset <= '10 years'::interval))),
  constraint merchants_financial_year_start_month_check CHECK (((financial_year_start_month >= 1) AND (financial_year_start_month <= 12))),
  constraint merchants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint merchants_page_color_check CHECK ((page_color ~ '^#[0-9a-f]{6}$'::text)),
  constraint merchants_page_logo_check CHECK (((page_logo ~ '^data:image/(png|jpeg|webp);base64,'::text) AND (length(page_logo) <= 16384))),
  constraint merchants_page_origins_check CHECK (((cardinality(page_origins) <= 20) AND (array_to_string(page_origins, ' '::text) ~ '^(https?://[a-z0-9.:\[\]-]+( https?://[a-z0-9.:\[\]-]+)*)?$'::text))),
  constraint merchants_pkey PRIMARY KEY (id)
);
alter table purser.merchants owner to purser_owner;
alter table purser.merchants enable row level security;
alter table purser.merchants force row level security;
create policy queue on purser.merchants for select to purser_queue using true;
create policy tenant on purser.merchants for all to purser_app using (id = NULLIF(current_setting('app.merchant'::text, true), ''::text));
grant insert, select, update on purser.merchants to purser_app;
grant select (id, clock_offset) on purser.merchants to purser_queue;

create table purser.notifications (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  gateway_event_id text not null,
  headers jsonb not null,
  body bytea not null,
  status text not null,
  received_at timestamp with time zone default now() not null,
  applied_at timestamp with time zone,
  due_at timestamp with time zone,
  tries integer default 0 not null,
  leased_until timestamp with time zone,
  lease_token text,
  constraint notifications_merchant_id_mode_gateway_account_id_gateway_e_key UNIQUE (merchant_id, mode, gateway_account_id, gateway_event_id),
  constraint notifications_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint notifications_status_check CHECK ((status = ANY (ARRAY['received'::text, 'applied'::text, 'parked'::text, 'conflict'::text, 'unreadable'::text]))),
  constraint waiting_is_due CHECK (((due_at IS NOT NULL) = (status = ANY (ARRAY['received'::text, 'parked'::text]))))
);
CREATE INDEX notifications_due ON purser.notifications USING btree (due_at) WHERE (due_at IS NOT NULL);
alter table purser.notifications owner to purser_owner;
alter table purser.notifications enable row level security;
alter table purser.notifications force row level security;
create policy queue on purser.notifications for all to purser_queue using true;
create policy tenant on purser.notifications for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.notifications to purser_app;
grant select (merchant_id, mode, id, due_at, tries, leased_until, lease_token) on purser.notifications to purser_queue;
grant update (tries, leased_until, lease_token) on purser.notifications to purser_queue;

create table purser.offline_payments (
  merchant_id text not null,
  mode text not null,
  payment_id text not null,
  currency character(3) not null,
  method text not null,
  status text not null,
  version integer default 1 not null,
  customer_id text,
  bank text,
  cheque_number text,
  cheque_date date,
  utr text,
  received_at timestamp with time zone not null,
  received_by text,
  note text default ''::text not null,
  recorded_by text not null,
  cleared_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_by text,
  ended_reason text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint cheque_is_named CHECK ((((method = 'cheque'::text) = (cheque_number IS NOT NULL)) AND ((method = 'cheque'::text) = (cheque_date IS NOT NULL)) AND ((method <> 'cheque'::text) OR (bank IS NOT NULL)))),
  constraint cleared_has_a_time CHECK (((status <> 'cleared'::text) OR (cleared_at IS NOT NULL))),
  constraint ended_is_explained CHECK ((((status = ANY (ARRAY['bounced'::text, 'reversed'::text])) = (ended_at IS NOT NULL)) AND ((ended_at IS NULL) = (ended_by IS NULL)) AND ((ended_at IS NULL) = (ended_reason IS NULL)))),
  constraint offline_payments_bank_check CHECK (((length(bank) >= 1) AND (length(bank) <= 100))),
  constraint offline_payments_cheque_number_check CHECK ((cheque_number ~ '^[0-9]{1,12}$'::text)),
  constraint offline_payments_ended_reason_check CHECK (((length(ended_reason) >= 1) AND (length(ended_reason) <= 500))),
  constraint offline_payments_merchant_id_mode_customer_id_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint offline_payments_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint offline_payments_method_check CHECK ((method = ANY (ARRAY['cash'::text, 'cheque'::text, 'bank_transfer'::text]))),
  constraint offline_payments_pkey PRIMARY KEY (merchant_id, mode, payment_id),
  constraint offline_payments_status_check CHECK ((status = ANY (ARRAY['recorded'::text, 'cleared'::text, 'bounced'::text, 'reversed'::text]))),
  constraint offline_payments_utr_check CHECK ((utr ~ '^[A-Za-z0-9]{6,35}$'::text)),
  constraint only_cheques_wait_and_bounce CHECK (((method = 'cheque'::text) OR (status <> ALL (ARRAY['recorded'::text, 'bounced'::text])))),
  constraint transfer_is_named CHECK (((method = 'bank_transfer'::text) = (utr IS NOT NULL)))
);
CREATE INDEX offline_payments_by_customer ON purser.offline_payments USING btree (merchant_id, mode, customer_id, payment_id DESC) WHERE (customer_id IS NOT NULL);
CREATE INDEX offline_payments_by_time ON purser.offline_payments USING btree (merchant_id, mode, payment_id DESC);
CREATE UNIQUE INDEX offline_payments_one_per_cheque ON purser.offline_payments USING btree (merchant_id, mode, lower(bank), ltrim(cheque_number, '0'::text)) WHERE ((method = 'cheque'::text) AND (status = ANY (ARRAY['recorded'::text, 'cleared'::text])));
CREATE UNIQUE INDEX offline_payments_one_per_transfer ON purser.offline_payments USING btree (merchant_id, mode, upper(utr)) WHERE ((method = 'bank_transfer'::text) AND (status = ANY (ARRAY['recorded'::text, 'cleared'::text])));
CREATE CONSTRAINT TRIGGER offline_payments_balance AFTER INSERT OR UPDATE ON purser.offline_payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purser.balance_allocations();
CREATE TRIGGER offline_payments_transition BEFORE UPDATE ON purser.offline_payments FOR EACH ROW EXECUTE FUNCTION purser.check_transition('offline_payment');
alter table purser.offline_payments owner to purser_owner;
alter table purser.offline_payments enable row level security;
alter table purser.offline_payments force row level security;
create policy tenant on purser.offline_payments for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.offline_payments to purser_app;
grant update (status, version, cleared_at, ended_at, ended_by, ended_reason, updated_at) on purser.offline_payments to purser_app;

create table purser.operations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  refund_id text,
  kind text not null,
  status text not null,
  amount bigint not null,
  final boolean default true not null,
  target_total bigint,
  to_send boolean default false not null,
  reason text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  due_at timestamp with time zone,
  asked integer default 0 not null,
  leased_until timestamp with time zone,
  lease_token text,
  escalated_at timestamp with time zone,
  constraint capture_has_target CHECK (((kind = 'capture'::text) = (target_total IS NOT NULL))),
  constraint ended_iff_settled CHECK (((ended_at IS NULL) = (status = ANY (ARRAY['pending'::text, 'unknown'::text])))),
  constraint open_is_due CHECK (((due_at IS NULL) = (ended_at IS NOT NULL))),
  constraint operations_amount_check CHECK ((amount > 0)),
  constraint operations_kind_check CHECK ((kind = ANY (ARRAY['authorize'::text, 'capture'::text, 'void'::text, 'refund'::text, 'question'::text]))),
  constraint operations_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint operations_merchant_id_mode_refund_id_fkey FOREIGN KEY (merchant_id, mode, refund_id) REFERENCES purser.refunds(merchant_id, mode, id),
  constraint operations_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint operations_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'declined'::text, 'failed'::text, 'unknown'::text]))),
  constraint refund_names_refund CHECK (((kind = 'refund'::text) = (refund_id IS NOT NULL)))
);
CREATE INDEX operations_by_payment ON purser.operations USING btree (merchant_id, mode, payment_id);
CREATE INDEX operations_due ON purser.operations USING btree (due_at) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX operations_one_open ON purser.operations USING btree (merchant_id, mode, payment_id, kind) WHERE ((ended_at IS NULL) AND (refund_id IS NULL));
CREATE UNIQUE INDEX operations_one_open_refund ON purser.operations USING btree (merchant_id, mode, refund_id) WHERE ((ended_at IS NULL) AND (refund_id IS NOT NULL));
alter table purser.operations owner to purser_owner;
alter table purser.operations enable row level security;
alter table purser.operations force row level security;
create policy queue on purser.operations for all to purser_queue using true;
create policy tenant on purser.operations for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.operations to purser_app;
grant select (merchant_id, mode, id, ended_at, due_at, asked, leased_until, lease_token) on purser.operations to purser_queue;
grant update (leased_until, lease_token) on purser.operations to purser_queue;

create table purser.orders (
  merchant_id text not null,
  mode text not null,
  id text not null,
  reference text not null,
  amount bigint not null,
  currency character(3) not null,
  description text default ''::text not null,
  customer_id text,
  payer jsonb default '{}'::jsonb not null,
  metadata jsonb default '{}'::jsonb not null,
  return_url text,
  capture text not null,
  late_success text default 'accept'::text not null,
  status text not null,
  paid_late boolean default false not null,
  amount_captured bigint default 0 not null,
  amount_refunded bigint default 0 not null,
  terms_version integer default 1 not null,
  version integer default 1 not null,
  expires_at timestamp with time zone,
  expiry_due_at timestamp with time zone,
  expired_at timestamp with time zone,
  canceled_at timestamp with time zone,
  paid_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  mandate_id text,
  amount_allocated bigint default 0 not null,
  amount_allocated_refunded bigint default 0 not null,
  constraint allocated_refunded_within_allocated CHECK (((amount_allocated_refunded >= 0) AND (amount_allocated_refunded <= amount_allocated))),
  constraint allocated_within_due CHECK (((amount_allocated >= 0) AND (amount_allocated <= amount))),
  constraint orders_amount_captured_check CHECK ((amount_captured >= 0)),
  constraint orders_amount_check CHECK (((amount > 0) AND (amount <= '10000000000000'::bigint))),
  constraint orders_amount_refunded_check CHECK ((amount_refunded >= 0)),
  constraint orders_capture_check CHECK ((capture = ANY (ARRAY['automatic'::text, 'manual'::text]))),
  constraint orders_currency_fkey FOREIGN KEY (currency) REFERENCES purser.currencies(code),
  constraint orders_late_success_check CHECK ((late_success = ANY (ARRAY['accept'::text, 'refund'::text]))),
  constraint orders_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint orders_merchant_id_mode_customer_id_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint orders_merchant_id_mode_id_currency_key UNIQUE (merchant_id, mode, id, currency),
  constraint orders_merchant_id_mode_mandate_id_fkey FOREIGN KEY (merchant_id, mode, mandate_id) REFERENCES purser.mandates(merchant_id, mode, id) DEFERRABLE INITIALLY DEFERRED,
  constraint orders_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint orders_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint orders_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 64))),
  constraint orders_status_check CHECK ((status = ANY (ARRAY['open'::text, 'awaiting_collection'::text, 'processing'::text, 'authorized'::text, 'partially_paid'::text, 'paid'::text, 'expired'::text, 'canceled'::text])))
);
CREATE INDEX orders_by_id ON purser.orders USING btree (id);
CREATE UNIQUE INDEX orders_by_reference ON purser.orders USING btree (merchant_id, mode, lower(reference));
CREATE INDEX orders_due_to_expire ON purser.orders USING btree (expiry_due_at) WHERE (expiry_due_at IS NOT NULL);
CREATE CONSTRAINT TRIGGER orders_balance AFTER UPDATE ON purser.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.amount_allocated <> new.amount_allocated) OR (old.amount_allocated_refunded <> new.amount_allocated_refunded))) EXECUTE FUNCTION purser.balance_allocations();
alter table purser.orders owner to purser_owner;
alter table purser.orders enable row level security;
alter table purser.orders force row level security;
create policy queue on purser.orders for all to purser_queue using true;
create policy tenant on purser.orders for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.orders to purser_app;
grant select (merchant_id, mode, id, expiry_due_at) on purser.orders to purser_queue;

create table purser.payment_transitions (
  merchant_id text not null,
  mode text not null,
  payment_id text not null,
  version integer not null,
  from_status text,
  to_status text not null,
  event text not null,
  cause text not null,
  actor text not null,
  request_id text,
  details jsonb default '{}'::jsonb not null,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default now() not null,
  constraint payment_transitions_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint payment_transitions_pkey PRIMARY KEY (merchant_id, mode, payment_id, version)
);
CREATE TRIGGER payment_transitions_append_only BEFORE DELETE OR UPDATE ON purser.payment_transitions FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.payment_transitions owner to purser_owner;
alter table purser.payment_transitions enable row level security;
alter table purser.payment_transitions force row level security;
create policy tenant on purser.payment_transitions for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.payment_transitions to purser_app;

create table purser.payments (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text,
  session_id text,
  gateway_account_id text,
  origin text not null,
  reference text not null,
  gateway_payment_id text,
  status text not null,
  version integer default 1 not null,
  currency character(3) not null,
  amount bigint not null,
  amount_authorized bigint default 0 not null,
  amount_captured bigint default 0 not null,
  capture_final boolean default false not null,
  amount_refunded bigint default 0 not null,
  amount_refund_pending bigint default 0 not null,
  amount_disputed bigint default 0 not null,
  capture text not null,
  method text not null,
  instrument jsonb default '{}'::jsonb not null,
  facts jsonb default '{}'::jsonb not null,
  action jsonb,
  decline_stage text,
  decline_code text,
  decline_gateway_code text,
  failure_reason text,
  duplicate boolean default false not null,
  late boolean default false not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  captured_at timestamp with time zone,
  mandate_id text,
  mandate_role text,
  person_outcome text,
  amount_allocated bigint default 0 not null,
  amount_reversed bigint default 0 not null,
  constraint authorized_within_amount CHECK ((amount_authorized <= amount)),
  constraint captured_has_money CHECK (((amount_captured > 0) = (status = 'captured'::text))),
  constraint captured_within_authorized CHECK (((amount_captured >= 0) AND (amount_captured <= amount_authorized))),
  constraint decline_has_reason CHECK (((status <> 'declined'::text) OR (decline_code IS NOT NULL))),
  constraint gateway_made_has_gateway CHECK (((origin = 'ours'::text) OR (gateway_account_id IS NOT NULL))),
  constraint mandate_has_role CHECK (((mandate_id IS NULL) = (mandate_role IS NULL))),
  constraint only_cash_has_no_gateway CHECK (((gateway_account_id IS NULL) = (method = ANY (ARRAY['cash_on_delivery'::text, 'cash'::text, 'cheque'::text, 'bank_transfer'::text])))),
  constraint only_offline_has_no_order CHECK (((order_id IS NULL) = (method = ANY (ARRAY['cash'::text, 'cheque'::text, 'bank_transfer'::text])))),
  constraint payments_amount_check CHECK (((amount > 0) AND (amount <= '10000000000000'::bigint))),
  constraint payments_capture_check CHECK ((capture = ANY (ARRAY['automatic'::text, 'manual'::text]))),
  constraint payments_decline_stage_check CHECK ((decline_stage = ANY (ARRAY['authentication'::text, 'authorization'::text, 'risk'::text]))),
  constraint payments_mandate_role_check CHECK ((mandate_role = ANY (ARRAY['registration'::text, 'charge'::text]))),
  constraint payments_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint payments_merchant_id_mode_id_currency_key UNIQUE (merchant_id, mode, id, currency),
  constraint payments_merchant_id_mode_mandate_id_fkey FOREIGN KEY (merchant_id, mode, mandate_id) REFERENCES purser.mandates(merchant_id, mode, id),
  constraint payments_merchant_id_mode_order_id_currency_fkey FOREIGN KEY (merchant_id, mode, order_id, currency) REFERENCES purser.orders(merchant_id, mode, id, currency),
  constraint payments_merchant_id_mode_reference_key UNIQUE (merchant_id, mode, reference),
  constraint payments_merchant_id_mode_session_id_fkey FOREIGN KEY (merchant_id, mode, session_id) REFERENCES purser.sessions(merchant_id, mode, id),
  constraint payments_method_check CHECK (((method = ANY (ARRAY['upi'::text, 'card'::text, 'netbanking'::text, 'wallet'::text, 'cash_on_delivery'::text, 'cash'::text, 'cheque'::text, 'bank_transfer'::text])) OR (method = 'gateway_page'::text))),
  constraint payments_origin_check CHECK ((origin = ANY (ARRAY['ours'::text, 'gateway'::text]))),
  constraint payments_person_outcome_check CHECK ((person_outcome = ANY (ARRAY['captured'::text, 'authorized'::text, 'voided'::text, 'declined'::text, 'failed'::text]))),
  constraint payments_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint payments_status_check CHECK ((status = ANY (ARRAY['created'::text, 'requires_action'::text, 'processing'::text, 'unknown'::text, 'failed'::text, 'expired'::text, 'canceled'::text, 'declined'::text, 'authorized'::text, 'voided'::text, 'captured'::text]))),
  constraint refunds_within_captured CHECK (((amount_refunded >= 0) AND (amount_refund_pending >= 0) AND (amount_disputed >= 0) AND (((amount_refunded + amount_refund_pending) + amount_disputed) <= amount_captured))),
  constraint reversed_whole_and_alone CHECK (((amount_reversed = 0) OR ((amount_reversed = amount_captured) AND (order_id IS NULL) AND ((((amount_refunded + amount_refund_pending) + amount_disputed) + amount_allocated) = 0)))),
  constraint what_is_allocated_was_received CHECK (((amount_allocated >= 0) AND (((amount_allocated + amount_refunded) + amount_reversed) <= amount_captured)))
);
CREATE UNIQUE INDEX payments_by_gateway_id ON purser.payments USING btree (merchant_id, mode, gateway_account_id, gateway_payment_id) WHERE (gateway_payment_id IS NOT NULL);
CREATE INDEX payments_by_last_four ON purser.payments USING btree (merchant_id, mode, ((facts ->> 'lastFour'::text))) WHERE (facts ? 'lastFour'::text);
CREATE INDEX payments_by_order ON purser.payments USING btree (merchant_id, mode, order_id);
CREATE INDEX payments_by_rrn ON purser.payments USING btree (merchant_id, mode, ((facts ->> 'rrn'::text))) WHERE (facts ? 'rrn'::text);
CREATE INDEX payments_by_status ON purser.payments USING btree (merchant_id, mode, status, id DESC);
CREATE INDEX payments_by_time ON purser.payments USING btree (merchant_id, mode, id DESC);
CREATE INDEX payments_by_vpa ON purser.payments USING btree (merchant_id, mode, ((facts ->> 'vpa'::text))) WHERE (facts ? 'vpa'::text);
CREATE UNIQUE INDEX payments_one_alive ON purser.payments USING btree (merchant_id, mode, order_id) WHERE ((origin = 'ours'::text) AND (status = ANY (ARRAY['created'::text, 'requires_action'::text, 'processing'::text, 'unknown'::text, 'authorized'::text])) AND (NOT duplicate));
CREATE TRIGGER payments_amount_fixed BEFORE UPDATE OF merchant_id, mode, id, currency, amount ON purser.payments FOR EACH ROW WHEN ((((((old.merchant_id IS DISTINCT FROM new.merchant_id) OR (old.mode IS DISTINCT FROM new.mode)) OR (old.id IS DISTINCT FROM new.id)) OR (old.currency IS DISTINCT FROM new.currency)) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION purser.refuse_rewriting('amount');
CREATE CONSTRAINT TRIGGER payments_balance AFTER UPDATE ON purser.payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.amount_allocated <> new.amount_allocated) OR (old.amount_reversed <> new.amount_reversed))) EXECUTE FUNCTION purser.balance_allocations();
CREATE CONSTRAINT TRIGGER payments_born_whole AFTER INSERT ON purser.payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.amount_refunded <> 0) OR (new.amount_refund_pending <> 0) OR (new.amount_disputed <> 0))) EXECUTE FUNCTION purser.balance_refunds();
CREATE CONSTRAINT TRIGGER payments_offline AFTER INSERT ON purser.payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.order_id IS NULL)) EXECUTE FUNCTION purser.balance_allocations();
CREATE CONSTRAINT TRIGGER payments_refund_balance AFTER UPDATE ON purser.payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.amount_refunded <> new.amount_refunded) OR (old.amount_refund_pending <> new.amount_refund_pending) OR (old.amount_disputed <> new.amount_disputed))) EXECUTE FUNCTION purser.balance_refunds();
CREATE TRIGGER payments_transition BEFORE UPDATE ON purser.payments FOR EACH ROW EXECUTE FUNCTION purser.check_transition('payment');
alter table purser.payments owner to purser_owner;
alter table purser.payments enable row level security;
alter table purser.payments force row level security;
create policy tenant on purser.payments for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.payments to purser_app;

create table purser.postings (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  refund_id text,
  debit text not null,
  credit text not null,
  amount bigint not null,
  currency character(3) not null,
  reason text not null,
  payment_version integer not null,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone default now() not null,
  settlement_line_id text,
  dispute_id text,
  constraint dispute_names_its_dispute CHECK (((reason ~~ '%dispute%'::text) = (dispute_id IS NOT NULL))),
  constraint postings_amount_check CHECK ((amount > 0)),
  constraint postings_check CHECK ((debit <> credit)),
  constraint postings_merchant_id_mode_dispute_id_fkey FOREIGN KEY (merchant_id, mode, dispute_id) REFERENCES purser.disputes(merchant_id, mode, id),
  constraint postings_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint postings_merchant_id_mode_settlement_line_id_fkey FOREIGN KEY (merchant_id, mode, settlement_line_id) REFERENCES purser.settlement_lines(merchant_id, mode, id),
  constraint postings_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint settlement_names_its_line CHECK (((reason ~~ 'settlement%'::text) = (settlement_line_id IS NOT NULL)))
);
CREATE INDEX postings_by_credit ON purser.postings USING btree (merchant_id, mode, credit, currency) INCLUDE (amount);
CREATE INDEX postings_by_debit ON purser.postings USING btree (merchant_id, mode, debit, currency) INCLUDE (amount);
CREATE INDEX postings_by_dispute ON purser.postings USING btree (merchant_id, mode, dispute_id) WHERE (dispute_id IS NOT NULL);
CREATE INDEX postings_by_payment ON purser.postings USING btree (merchant_id, mode, payment_id);
CREATE INDEX postings_by_settlement_line ON purser.postings USING btree (merchant_id, mode, settlement_line_id) WHERE (settlement_line_id IS NOT NULL);
CREATE TRIGGER postings_append_only BEFORE DELETE OR UPDATE ON purser.postings FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.postings owner to purser_owner;
alter table purser.postings enable row level security;
alter table purser.postings force row level security;
create policy tenant on purser.postings for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.postings to purser_app;

create table purser.pre_debit_notices (
  merchant_id text not null,
  mode text not null,
  id text not null,
  mandate_id text not null,
  currency character(3) not null,
  amount bigint not null,
  debit_day date not null,
  description text not null,
  status text not null,
  version integer default 1 not null,
  gateway_notice_id text,
  failure_reason text,
  due_at timestamp with time zone,
  asked smallint default 0 not null,
  succeeded_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  reference text,
  metadata jsonb default '{}'::jsonb not null,
  constraint open_notice_is_due CHECK (((due_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'unknown'::text])))),
  constraint pre_debit_notices_amount_check CHECK ((amount > 0)),
  constraint pre_debit_notices_merchant_id_mode_mandate_id_currency_fkey FOREIGN KEY (merchant_id, mode, mandate_id, currency) REFERENCES purser.mandates(merchant_id, mode, id, currency),
  constraint pre_debit_notices_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint pre_debit_notices_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'unknown'::text, 'succeeded'::text, 'failed'::text]))),
  constraint success_has_a_time CHECK (((status = 'succeeded'::text) = (succeeded_at IS NOT NULL)))
);
CREATE INDEX pre_debit_notices_by_day ON purser.pre_debit_notices USING btree (merchant_id, mode, mandate_id, debit_day);
CREATE INDEX pre_debit_notices_by_gateway_id ON purser.pre_debit_notices USING btree (merchant_id, mode, gateway_notice_id) WHERE (gateway_notice_id IS NOT NULL);
CREATE UNIQUE INDEX pre_debit_notices_by_reference ON purser.pre_debit_notices USING btree (merchant_id, mode, reference) WHERE (reference IS NOT NULL);
CREATE INDEX pre_debit_notices_due ON purser.pre_debit_notices USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE TRIGGER pre_debit_notices_transition BEFORE UPDATE ON purser.pre_debit_notices FOR EACH ROW EXECUTE FUNCTION purser.check_transition('pre_debit_notice');
alter table purser.pre_debit_notices owner to purser_owner;
alter table purser.pre_debit_notices enable row level security;
alter table purser.pre_debit_notices force row level security;
create policy queue on purser.pre_debit_notices for select to purser_queue using true;
create policy tenant on purser.pre_debit_notices for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.pre_debit_notices to purser_app;
grant update (status, version, gateway_notice_id, failure_reason, due_at, asked, succeeded_at, updated_at) on purser.pre_debit_notices to purser_app;
grant select (merchant_id, mode, id, due_at) on purser.pre_debit_notices to purser_queue;

create table purser.receipt_series (
  merchant_id text not null,
  mode text not null,
  kind text not null,
  financial_year text not null,
  last_number bigint not null,
  last_issued_at timestamp with time zone not null,
  constraint receipt_series_kind_check CHECK ((kind = ANY (ARRAY['receipt'::text, 'refund_voucher'::text]))),
  constraint receipt_series_last_number_check CHECK ((last_number >= 0)),
  constraint receipt_series_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint receipt_series_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint receipt_series_pkey PRIMARY KEY (merchant_id, mode, kind, financial_year)
);
alter table purser.receipt_series owner to purser_owner;
alter table purser.receipt_series enable row level security;
alter table purser.receipt_series force row level security;
create policy tenant on purser.receipt_series for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.receipt_series to purser_app;

create table purser.receipts (
  merchant_id text not null,
  mode text not null,
  id text not null,
  kind text not null,
  number text not null,
  payment_id text not null,
  refund_id text,
  snapshot jsonb not null,
  issued_at timestamp with time zone not null,
  constraint receipts_kind_check CHECK ((kind = ANY (ARRAY['receipt'::text, 'refund_voucher'::text]))),
  constraint receipts_merchant_id_mode_kind_number_key UNIQUE (merchant_id, mode, kind, number),
  constraint receipts_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint receipts_merchant_id_mode_refund_id_fkey FOREIGN KEY (merchant_id, mode, refund_id) REFERENCES purser.refunds(merchant_id, mode, id),
  constraint receipts_number_check CHECK ((number ~ '^[A-Za-z0-9/-]{1,16}$'::text)),
  constraint receipts_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint voucher_names_refund CHECK (((kind = 'refund_voucher'::text) = (refund_id IS NOT NULL)))
);
CREATE INDEX receipts_by_payment ON purser.receipts USING btree (merchant_id, mode, payment_id);
CREATE UNIQUE INDEX receipts_one_per_payment ON purser.receipts USING btree (merchant_id, mode, payment_id) WHERE (kind = 'receipt'::text);
CREATE UNIQUE INDEX receipts_one_per_refund ON purser.receipts USING btree (merchant_id, mode, refund_id) WHERE (kind = 'refund_voucher'::text);
CREATE TRIGGER receipts_append_only BEFORE DELETE OR UPDATE ON purser.receipts FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.receipts owner to purser_owner;
alter table purser.receipts enable row level security;
alter table purser.receipts force row level security;
create policy tenant on purser.receipts for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.receipts to purser_app;

create table purser.reconciliations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  trigger text not null,
  status text not null,
  files integer default 0 not null,
  lines integer default 0 not null,
  matched integer default 0 not null,
  breaks integer default 0 not null,
  reason text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint ended_iff_not_running CHECK (((ended_at IS NULL) = (status = 'running'::text))),
  constraint reconciliations_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint reconciliations_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint reconciliations_status_check CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text]))),
  constraint reconciliations_trigger_check CHECK ((trigger = ANY (ARRAY['request'::text, 'schedule'::text])))
);
alter table purser.reconciliations owner to purser_owner;
alter table purser.reconciliations enable row level security;
alter table purser.reconciliations force row level security;
create policy tenant on purser.reconciliations for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.reconciliations to purser_app;

create table purser.refund_approval_thresholds (
  merchant_id text not null,
  mode text not null,
  currency character(3) not null,
  amount bigint not null,
  updated_by text not null,
  updated_at timestamp with time zone not null,
  constraint refund_approval_thresholds_amount_check CHECK (((amount > 0) AND (amount <= '10000000000000'::bigint))),
  constraint refund_approval_thresholds_currency_fkey FOREIGN KEY (currency) REFERENCES purser.currencies(code),
  constraint refund_approval_thresholds_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint refund_approval_thresholds_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint refund_approval_thresholds_pkey PRIMARY KEY (merchant_id, mode, currency)
);
alter table purser.refund_approval_thresholds owner to purser_owner;
alter table purser.refund_approval_thresholds enable row level security;
alter table purser.refund_approval_thresholds force row level security;
create policy tenant on purser.refund_approval_thresholds for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant delete, insert, select, update on purser.refund_approval_thresholds to purser_app;

create table purser.refunds (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text,
  reference text not null,
  gateway_account_id text,
  gateway_refund_id text,
  status text not null,
  version integer default 1 not null,
  currency character(3) not null,
  amount bigint not null,
  reason text not null,
  note text default ''::text not null,
  gateway_code text,
  arn text,
  automatic boolean default false not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  requested_by text,
  needs_approval boolean default false not null,
  decided_by text,
  merchant_reference text,
  way text,
  way_reference text,
  given_at timestamp with time zone,
  given_by text,
  constraint refund_by_bank_is_named CHECK (((way IS NULL) OR (way = 'cash'::text) OR (way_reference IS NOT NULL))),
  constraint refund_by_gateway_or_by_hand CHECK ((((gateway_account_id IS NULL) = (way IS NOT NULL)) AND ((way IS NULL) = (given_at IS NULL)) AND ((way IS NULL) = (given_by IS NULL)))),
  constraint refund_decided_by_another CHECK (((decided_by IS NULL) OR (decided_by <> requested_by))),
  constraint refund_sent_once_approved CHECK (((NOT needs_approval) OR (decided_by IS NOT NULL) OR (status = ANY (ARRAY['awaiting_approval'::text, 'succeeded'::text])))),
  constraint refund_waits_only_for_approval CHECK ((needs_approval OR (status <> ALL (ARRAY['awaiting_approval'::text, 'rejected'::text])))),
  constraint refunds_amount_check CHECK ((amount > 0)),
  constraint refunds_given_by_check CHECK (((length(given_by) >= 1) AND (length(given_by) <= 100))),
  constraint refunds_merchant_id_mode_payment_id_currency_fkey FOREIGN KEY (merchant_id, mode, payment_id, currency) REFERENCES purser.payments(merchant_id, mode, id, currency),
  constraint refunds_merchant_id_mode_reference_key UNIQUE (merchant_id, mode, reference),
  constraint refunds_merchant_reference_check CHECK (((length(merchant_reference) >= 1) AND (length(merchant_reference) <= 64))),
  constraint refunds_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint refunds_status_check CHECK ((status = ANY (ARRAY['awaiting_approval'::text, 'rejected'::text, 'pending'::text, 'unknown'::text, 'review'::text, 'failed'::text, 'succeeded'::text]))),
  constraint refunds_way_check CHECK ((way = ANY (ARRAY['cash'::text, 'bank_transfer'::text, 'cheque'::text]))),
  constraint refunds_way_reference_check CHECK (((length(way_reference) >= 1) AND (length(way_reference) <= 64)))
);
CREATE UNIQUE INDEX refunds_by_gateway_id ON purser.refunds USING btree (merchant_id, mode, gateway_account_id, gateway_refund_id) WHERE (gateway_refund_id IS NOT NULL);
CREATE UNIQUE INDEX refunds_by_merchant_reference ON purser.refunds USING btree (merchant_id, mode, order_id, merchant_reference) WHERE (merchant_reference IS NOT NULL);
CREATE INDEX refunds_by_payment ON purser.refunds USING btree (merchant_id, mode, payment_id);
CREATE TRIGGER refunds_amount_fixed BEFORE UPDATE OF merchant_id, mode, id, payment_id, currency, amount ON purser.refunds FOR EACH ROW WHEN (((((((old.merchant_id IS DISTINCT FROM new.merchant_id) OR (old.mode IS DISTINCT FROM new.mode)) OR (old.id IS DISTINCT FROM new.id)) OR (old.payment_id IS DISTINCT FROM new.payment_id)) OR (old.currency IS DISTINCT FROM new.currency)) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION purser.refuse_rewriting('amount');
CREATE CONSTRAINT TRIGGER refunds_asked_balance AFTER INSERT ON purser.refunds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purser.balance_refunds();
CREATE CONSTRAINT TRIGGER refunds_balance AFTER UPDATE ON purser.refunds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION purser.balance_refunds();
CREATE CONSTRAINT TRIGGER refunds_of_cleared_money AFTER INSERT ON purser.refunds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.way IS NOT NULL)) EXECUTE FUNCTION purser.balance_allocations();
CREATE TRIGGER refunds_transition BEFORE UPDATE ON purser.refunds FOR EACH ROW EXECUTE FUNCTION purser.check_transition('refund');
alter table purser.refunds owner to purser_owner;
alter table purser.refunds enable row level security;
alter table purser.refunds force row level security;
create policy tenant on purser.refunds for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.refunds to purser_app;

create table purser.response_keys (
  merchant_id text not null,
  mode text not null,
  key_sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint response_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint response_keys_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint response_keys_pkey PRIMARY KEY (merchant_id, mode)
);
alter table purser.response_keys owner to purser_owner;
alter table purser.response_keys enable row level security;
alter table purser.response_keys force row level security;
create policy tenant on purser.response_keys for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.response_keys to purser_app;

create table purser.saved_methods (
  merchant_id text not null,
  mode text not null,
  id text not null,
  customer_id text not null,
  gateway_account_id text not null,
  gateway_method_id text,
  kind text not null,
  network text,
  funding text,
  issuer text,
  bin text,
  last_four text,
  expiry_month smallint,
  expiry_year smallint,
  vpa_masked text,
  wallet text,
  payment_id text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  constraint forgotten_when_deleted CHECK (((deleted_at IS NULL) = (gateway_method_id IS NOT NULL))),
  constraint saved_methods_bin_check CHECK ((bin ~ '^[0-9]{6,8}$'::text)),
  constraint saved_methods_expiry_month_check CHECK (((expiry_month >= 1) AND (expiry_month <= 12))),
  constraint saved_methods_expiry_year_check CHECK (((expiry_year >= 2000) AND (expiry_year <= 2199))),
  constraint saved_methods_gateway_method_id_check CHECK (((length(gateway_method_id) >= 1) AND (length(gateway_method_id) <= 200))),
  constraint saved_methods_kind_check CHECK ((kind = ANY (ARRAY['card'::text, 'upi'::text, 'wallet'::text]))),
  constraint saved_methods_last_four_check CHECK ((last_four ~ '^[0-9]{4}$'::text)),
  constraint saved_methods_merchant_id_mode_customer_id_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint saved_methods_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint saved_methods_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint saved_methods_merchant_id_mode_payment_id_key UNIQUE (merchant_id, mode, payment_id),
  constraint saved_methods_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint saved_methods_vpa_masked_check CHECK ((vpa_masked ~ '[•]'::text)),
  constraint shows_what_it_is CHECK ((((kind = 'card'::text) = (last_four IS NOT NULL)) AND ((kind = 'upi'::text) = (vpa_masked IS NOT NULL)) AND ((kind = 'wallet'::text) = (wallet IS NOT NULL)) AND ((kind = 'card'::text) OR ((bin IS NULL) AND (expiry_year IS NULL))) AND ((expiry_year IS NULL) = (expiry_month IS NULL))))
);
CREATE INDEX saved_methods_by_customer ON purser.saved_methods USING btree (merchant_id, mode, customer_id, last_used_at DESC) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX saved_methods_once ON purser.saved_methods USING btree (merchant_id, mode, customer_id, gateway_account_id, gateway_method_id) WHERE (deleted_at IS NULL);
alter table purser.saved_methods owner to purser_owner;
alter table purser.saved_methods enable row level security;
alter table purser.saved_methods force row level security;
create policy tenant on purser.saved_methods for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.saved_methods to purser_app;
grant update (gateway_method_id, last_used_at, deleted_at) on purser.saved_methods to purser_app;

create table purser.schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migrations_pkey PRIMARY KEY (name)
);
alter table purser.schema_migrations owner to purser_superuser;

create table purser.sessions (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  order_terms_version integer not null,
  status text not null,
  version integer default 1 not null,
  methods text[] not null,
  return_url text,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  frame_origins text[] default '{}'::text[] not null,
  customer_id text,
  constraint sessions_customer_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint sessions_frame_origins_check CHECK (((cardinality(frame_origins) <= 10) AND (array_to_string(frame_origins, ' '::text) ~ '^(https?://[a-z0-9.:\[\]-]+( https?://[a-z0-9.:\[\]-]+)*)?$'::text))),
  constraint sessions_merchant_id_mode_order_id_fkey FOREIGN KEY (merchant_id, mode, order_id) REFERENCES purser.orders(merchant_id, mode, id),
  constraint sessions_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint sessions_status_check CHECK ((status = ANY (ARRAY['open'::text, 'claimed'::text, 'closed'::text, 'expired'::text])))
);
CREATE INDEX sessions_by_order ON purser.sessions USING btree (merchant_id, mode, order_id);
CREATE INDEX sessions_due_to_expire ON purser.sessions USING btree (expires_at) WHERE (status = ANY (ARRAY['open'::text, 'claimed'::text]));
CREATE TRIGGER sessions_transition BEFORE UPDATE OF status, version ON purser.sessions FOR EACH ROW EXECUTE FUNCTION purser.check_transition('session');
alter table purser.sessions owner to purser_owner;
alter table purser.sessions enable row level security;
alter table purser.sessions force row level security;
create policy queue on purser.sessions for all to purser_queue using true;
create policy tenant on purser.sessions for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.sessions to purser_app;
grant select (merchant_id, mode, id, status, expires_at) on purser.sessions to purser_queue;

create table purser.settlement_lines (
  merchant_id text not null,
  mode text not null,
  id text not null,
  settlement_id text not null,
  gateway_account_id text not null,
  line integer not null,
  kind text not null,
  gateway_object_id text not null,
  gateway_payment_id text not null,
  reference text not null,
  currency character(3) not null,
  gross bigint not null,
  fee bigint not null,
  gst bigint not null,
  tds bigint not null,
  net bigint not null,
  outcome text not null,
  payment_id text,
  refund_id text,
  at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  dispute_id text,
  constraint matched_adds_up CHECK (((outcome = 'broken'::text) OR (net = (((
CASE
    WHEN (kind = ANY (ARRAY['capture'::text, 'dispute_reversal'::text])) THEN gross
    ELSE (- gross)
END - fee) - gst) - tds)))),
  constraint matched_is_ours CHECK (((outcome = 'broken'::text) OR ((payment_id IS NOT NULL) AND ((kind = 'refund'::text) = (refund_id IS NOT NULL)) AND ((kind = ANY (ARRAY['dispute'::text, 'dispute_reversal'::text])) = (dispute_id IS NOT NULL))))),
  constraint settlement_lines_fee_check CHECK ((fee >= 0)),
  constraint settlement_lines_gross_check CHECK ((gross >= 0)),
  constraint settlement_lines_gst_check CHECK ((gst >= 0)),
  constraint settlement_lines_kind_check CHECK ((kind = ANY (ARRAY['capture'::text, 'refund'::text, 'dispute'::text, 'dispute_reversal'::text]))),
  constraint settlement_lines_line_check CHECK ((line > 0)),
  constraint settlement_lines_merchant_id_mode_dispute_id_fkey FOREIGN KEY (merchant_id, mode, dispute_id) REFERENCES purser.disputes(merchant_id, mode, id),
  constraint settlement_lines_merchant_id_mode_payment_id_fkey FOREIGN KEY (merchant_id, mode, payment_id) REFERENCES purser.payments(merchant_id, mode, id),
  constraint settlement_lines_merchant_id_mode_refund_id_fkey FOREIGN KEY (merchant_id, mode, refund_id) REFERENCES purser.refunds(merchant_id, mode, id),
  constraint settlement_lines_merchant_id_mode_settlement_id_fkey FOREIGN KEY (merchant_id, mode, settlement_id) REFERENCES purser.settlements(merchant_id, mode, id),
  constraint settlement_lines_merchant_id_mode_settlement_id_line_key UNIQUE (merchant_id, mode, settlement_id, line),
  constraint settlement_lines_outcome_check CHECK ((outcome = ANY (ARRAY['matched'::text, 'broken'::text]))),
  constraint settlement_lines_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint settlement_lines_tds_check CHECK ((tds >= 0))
);
CREATE INDEX settlement_lines_by_payment ON purser.settlement_lines USING btree (merchant_id, mode, payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX settlement_lines_by_refund ON purser.settlement_lines USING btree (merchant_id, mode, refund_id) WHERE (refund_id IS NOT NULL);
CREATE UNIQUE INDEX settlement_lines_once ON purser.settlement_lines USING btree (merchant_id, mode, gateway_account_id, kind, gateway_object_id) WHERE (outcome = 'matched'::text);
CREATE TRIGGER settlement_lines_append_only BEFORE DELETE OR UPDATE ON purser.settlement_lines FOR EACH ROW EXECUTE FUNCTION purser.refuse_change();
alter table purser.settlement_lines owner to purser_owner;
alter table purser.settlement_lines enable row level security;
alter table purser.settlement_lines force row level security;
create policy tenant on purser.settlement_lines for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.settlement_lines to purser_app;

create table purser.settlements (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  gateway_settlement_id text not null,
  utr text not null,
  currency character(3) not null,
  file_hash bytea not null,
  status text not null,
  lines integer not null,
  net bigint not null,
  bank_amount bigint,
  bank_credited_at timestamp with time zone,
  settled_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  imported_at timestamp with time zone,
  constraint credit_has_a_time CHECK (((bank_amount IS NULL) = (bank_credited_at IS NULL))),
  constraint imported_has_a_time CHECK (((status = 'imported'::text) = (imported_at IS NOT NULL))),
  constraint settlements_currency_fkey FOREIGN KEY (currency) REFERENCES purser.currencies(code),
  constraint settlements_file_hash_check CHECK ((length(file_hash) = 32)),
  constraint settlements_lines_check CHECK ((lines >= 0)),
  constraint settlements_merchant_id_mode_gateway_account_id_file_hash_key UNIQUE (merchant_id, mode, gateway_account_id, file_hash),
  constraint settlements_merchant_id_mode_gateway_account_id_fkey FOREIGN KEY (merchant_id, mode, gateway_account_id) REFERENCES purser.gateway_accounts(merchant_id, mode, id),
  constraint settlements_merchant_id_mode_gateway_account_id_gateway_set_key UNIQUE (merchant_id, mode, gateway_account_id, gateway_settlement_id),
  constraint settlements_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint settlements_status_check CHECK ((status = ANY (ARRAY['importing'::text, 'imported'::text, 'unreadable'::text])))
);
alter table purser.settlements owner to purser_owner;
alter table purser.settlements enable row level security;
alter table purser.settlements force row level security;
create policy tenant on purser.settlements for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.settlements to purser_app;

create table purser.signed_payloads (
  merchant_id text not null,
  mode text not null,
  id text not null,
  kind text not null,
  signing_key_id text not null,
  customer_id text,
  order_id text,
  order_terms_version integer,
  amount bigint,
  currency character(3),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint process_names_order CHECK ((((kind = 'process'::text) = (order_id IS NOT NULL)) AND ((order_id IS NULL) = (amount IS NULL)) AND ((order_id IS NULL) = (order_terms_version IS NULL)) AND ((order_id IS NULL) = (currency IS NULL)))),
  constraint short_lived CHECK ((expires_at <= (created_at + '00:15:00'::interval))),
  constraint signed_payloads_amount_check CHECK ((amount > 0)),
  constraint signed_payloads_currency_fkey FOREIGN KEY (currency) REFERENCES purser.currencies(code),
  constraint signed_payloads_kind_check CHECK ((kind = ANY (ARRAY['initiate'::text, 'process'::text]))),
  constraint signed_payloads_merchant_id_mode_customer_id_fkey FOREIGN KEY (merchant_id, mode, customer_id) REFERENCES purser.customers(merchant_id, mode, id),
  constraint signed_payloads_merchant_id_mode_order_id_fkey FOREIGN KEY (merchant_id, mode, order_id) REFERENCES purser.orders(merchant_id, mode, id),
  constraint signed_payloads_merchant_id_mode_signing_key_id_fkey FOREIGN KEY (merchant_id, mode, signing_key_id) REFERENCES purser.signing_keys(merchant_id, mode, id),
  constraint signed_payloads_pkey PRIMARY KEY (merchant_id, mode, id)
);
alter table purser.signed_payloads owner to purser_owner;
alter table purser.signed_payloads enable row level security;
alter table purser.signed_payloads force row level security;
create policy tenant on purser.signed_payloads for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select on purser.signed_payloads to purser_app;
grant update (used_at) on purser.signed_payloads to purser_app;

create table purser.signing_keys (
  merchant_id text not null,
  mode text not null,
  id text not null,
  status text not null,
  public_key text not null,
  private_key_sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  retired_at timestamp with time zone,
  constraint signing_keys_check CHECK (((status = 'retired'::text) = (retired_at IS NOT NULL))),
  constraint signing_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint signing_keys_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint signing_keys_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint signing_keys_status_check CHECK ((status = ANY (ARRAY['active'::text, 'retired'::text])))
);
alter table purser.signing_keys owner to purser_owner;
alter table purser.signing_keys enable row level security;
alter table purser.signing_keys force row level security;
create policy tenant on purser.signing_keys for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.signing_keys to purser_app;

create table purser.users (
  merchant_id text not null,
  id text not null,
  email text not null,
  password_hash text not null,
  role text not null,
  created_at timestamp with time zone default now() not null,
  constraint users_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint users_pkey PRIMARY KEY (merchant_id, id),
  constraint users_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'finance'::text, 'support'::text, 'developer'::text])))
);
CREATE UNIQUE INDEX users_by_email ON purser.users USING btree (lower(email));
alter table purser.users owner to purser_owner;
alter table purser.users enable row level security;
alter table purser.users force row level security;
create policy lookup on purser.users for select to purser_queue using true;
create policy tenant on purser.users for all to purser_app using (merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text));
grant insert, select, update on purser.users to purser_app;
grant select on purser.users to purser_queue;

create table purser.webhook_endpoints (
  merchant_id text not null,
  mode text not null,
  id text not null,
  url text not null,
  description text default ''::text not null,
  event_types text[] not null,
  status text not null,
  disabled_reason text,
  secret_sealed bytea not null,
  previous_secret_sealed bytea,
  previous_secret_until timestamp with time zone,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  format text default 'standard'::text not null,
  format_names text[] default '{}'::text[] not null,
  sender_sealed bytea,
  constraint disabled_has_reason CHECK ((((disabled_reason IS NOT NULL) = (status = 'disabled'::text)) AND (disabled_reason = ANY (ARRAY['requested'::text, 'gone'::text, 'failing'::text])))),
  constraint previous_secret_ends CHECK (((previous_secret_sealed IS NULL) = (previous_secret_until IS NULL))),
  constraint webhook_endpoints_format_check CHECK ((format ~ '^[a-z]{1,20}$'::text)),
  constraint webhook_endpoints_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES purser.merchants(id),
  constraint webhook_endpoints_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text]))),
  constraint webhook_endpoints_pkey PRIMARY KEY (merchant_id, mode, id),
  constraint webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text])))
);
alter table purser.webhook_endpoints owner to purser_owner;
alter table purser.webhook_endpoints enable row level security;
alter table purser.webhook_endpoints force row level security;
create policy queue on purser.webhook_endpoints for select to purser_queue using true;
create policy tenant on purser.webhook_endpoints for all to purser_app using ((merchant_id = NULLIF(current_setting('app.merchant'::text, true), ''::text)) AND (mode = NULLIF(current_setting('app.mode'::text, true), ''::text)));
grant insert, select, update on purser.webhook_endpoints to purser_app;
grant select (merchant_id, mode, id, failing_since) on purser.webhook_endpoints to purser_queue;
