-- What gateways paid out: files, their lines matched with our own rows and with the bank's credit, and every difference as
-- a row that a person has to close. A capture or a refund is settled once, whatever is imported again or twice at once.

-- Business time of the next look at the gateway's files; null: it has none. The queue role sees when, and nothing else.
alter table gateway_accounts add column settlements_due_at timestamptz default now();
create index gateway_accounts_settlements_due on gateway_accounts (settlements_due_at)
  where settlements_due_at is not null;
grant select (settlements_due_at) on gateway_accounts to purser_queue;

create table reconciliations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  trigger text not null check (trigger in ('request', 'schedule')),
  status text not null check (status in ('running', 'done', 'failed')),
  files integer not null default 0,
  lines integer not null default 0,
  matched integer not null default 0,
  -- That were not known before.
  breaks integer not null default 0,
  reason text,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  constraint ended_iff_not_running check ((ended_at is null) = (status = 'running'))
);

create table settlements (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  gateway_settlement_id text not null,
  utr text not null,
  currency char(3) not null references currencies,
  file_hash bytea not null check (length(file_hash) = 32),
  status text not null check (status in ('importing', 'imported', 'unreadable')),
  lines integer not null check (lines >= 0),
  -- What the lines add up to; it may be negative, as the credit may.
  net bigint not null,
  bank_amount bigint,
  bank_credited_at timestamptz,
  -- By the gateway's word.
  settled_at timestamptz not null,
  created_at timestamptz not null,
  imported_at timestamptz,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, gateway_account_id, gateway_settlement_id),
  unique (merchant_id, mode, gateway_account_id, file_hash),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  constraint imported_has_a_time check ((status = 'imported') = (imported_at is not null)),
  constraint credit_has_a_time check ((bank_amount is null) = (bank_credited_at is null))
);

create table settlement_lines (
  merchant_id text not null,
  mode text not null,
  id text not null,
  settlement_id text not null,
  gateway_account_id text not null,
  line integer not null check (line > 0),
  kind text not null check (kind in ('capture', 'refund')),
  gateway_object_id text not null,
  gateway_payment_id text not null,
  reference text not null,
  currency char(3) not null,
  gross bigint not null check (gross >= 0),
  fee bigint not null check (fee >= 0),
  gst bigint not null check (gst >= 0),
  tds bigint not null check (tds >= 0),
  net bigint not null,
  outcome text not null check (outcome in ('matched', 'broken')),
  payment_id text,
  refund_id text,
  at timestamptz not null,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, settlement_id, line),
  foreign key (merchant_id, mode, settlement_id) references settlements (merchant_id, mode, id),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id),
  foreign key (merchant_id, mode, refund_id) references refunds (merchant_id, mode, id),
  constraint matched_is_ours check (
    outcome = 'broken' or (payment_id is not null and (kind = 'refund') = (refund_id is not null))),
  constraint matched_adds_up check (
    outcome = 'broken' or net = case kind when 'capture' then gross else -gross end - fee - gst - tds)
);
create unique index settlement_lines_once on settlement_lines
  (merchant_id, mode, gateway_account_id, kind, gateway_object_id) where outcome = 'matched';
create index settlement_lines_by_payment on settlement_lines (merchant_id, mode, payment_id) where payment_id is not null;
create index settlement_lines_by_refund on settlement_lines (merchant_id, mode, refund_id) where refund_id is not null;
create trigger settlement_lines_append_only before update or delete on settlement_lines
  for each row execute function refuse_change();

create table breaks (
  merchant_id text not null,
  mode text not null,
  id text not null,
  gateway_account_id text not null,
  settlement_id text,
  settlement_line_id text,
  payment_id text,
  refund_id text,
  reason text not null,
  -- What it is about; with the reason it is one break, however often it is met.
  subject text not null,
  details jsonb not null,
  status text not null default 'open' check (status in ('open', 'resolved')),
  note text,
  resolved_by text,
  resolved_at timestamptz,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, gateway_account_id, reason, subject),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  foreign key (merchant_id, mode, settlement_id) references settlements (merchant_id, mode, id),
  foreign key (merchant_id, mode, settlement_line_id) references settlement_lines (merchant_id, mode, id),
  constraint resolved_by_somebody check (
    (status = 'resolved') = (resolved_at is not null)
    and (status = 'resolved') = (note is not null) and (status = 'resolved') = (resolved_by is not null))
);
create index breaks_open on breaks (merchant_id, mode, id desc) where status = 'open';
create index breaks_by_payment on breaks (merchant_id, mode, payment_id) where payment_id is not null;

alter table postings
  add column settlement_line_id text,
  add foreign key (merchant_id, mode, settlement_line_id) references settlement_lines (merchant_id, mode, id),
  add constraint settlement_names_its_line check ((reason like 'settlement%') = (settlement_line_id is not null));
create index postings_by_settlement_line on postings (merchant_id, mode, settlement_line_id)
  where settlement_line_id is not null;
-- Balances are sums over these: nothing but the index is read.
create index postings_by_debit on postings (merchant_id, mode, debit, currency) include (amount);
create index postings_by_credit on postings (merchant_id, mode, credit, currency) include (amount);

alter table reconciliations enable row level security; alter table reconciliations force row level security;
create policy tenant on reconciliations to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on reconciliations to purser_app;
alter table settlements enable row level security; alter table settlements force row level security;
create policy tenant on settlements to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on settlements to purser_app;
alter table settlement_lines enable row level security; alter table settlement_lines force row level security;
create policy tenant on settlement_lines to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on settlement_lines to purser_app;
alter table breaks enable row level security; alter table breaks force row level security;
create policy tenant on breaks to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update (status, note, resolved_by, resolved_at) on breaks to purser_app;
