-- The foundation: tenants, keys, orders, payments, refunds, the ledger, and the three queues. Every tenant table has
-- (merchant_id, mode) first in its key and a forced row-level policy; caps, uniqueness and transitions are constraints,
-- so that no path around the program can over-move money. The schema "purser" exists and is the search path.

create table currencies (
  code char(3) primary key,
  exponent smallint not null check (exponent between 0 and 4)
);

-- Which status may follow which. Filled below from the domain's tables; a test compares the two.
create table allowed_transitions (
  noun text not null,
  from_status text not null,
  to_status text not null,
  primary key (noun, from_status, to_status)
);

create function check_transition() returns trigger language plpgsql as $$
begin
  if new.version <> old.version + 1 then
    raise exception 'version of % must grow by one', tg_argv[0] using errcode = 'PU001';
  end if;
  if new.status <> old.status and not exists (
    select 1 from allowed_transitions
     where noun = tg_argv[0] and from_status = old.status and to_status = new.status
  ) then
    raise exception '% may not go from % to %', tg_argv[0], old.status, new.status using errcode = 'PU002';
  end if;
  return new;
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'PU003';
end $$;

create table merchants (
  id text primary key,
  name text not null check (length(name) between 1 and 200),
  -- Added to now() for rows in test mode; live rows always run on real time.
  clock_offset interval not null default '0' check (clock_offset between '0' and '10 years'),
  zone text not null default 'Asia/Kolkata',
  financial_year_start_month smallint not null default 4 check (financial_year_start_month between 1 and 12),
  -- The merchant's data key, wrapped by the master key: seals every secret below.
  data_key bytea not null,
  created_at timestamptz not null default now()
);

-- One table for everything that grants access: the hash of a key, a client token, a sign-in or a receipt link.
create table credentials (
  hash bytea primary key check (length(hash) = 32),
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  kind text not null check (kind in ('secret_key', 'publishable_key', 'client_token', 'sign_in', 'receipt_link')),
  subject_id text not null,
  scopes text[] not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index credentials_by_subject on credentials (merchant_id, mode, subject_id);

create table api_keys (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  label text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (merchant_id, mode, id)
);

create table signing_keys (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  status text not null check (status in ('active', 'retired')),
  public_key text not null,
  private_key_sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (merchant_id, mode, id),
  check ((status = 'retired') = (retired_at is not null))
);

create table users (
  merchant_id text not null references merchants,
  id text not null,
  email text not null,
  password_hash text not null,
  role text not null check (role in ('owner', 'finance', 'support', 'developer')),
  created_at timestamptz not null default now(),
  primary key (merchant_id, id)
);
create unique index users_by_email on users (lower(email));

create table gateway_accounts (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  connector text not null,
  label text not null,
  status text not null check (status in ('active', 'paused')),
  credentials_sealed bytea not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (merchant_id, mode, id)
);
create unique index gateway_accounts_by_id on gateway_accounts (id);

create table customers (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  reference text,
  name text,
  email text,
  phone text,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id)
);
create unique index customers_by_reference on customers (merchant_id, mode, reference) where reference is not null;

create table orders (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  reference text not null check (length(reference) between 1 and 64),
  amount bigint not null check (amount > 0 and amount <= 10000000000000),
  currency char(3) not null references currencies,
  description text not null default '',
  customer_id text,
  payer jsonb not null default '{}',
  metadata jsonb not null default '{}',
  return_url text,
  capture text not null check (capture in ('automatic', 'manual')),
  late_success text not null default 'accept' check (late_success in ('accept', 'refund')),
  -- Derived from the payments, the expiry and the cancellation, in the same transaction (domain/order/states.ts).
  status text not null check (status in ('open', 'awaiting_collection', 'processing', 'authorized', 'partially_paid', 'paid', 'expired', 'canceled')),
  paid_late boolean not null default false,
  amount_captured bigint not null default 0 check (amount_captured >= 0),
  amount_refunded bigint not null default 0 check (amount_refunded >= 0),
  -- Raised by a change of what is to be paid; a session or payload of an older version is refused.
  terms_version integer not null default 1,
  version integer not null default 1,
  expires_at timestamptz,
  -- When expiry is looked at next; later than expires_at while an attempt is alive.
  expiry_due_at timestamptz,
  expired_at timestamptz,
  canceled_at timestamptz,
  paid_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  -- Lets children name the currency, so that none can be of another one.
  unique (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, customer_id) references customers (merchant_id, mode, id)
);
create unique index orders_by_reference on orders (merchant_id, mode, lower(reference));
create index orders_due_to_expire on orders (expiry_due_at) where expiry_due_at is not null;

