-- Mandates: a payer's consent to later charges, what was done with it, and the notices sent ahead of a charge. Whatever
-- the program believes, the database refuses a use of a mandate that is not active, one beyond its terms, and a second
-- one in a period that holds money or may come to hold it.

alter table orders add column mandate_id text;
alter table payments
  add column mandate_id text,
  add column mandate_role text check (mandate_role in ('registration', 'charge')),
  add constraint mandate_has_role check ((mandate_id is null) = (mandate_role is null));

create table mandates (
  merchant_id text not null,
  mode text not null,
  id text not null,
  -- The order that it is registered with.
  order_id text not null,
  customer_id text,
  requirement text not null check (requirement in ('required', 'optional')),
  -- The attempt that registered it, its account and its method: set when one begins.
  payment_id text,
  gateway_account_id text,
  method text,
  gateway_mandate_id text,
  -- The gateway's own count of changes: what is older is stale.
  gateway_sequence bigint,
  status text not null check (status in ('created', 'active', 'paused', 'revoked', 'expired', 'failed')),
  version integer not null default 1,
  currency char(3) not null,
  max_amount bigint not null check (max_amount > 0 and max_amount <= 10000000000000),
  amount_rule text not null check (amount_rule in ('fixed', 'variable')),
  frequency text not null check (frequency in ('one_time', 'daily', 'weekly', 'fortnightly', 'monthly', 'bimonthly', 'quarterly', 'half_yearly', 'yearly', 'as_presented')),
  day_rule text check (day_rule in ('on', 'before', 'after')),
  day_of_period smallint check (day_of_period between 1 and 31),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  revocable_by_customer boolean not null,
  block_funds boolean not null,
  registration_uses_period boolean not null,
  -- Asked of the gateway and not confirmed: a pause and a revocation stop charges from now on.
  pending_change text check (pending_change in ('pause', 'resume', 'revoke')),
  pause_starts_at timestamptz,
  pause_ends_at timestamptz,
  failure_reason text,
  -- When it is looked at next: a change to confirm, a pause or the whole mandate to end. Business time.
  due_at timestamptz,
  activated_at timestamptz,
  last_activated_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, order_id, currency) references orders (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, customer_id) references customers (merchant_id, mode, id),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  constraint day_rule_has_day check ((day_rule is null) = (day_of_period is null)),
  constraint days_need_a_period check (day_rule is null or frequency not in ('one_time', 'daily', 'as_presented')),
  constraint ends_after_it_starts check (ends_at > starts_at),
  constraint funds_are_blocked_once check (not block_funds or frequency = 'one_time'),
  constraint one_charge_is_not_the_registration check (not registration_uses_period or frequency <> 'one_time'),
  constraint active_is_known_to_a_gateway check (
    status not in ('active', 'paused')
    or (activated_at is not null and gateway_mandate_id is not null and payment_id is not null)),
  constraint revoked_has_a_time check ((status = 'revoked') = (revoked_at is not null))
);
create unique index mandates_one_per_order on mandates (merchant_id, mode, order_id);
create unique index mandates_by_gateway_id on mandates (merchant_id, mode, gateway_account_id, gateway_mandate_id)
  where gateway_mandate_id is not null;
create index mandates_by_customer on mandates (merchant_id, mode, customer_id, id desc) where customer_id is not null;
create index mandates_due on mandates (due_at) where due_at is not null;
create trigger mandates_transition before update on mandates
  for each row execute function check_transition('mandate');

-- Deferred, because an order and the mandate that it registers name each other.
alter table orders add foreign key (merchant_id, mode, mandate_id) references mandates (merchant_id, mode, id)
  deferrable initially deferred;
alter table payments add foreign key (merchant_id, mode, mandate_id) references mandates (merchant_id, mode, id);

create table mandate_transitions (
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
  details jsonb not null default '{}',
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (merchant_id, mode, mandate_id, version),
  foreign key (merchant_id, mode, mandate_id) references mandates (merchant_id, mode, id)
);
create trigger mandate_transitions_append_only before update or delete on mandate_transitions
  for each row execute function refuse_change();