create table sessions (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  order_terms_version integer not null,
  status text not null check (status in ('open', 'claimed', 'closed', 'expired')),
  version integer not null default 1,
  methods text[] not null,
  return_url text,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, order_id) references orders (merchant_id, mode, id)
);
create index sessions_by_order on sessions (merchant_id, mode, order_id);
create index sessions_due_to_expire on sessions (expires_at) where status in ('open', 'claimed');
create trigger sessions_transition before update of status, version on sessions
  for each row execute function check_transition('session');

create table payments (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  session_id text,
  gateway_account_id text not null,
  origin text not null check (origin in ('ours', 'gateway')),
  -- What the gateway knows our attempt by; made by us, never reused.
  reference text not null,
  gateway_payment_id text,
  status text not null check (status in ('created', 'requires_action', 'processing', 'unknown', 'failed', 'expired', 'canceled', 'declined', 'authorized', 'voided', 'captured')),
  version integer not null default 1,
  currency char(3) not null,
  amount bigint not null check (amount > 0 and amount <= 10000000000000),
  amount_authorized bigint not null default 0,
  amount_captured bigint not null default 0,
  capture_final boolean not null default false,
  amount_refunded bigint not null default 0,
  -- Refunds that are pending, unknown or in review: reserved, not moved.
  amount_refund_pending bigint not null default 0,
  amount_disputed bigint not null default 0,
  capture text not null check (capture in ('automatic', 'manual')),
  method text not null check (method in ('upi', 'card', 'netbanking', 'wallet', 'cash_on_delivery')),
  instrument jsonb not null default '{}',
  facts jsonb not null default '{}',
  action jsonb,
  decline_stage text check (decline_stage in ('authentication', 'authorization', 'risk')),
  decline_code text,
  decline_gateway_code text,
  failure_reason text,
  -- A second success of an order already paid: given back by itself, never counted.
  duplicate boolean not null default false,
  late boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  captured_at timestamptz,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, id, currency),
  unique (merchant_id, mode, reference),
  foreign key (merchant_id, mode, order_id, currency) references orders (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, session_id) references sessions (merchant_id, mode, id),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  constraint captured_within_authorized check (amount_captured >= 0 and amount_captured <= amount_authorized),
  constraint authorized_within_amount check (amount_authorized <= amount),
  constraint refunds_within_captured check (
    amount_refunded >= 0 and amount_refund_pending >= 0 and amount_disputed >= 0
    and amount_refunded + amount_refund_pending + amount_disputed <= amount_captured),
  constraint captured_has_money check ((amount_captured > 0) = (status = 'captured')),
  constraint decline_has_reason check (status <> 'declined' or decline_code is not null)
);
create unique index payments_one_alive on payments (merchant_id, mode, order_id)
  where origin = 'ours' and status in ('created', 'requires_action', 'processing', 'unknown', 'authorized') and not duplicate;
create unique index payments_by_gateway_id on payments (merchant_id, mode, gateway_account_id, gateway_payment_id)
  where gateway_payment_id is not null;
create index payments_by_order on payments (merchant_id, mode, order_id);
create index payments_by_time on payments (merchant_id, mode, id desc);
create index payments_by_rrn on payments (merchant_id, mode, (facts->>'rrn')) where facts ? 'rrn';
create index payments_by_vpa on payments (merchant_id, mode, (facts->>'vpa')) where facts ? 'vpa';
create index payments_by_last_four on payments (merchant_id, mode, (facts->>'lastFour')) where facts ? 'lastFour';
create index payments_by_status on payments (merchant_id, mode, status, id desc);
create trigger payments_transition before update on payments
  for each row execute function check_transition('payment');

create table payment_transitions (
  merchant_id text not null,
  mode text not null,
  payment_id text not null,
  version integer not null,
  from_status text,
  to_status text not null,
  event text not null,
  -- Where the news came from: reply, notification, sync, return, person, schedule.
  cause text not null,
  actor text not null,
  request_id text,
  details jsonb not null default '{}',
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (merchant_id, mode, payment_id, version),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id)
);

create table refunds (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text not null,
  reference text not null,
  gateway_account_id text not null,
  gateway_refund_id text,
  status text not null check (status in ('pending', 'unknown', 'review', 'failed', 'succeeded')),
  version integer not null default 1,
  currency char(3) not null,
  amount bigint not null check (amount > 0),
  reason text not null,
  note text not null default '',
  gateway_code text,
  arn text,
  automatic boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  succeeded_at timestamptz,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, reference),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency)
);
create unique index refunds_by_gateway_id on refunds (merchant_id, mode, gateway_account_id, gateway_refund_id)
  where gateway_refund_id is not null;
-- A second success is given back once, whoever notices it and however often.
create unique index refunds_one_automatic on refunds (merchant_id, mode, payment_id) where automatic;
create index refunds_by_payment on refunds (merchant_id, mode, payment_id);
create trigger refunds_transition before update on refunds
  for each row execute function check_transition('refund');

-- One call that we make to a gateway, written down before it leaves. Open ones are the queue of sync-operations.
create table operations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  refund_id text,
  kind text not null check (kind in ('authorize', 'capture', 'void', 'refund')),
  status text not null check (status in ('pending', 'succeeded', 'declined', 'failed', 'unknown')),
  amount bigint not null check (amount > 0),
  final boolean not null default true,
  -- Capture only: the payment's captured total once this has worked.
  target_total bigint,
  -- Purser's own follow-up (giving a second success back): the worker asks first, then sends.
  to_send boolean not null default false,
  reason text,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Business time of the next question to the gateway; lease and token are real time.
  due_at timestamptz,
  asked integer not null default 0,
  leased_until timestamptz,
  lease_token text,
  escalated_at timestamptz,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id),
  foreign key (merchant_id, mode, refund_id) references refunds (merchant_id, mode, id),
  constraint ended_iff_settled check ((ended_at is null) = (status in ('pending', 'unknown'))),
  constraint open_is_due check ((due_at is null) = (ended_at is not null)),
  constraint refund_names_refund check ((kind = 'refund') = (refund_id is not null)),
  constraint capture_has_target check ((kind = 'capture') = (target_total is not null))
);
create unique index operations_one_open on operations (merchant_id, mode, payment_id, kind)
  where ended_at is null and refund_id is null;
create unique index operations_one_open_refund on operations (merchant_id, mode, refund_id)
  where ended_at is null and refund_id is not null;
create index operations_by_payment on operations (merchant_id, mode, payment_id);
create index operations_due on operations (due_at) where ended_at is null;

create table exchanges (
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
  at timestamptz not null default now(),
  primary key (merchant_id, mode, id)
);
create index exchanges_by_payment on exchanges (merchant_id, mode, payment_id);

create table postings (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  refund_id text,
  debit text not null,
  credit text not null,
  amount bigint not null check (amount > 0),
  currency char(3) not null,
  reason text not null,
  payment_version integer not null,
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (merchant_id, mode, id),
  check (debit <> credit),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency)
);
create index postings_by_payment on postings (merchant_id, mode, payment_id);

create table conflicts (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text,
  kind text not null,
  details jsonb not null,
  at timestamptz not null,
  resolved_at timestamptz,
  primary key (merchant_id, mode, id)
);
create index conflicts_by_payment on conflicts (merchant_id, mode, payment_id);

create table notifications (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  gateway_event_id text not null,
  headers jsonb not null,
  body bytea not null,
  status text not null check (status in ('received', 'applied', 'parked', 'conflict', 'unreadable')),
  received_at timestamptz not null default now(),
  applied_at timestamptz,
  due_at timestamptz,
  tries integer not null default 0,
  leased_until timestamptz,
  lease_token text,
  primary key (merchant_id, mode, id),
  -- Duplicates are known for ever, not for five minutes.
  unique (merchant_id, mode, gateway_account_id, gateway_event_id),
  constraint waiting_is_due check ((due_at is not null) = (status in ('received', 'parked')))
);
create index notifications_due on notifications (due_at) where due_at is not null;

create table events (
  merchant_id text not null,
  mode text not null,
  id text not null,
  type text not null,
  object_id text not null,
  order_id text,
  payment_id text,
  -- The exact JSON text that every endpoint receives.
  body text not null,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id)
);
create index events_by_payment on events (merchant_id, mode, payment_id) where payment_id is not null;
create index events_by_order on events (merchant_id, mode, order_id) where order_id is not null;
create index events_by_type on events (merchant_id, mode, type, id desc);

create table webhook_endpoints (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  url text not null,
  description text not null default '',
  event_types text[] not null,
  status text not null check (status in ('enabled', 'disabled')),
  disabled_reason text,
  secret_sealed bytea not null,
  previous_secret_sealed bytea,
  previous_secret_until timestamptz,
  failing_since timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (merchant_id, mode, id),
  constraint disabled_has_reason check (
    (disabled_reason is not null) = (status = 'disabled') and disabled_reason in ('requested', 'gone', 'failing')),
  constraint previous_secret_ends check ((previous_secret_sealed is null) = (previous_secret_until is null))
);