create table pre_debit_notices (
  merchant_id text not null,
  mode text not null,
  -- Also what the gateway knows it by: sent twice, it is one.
  id text not null,
  mandate_id text not null,
  currency char(3) not null,
  amount bigint not null check (amount > 0),
  debit_day date not null,
  description text not null,
  status text not null check (status in ('pending', 'unknown', 'succeeded', 'failed')),
  version integer not null default 1,
  gateway_notice_id text,
  failure_reason text,
  due_at timestamptz,
  asked smallint not null default 0,
  succeeded_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, mandate_id, currency) references mandates (merchant_id, mode, id, currency),
  constraint open_notice_is_due check ((due_at is not null) = (status in ('pending', 'unknown'))),
  constraint success_has_a_time check ((status = 'succeeded') = (succeeded_at is not null))
);
create index pre_debit_notices_by_day on pre_debit_notices (merchant_id, mode, mandate_id, debit_day);
create index pre_debit_notices_due on pre_debit_notices (due_at) where due_at is not null;
create trigger pre_debit_notices_transition before update on pre_debit_notices
  for each row execute function check_transition('pre_debit_notice');

create table mandate_executions (
  merchant_id text not null,
  mode text not null,
  id text not null,
  mandate_id text not null,
  order_id text not null,
  payment_id text not null,
  kind text not null check (kind in ('registration', 'charge')),
  -- Null where there is none: the frequency has no periods, or the registration does not use one.
  period text,
  try smallint not null check (try between 1 and 4),
  debit_day date not null,
  currency char(3) not null,
  amount bigint not null check (amount > 0),
  status text not null check (status in ('waiting', 'open', 'unknown', 'captured', 'declined', 'failed', 'canceled', 'surplus')),
  version integer not null default 1,
  notice_id text,
  additional_factor boolean not null default false,
  reason text,
  deadline_at timestamptz not null,
  -- When the guard below let it go.
  started_at timestamptz,
  -- When the call last left.
  sent_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, payment_id),
  foreign key (merchant_id, mode, mandate_id, currency) references mandates (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, notice_id) references pre_debit_notices (merchant_id, mode, id),
  constraint started_unless_it_waited check ((status in ('waiting', 'canceled')) = (started_at is null))
);
create unique index mandate_executions_one_per_period on mandate_executions (merchant_id, mode, mandate_id, period)
  where period is not null and status in ('waiting', 'open', 'unknown', 'captured');
create index mandate_executions_by_mandate on mandate_executions (merchant_id, mode, mandate_id, id desc);
create index mandate_executions_by_notice on mandate_executions (merchant_id, mode, notice_id)
  where notice_id is not null;
create trigger mandate_executions_transition before update on mandate_executions
  for each row execute function check_transition('mandate_execution');

-- The line that no path around the program crosses. It looks at the moment of the start: money of an execution that
-- started before a revocation is still recorded.
create function guard_mandate_execution() returns trigger language plpgsql as $$
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
       or new.started_at < mandate.starts_at or new.started_at >= mandate.ends_at) then
    raise exception 'mandate % is not active', new.mandate_id using errcode = 'PU005';
  end if;
  if new.amount > mandate.max_amount
     or (mandate.amount_rule = 'fixed' and new.amount <> mandate.max_amount
         and (new.kind = 'charge' or mandate.registration_uses_period)) then
    raise exception 'mandate % does not cover this amount', new.mandate_id using errcode = 'PU006';
  end if;
  return new;
end $$;
create trigger mandate_executions_guard before insert or update on mandate_executions
  for each row execute function guard_mandate_execution();

alter table mandates enable row level security; alter table mandates force row level security;
create policy tenant on mandates to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table mandate_transitions enable row level security; alter table mandate_transitions force row level security;
create policy tenant on mandate_transitions to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table pre_debit_notices enable row level security; alter table pre_debit_notices force row level security;
create policy tenant on pre_debit_notices to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table mandate_executions enable row level security; alter table mandate_executions force row level security;
create policy tenant on mandate_executions to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on mandates, mandate_transitions, pre_debit_notices, mandate_executions to purser_app;
-- What was consented to, told and asked for is written once: the application may change the rest.
grant update (payment_id, gateway_account_id, method, gateway_mandate_id, gateway_sequence, status, version,
  pending_change, pause_starts_at, pause_ends_at, failure_reason, due_at, activated_at, last_activated_at, revoked_at,
  updated_at) on mandates to purser_app;
grant update (status, version, gateway_notice_id, failure_reason, due_at, asked, succeeded_at, updated_at)
  on pre_debit_notices to purser_app;
grant update (status, version, reason, started_at, sent_at, additional_factor, updated_at) on mandate_executions
  to purser_app;

grant select (merchant_id, mode, id, due_at) on mandates, pre_debit_notices to purser_queue;
create policy queue on mandates for select to purser_queue using (true);
create policy queue on pre_debit_notices for select to purser_queue using (true);