create table deliveries (
  merchant_id text not null,
  mode text not null,
  id text not null,
  event_id text not null,
  endpoint_id text not null,
  -- 0 for the event itself; a resend by hand makes the next one.
  resend integer not null default 0,
  status text not null check (status in ('pending', 'delivered', 'dead', 'canceled')),
  tries integer not null default 0,
  due_at timestamptz,
  leased_until timestamptz,
  lease_token text,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, event_id, endpoint_id, resend),
  foreign key (merchant_id, mode, event_id) references events (merchant_id, mode, id),
  foreign key (merchant_id, mode, endpoint_id) references webhook_endpoints (merchant_id, mode, id),
  constraint pending_is_due check ((due_at is not null) = (status = 'pending')),
  constraint ended_iff_not_pending check ((ended_at is null) = (status = 'pending'))
);
-- By endpoint first: the claim takes the oldest few of each, however many one of them has waiting.
create index deliveries_due on deliveries (merchant_id, mode, endpoint_id, due_at, id) where due_at is not null;
create index deliveries_by_endpoint on deliveries (merchant_id, mode, endpoint_id, id desc);
create index deliveries_undelivered on deliveries (merchant_id, mode, status, id desc) where status <> 'delivered';

create table delivery_attempts (
  merchant_id text not null,
  mode text not null,
  delivery_id text not null,
  try integer not null,
  outcome text not null,
  status smallint,
  duration_ms integer not null,
  at timestamptz not null default now(),
  primary key (merchant_id, mode, delivery_id, try),
  foreign key (merchant_id, mode, delivery_id) references deliveries (merchant_id, mode, id)
);

create table idempotency_keys (
  merchant_id text not null,
  mode text not null,
  route text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null,
  -- What the first request made; a retry after a crash resumes from it instead of doing it again.
  subject_id text not null,
  answer_status smallint,
  answer_body text,
  leased_until timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, mode, route, key),
  check ((answer_status is null) = (answer_body is null)),
  check (answer_status is null or answer_status < 500)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table receipt_series (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  kind text not null check (kind in ('receipt', 'refund_voucher')),
  financial_year text not null,
  last_number bigint not null check (last_number >= 0),
  -- Dates of issue rise with the numbers, whichever transaction waited for which.
  last_issued_at timestamptz not null,
  primary key (merchant_id, mode, kind, financial_year)
);

create table receipts (
  merchant_id text not null,
  mode text not null,
  id text not null,
  kind text not null check (kind in ('receipt', 'refund_voucher')),
  number text not null check (number ~ '^[A-Za-z0-9/-]{1,16}$'),
  payment_id text not null,
  refund_id text,
  snapshot jsonb not null,
  issued_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, kind, number),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id),
  foreign key (merchant_id, mode, refund_id) references refunds (merchant_id, mode, id),
  constraint voucher_names_refund check ((kind = 'refund_voucher') = (refund_id is not null))
);
create unique index receipts_one_per_payment on receipts (merchant_id, mode, payment_id) where kind = 'receipt';
create unique index receipts_one_per_refund on receipts (merchant_id, mode, refund_id) where kind = 'refund_voucher';
create index receipts_by_payment on receipts (merchant_id, mode, payment_id);

create table audit (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  actor text not null,
  action text not null,
  object_id text not null,
  request_id text,
  details jsonb not null default '{}',
  at timestamptz not null default now(),
  primary key (merchant_id, mode, id)
);

-- Facts are never edited: corrections are new rows.
create trigger payment_transitions_append_only before update or delete on payment_transitions for each row execute function refuse_change();
create trigger postings_append_only before update or delete on postings for each row execute function refuse_change();
create trigger exchanges_append_only before update or delete on exchanges for each row execute function refuse_change();
create trigger events_append_only before update or delete on events for each row execute function refuse_change();
create trigger delivery_attempts_append_only before update or delete on delivery_attempts for each row execute function refuse_change();
create trigger receipts_append_only before update or delete on receipts for each row execute function refuse_change();
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();

-- Row-level security. The empty string that `set local` leaves behind is nobody.
alter table credentials enable row level security; alter table credentials force row level security;
create policy tenant on credentials to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on credentials to purser_app;
alter table api_keys enable row level security; alter table api_keys force row level security;
create policy tenant on api_keys to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on api_keys to purser_app;
alter table signing_keys enable row level security; alter table signing_keys force row level security;
create policy tenant on signing_keys to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on signing_keys to purser_app;
alter table gateway_accounts enable row level security; alter table gateway_accounts force row level security;
create policy tenant on gateway_accounts to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on gateway_accounts to purser_app;
alter table customers enable row level security; alter table customers force row level security;
create policy tenant on customers to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on customers to purser_app;
alter table orders enable row level security; alter table orders force row level security;
create policy tenant on orders to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on orders to purser_app;
alter table sessions enable row level security; alter table sessions force row level security;
create policy tenant on sessions to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on sessions to purser_app;
alter table payments enable row level security; alter table payments force row level security;
create policy tenant on payments to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on payments to purser_app;
alter table payment_transitions enable row level security; alter table payment_transitions force row level security;
create policy tenant on payment_transitions to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on payment_transitions to purser_app;
alter table refunds enable row level security; alter table refunds force row level security;
create policy tenant on refunds to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on refunds to purser_app;
alter table operations enable row level security; alter table operations force row level security;
create policy tenant on operations to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on operations to purser_app;
alter table exchanges enable row level security; alter table exchanges force row level security;
create policy tenant on exchanges to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on exchanges to purser_app;
alter table postings enable row level security; alter table postings force row level security;
create policy tenant on postings to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on postings to purser_app;
alter table conflicts enable row level security; alter table conflicts force row level security;
create policy tenant on conflicts to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on conflicts to purser_app;
alter table notifications enable row level security; alter table notifications force row level security;
create policy tenant on notifications to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on notifications to purser_app;
alter table events enable row level security; alter table events force row level security;
create policy tenant on events to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on events to purser_app;
alter table webhook_endpoints enable row level security; alter table webhook_endpoints force row level security;
create policy tenant on webhook_endpoints to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on webhook_endpoints to purser_app;
alter table deliveries enable row level security; alter table deliveries force row level security;
create policy tenant on deliveries to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on deliveries to purser_app;
alter table delivery_attempts enable row level security; alter table delivery_attempts force row level security;
create policy tenant on delivery_attempts to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on delivery_attempts to purser_app;
alter table idempotency_keys enable row level security; alter table idempotency_keys force row level security;
create policy tenant on idempotency_keys to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on idempotency_keys to purser_app;
alter table receipt_series enable row level security; alter table receipt_series force row level security;
create policy tenant on receipt_series to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on receipt_series to purser_app;
alter table receipts enable row level security; alter table receipts force row level security;
create policy tenant on receipts to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on receipts to purser_app;
alter table audit enable row level security; alter table audit force row level security;
create policy tenant on audit to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on audit to purser_app;
alter table merchants enable row level security; alter table merchants force row level security;
create policy tenant on merchants to purser_app using (id = nullif(current_setting('app.merchant', true), ''));
grant select, insert, update on merchants to purser_app;
alter table users enable row level security; alter table users force row level security;
create policy tenant on users to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), ''));
grant select, insert, update on users to purser_app;
grant delete on idempotency_keys to purser_app;
grant select on currencies, allowed_transitions to purser_app, purser_queue;


-- The queue role sees ids, due times and leases of everyone, and nothing else. It claims; the work runs as purser_app.
grant select (id, clock_offset) on merchants to purser_queue;
create policy queue on merchants for select to purser_queue using (true);
grant select (merchant_id, mode, id, due_at, ended_at, asked, leased_until, lease_token) on operations to purser_queue;
grant update (leased_until, lease_token) on operations to purser_queue;
create policy queue on operations to purser_queue using (true);
grant select (merchant_id, mode, id, due_at, tries, leased_until, lease_token) on notifications to purser_queue;
grant update (leased_until, lease_token, tries) on notifications to purser_queue;
create policy queue on notifications to purser_queue using (true);
grant select (merchant_id, mode, id, endpoint_id, due_at, tries, leased_until, lease_token) on deliveries to purser_queue;
grant update (leased_until, lease_token, tries) on deliveries to purser_queue;
create policy queue on deliveries to purser_queue using (true);
grant select (merchant_id, mode, id, failing_since) on webhook_endpoints to purser_queue;
create policy queue on webhook_endpoints for select to purser_queue using (true);
grant select (merchant_id, mode, id, expiry_due_at) on orders to purser_queue;
create policy queue on orders to purser_queue using (true);
grant select (merchant_id, mode, id, status, expires_at) on sessions to purser_queue;
create policy queue on sessions to purser_queue using (true);
grant select (merchant_id, mode, created_at) on idempotency_keys to purser_queue;
create policy queue on idempotency_keys to purser_queue using (true);

-- Before anyone is known, one hash may be asked about, one account id resolved, one e-mail address looked up.
grant select on credentials to purser_queue;
create policy lookup on credentials for select to purser_queue using (true);
grant select (merchant_id, mode, id) on gateway_accounts to purser_queue;
create policy lookup on gateway_accounts for select to purser_queue using (true);
grant select on users to purser_queue;
create policy lookup on users for select to purser_queue using (true);
