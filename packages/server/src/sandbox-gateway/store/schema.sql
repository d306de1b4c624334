-- The sandbox gateway's own book. It is applied as purser_sandbox on every start and must stay repeatable: every
-- statement either makes what is missing or changes nothing. Nothing here refers to a table of Purser's.
-- Due columns hold real time; advancing an account's clock brings them nearer (store/clock.ts).

create table if not exists sandbox.accounts (
  id                  text primary key,
  name                text not null,
  api_key_hash        bytea not null unique,
  notification_secret text not null,
  notification_url    text,
  clock_offset_ms     bigint not null default 0 check (clock_offset_ms >= 0),
  -- So that the call that every payment makes need not look for faults where there are none.
  fault_count         integer not null default 0 check (fault_count >= 0),
  created_at          timestamptz not null default now()
);

create table if not exists sandbox.payments (
  account_id      text not null references sandbox.accounts,
  id              text not null,
  reference       text not null,
  -- Above 0 only where a fault made the gateway forget that it knew the reference.
  twin            integer not null default 0,
  request_hash    bytea not null,
  status          text not null check (status in
    ('ACTION_NEEDED', 'PENDING', 'HELD', 'PART_PAID', 'PAID', 'REJECTED', 'RELEASED', 'LAPSED', 'CANCELLED')),
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  amount          bigint not null check (amount > 0 and amount <= 10000000000000),
  held            bigint not null default 0 check (held in (0, amount)),
  paid            bigint not null default 0 check (paid between 0 and held),
  returned        bigint not null default 0 check (returned >= 0),
  returning_now   bigint not null default 0 check (returning_now >= 0),
  closed          boolean not null default false,
  rejection       text,
  capture_mode    text not null check (capture_mode in ('automatic', 'manual')),
  method          text not null check (method in ('card', 'upi', 'netbanking', 'wallet')),
  instrument      text not null,
  flow            text check (flow in ('intent', 'qr', 'collect')),
  page            text check (page in ('acs', 'upi', 'bank')),
  page_token_hash bytea,
  description     text not null,
  return_url      text not null,
  due_at          timestamptz,
  due_outcome     text,
  version         integer not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (account_id, id),
  unique (account_id, reference, twin),
  constraint never_returned_more_than_paid check (returned + returning_now <= paid),
  constraint paid_is_shown check ((paid > 0) = (status in ('PAID', 'PART_PAID'))),
  constraint rejected_with_a_code check ((rejection is not null) = (status = 'REJECTED')),
  constraint due_with_an_outcome check ((due_at is null) = (due_outcome is null))
);
create unique index if not exists payments_by_page on sandbox.payments (page_token_hash)
  where page_token_hash is not null;
create index if not exists payments_due on sandbox.payments (due_at) where due_at is not null;

alter table sandbox.payments add column if not exists mandate_id text;
alter table sandbox.payments add column if not exists is_charge boolean not null default false;

create table if not exists sandbox.mandates (
  account_id  text not null references sandbox.accounts,
  id          text not null,
  -- The payment that registers it; made in the same transaction.
  payment_id  text not null,
  reference   text not null,
  status      text not null check (status in ('CREATED', 'ACTIVE', 'PAUSED', 'REVOKED', 'EXPIRED', 'FAILED')),
  currency    text not null check (currency ~ '^[A-Z]{3}$'),
  max_amount  bigint not null check (max_amount > 0),
  amount_rule text not null check (amount_rule in ('FIXED', 'VARIABLE')),
  frequency   text not null check (frequency in ('ONETIME', 'DAILY', 'WEEKLY', 'FORTNIGHTLY', 'MONTHLY', 'BIMONTHLY',
    'QUARTERLY', 'HALFYEARLY', 'YEARLY', 'ASPRESENTED')),
  rule_type   text check (rule_type in ('ON', 'BEFORE', 'AFTER')),
  rule_value  smallint,
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  revocable   boolean not null,
  block_funds boolean not null,
  method      text not null,
  instrument  text not null,
  flow        text,
  pause_until timestamptz,
  version     integer not null default 1,
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  primary key (account_id, id),
  unique (account_id, payment_id)
);

create table if not exists sandbox.pre_debit_notices (
  account_id   text not null,
  id           text not null,
  mandate_id   text not null,
  reference    text not null,
  request_hash bytea not null,
  currency     text not null,
  amount       bigint not null check (amount > 0),
  debit_date   date not null,
  status       text not null check (status in ('SENT', 'FAILED')),
  created_at   timestamptz not null,
  primary key (account_id, id),
  foreign key (account_id, mandate_id) references sandbox.mandates,
  unique (account_id, reference)
);

-- A notice may take a while to be told; due columns hold real time, here as everywhere.
alter table sandbox.pre_debit_notices drop constraint if exists pre_debit_notices_status_check;
alter table sandbox.pre_debit_notices add constraint pre_debit_notices_status_check
  check (status in ('SENDING', 'SENT', 'FAILED'));
alter table sandbox.pre_debit_notices add column if not exists succeeds boolean not null default true;
alter table sandbox.pre_debit_notices add column if not exists due_at timestamptz;
create index if not exists pre_debit_notices_due on sandbox.pre_debit_notices (due_at) where due_at is not null;

-- Captures and voids: what an Idempotency-Key was used for. A sale's own capture has no key.
create table if not exists sandbox.steps (
  account_id      text not null,
  id              text not null,
  payment_id      text not null,
  kind            text not null check (kind in ('capture', 'void')),
  idempotency_key text,
  request_hash    bytea,
  amount          bigint not null check (amount >= 0),
  final           boolean not null,
  created_at      timestamptz not null,
  primary key (account_id, id),
  foreign key (account_id, payment_id) references sandbox.payments,
  unique (account_id, idempotency_key),
  constraint key_with_a_hash check ((idempotency_key is null) = (request_hash is null))
);
create index if not exists steps_by_payment on sandbox.steps (account_id, payment_id);

create table if not exists sandbox.refunds (
  account_id   text not null,
  id           text not null,
  payment_id   text not null,
  reference    text not null,
  twin         integer not null default 0,
  request_hash bytea not null,
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  amount       bigint not null check (amount > 0),
  reason       text not null,
  status       text not null check (status in ('PROCESSING', 'ON_REVIEW', 'RETURNED', 'FAILED')),
  failure      text,
  succeeds     boolean not null,
  due_at       timestamptz,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (account_id, id),
  foreign key (account_id, payment_id) references sandbox.payments,
  unique (account_id, reference, twin),
  constraint failed_with_a_code check ((failure is not null) = (status = 'FAILED')),
  constraint due_until_settled check ((due_at is not null) = (status in ('PROCESSING', 'ON_REVIEW')))
);
create index if not exists refunds_by_payment on sandbox.refunds (account_id, payment_id);
create index if not exists refunds_due on sandbox.refunds (due_at) where due_at is not null;

create table if not exists sandbox.notifications (
  id           text primary key,
  account_id   text not null references sandbox.accounts,
  object_id    text not null,
  body         text not null,
  due_at       timestamptz not null,
  leased_until timestamptz,
  attempts     integer not null default 0,
  copies_left  integer not null default 1,
  -- Signed with a secret that is not the account's.
  forged       boolean not null default false,
  last_status  integer,
  delivered_at timestamptz,
  given_up_at  timestamptz
);
create index if not exists notifications_due on sandbox.notifications (due_at)
  where delivered_at is null and given_up_at is null;
create index if not exists notifications_by_object on sandbox.notifications (account_id, object_id);

create table if not exists sandbox.faults (
  account_id text not null references sandbox.accounts,
  id         text not null,
  call       text not null,
  reference  text,
  nth        integer not null default 1 check (nth > 0),
  seen       integer not null default 0,
  -- How often it still strikes; null: until it is deleted.
  remaining  integer check (remaining >= 0),
  fault      text not null,
  parameters jsonb not null,
  created_at timestamptz not null default now(),
  primary key (account_id, id)
);

create table if not exists sandbox.schema_version (
  only_row boolean primary key default true check (only_row),
  checksum text not null
);

-- Settlements: what the gateway pays out, once per day and currency, as one file and one credit to the merchant's bank
-- account under one UTR. A capture or a returned refund is in one file, or in none yet.
alter table sandbox.accounts add column if not exists fee_bps integer not null default 200;
alter table sandbox.accounts add column if not exists fee_fixed bigint not null default 0;
alter table sandbox.accounts add column if not exists tds_bps integer not null default 0;
alter table sandbox.steps add column if not exists settlement_id text;
alter table sandbox.refunds add column if not exists settlement_id text;
create index if not exists steps_unsettled on sandbox.steps (account_id, created_at)
  where kind = 'capture' and settlement_id is null;
create index if not exists refunds_unsettled on sandbox.refunds (account_id, updated_at)
  where status = 'RETURNED' and settlement_id is null;

create table if not exists sandbox.settlements (
  account_id text not null references sandbox.accounts,
  id         text not null,
  utr        text not null,
  currency   text not null check (currency ~ '^[A-Z]{3}$'),
  lines      integer not null check (lines > 0),
  -- May be negative: more was returned than came in.
  net        bigint not null,
  csv        text not null,
  created_at timestamptz not null,
  primary key (account_id, id),
  unique (account_id, utr)
);

-- The bank's side of it, which is somebody else's book: it may be late, or say something else.
create table if not exists sandbox.bank_credits (
  account_id  text not null references sandbox.accounts,
  utr         text not null,
  currency    text not null,
  amount      bigint not null,
  credited_at timestamptz not null,
  primary key (account_id, utr)
);

-- Instruments that customers of a merchant let the gateway keep: names of instruments of the table, no card numbers.
alter table sandbox.payments add column if not exists save_for text;
create table if not exists sandbox.saved_instruments (
  account_id text not null references sandbox.accounts,
  id         text not null,
  customer   text not null,
  method     text not null check (method in ('card', 'upi', 'wallet')),
  instrument text not null,
  primary key (account_id, id)
);
-- Disputes: a payer's bank takes a payment back. The amount is kept out of the next payout together with a fee, and comes
-- back with a payout after the dispute is won. What is disputed and not won cannot be returned as well.
alter table sandbox.accounts add column if not exists dispute_fee bigint not null default 50000;
alter table sandbox.payments add column if not exists disputed bigint not null default 0;
alter table sandbox.payments drop constraint if exists never_returned_more_than_paid;
alter table sandbox.payments add constraint never_returned_more_than_paid
  check (disputed >= 0 and returned + returning_now + disputed <= paid);

create table if not exists sandbox.disputes (
  account_id      text not null references sandbox.accounts,
  id              text not null,
  payment_id      text not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  amount          bigint not null check (amount > 0),
  reason          text not null,
  status          text not null check (status in ('NEEDS_ANSWER', 'IN_REVIEW', 'CONCEDED', 'WON', 'LOST')),
  answer_by       timestamptz not null,
  -- Real time at which it is lost, by silence or because it was conceded.
  due_at          timestamptz,
  -- What was sent, by the caller's reference.
  evidence        jsonb not null default '[]',
  version         integer not null default 1,
  settlement_id   text,
  reversed_in     text,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (account_id, id),
  foreign key (account_id, payment_id) references sandbox.payments
);
create index if not exists disputes_by_payment on sandbox.disputes (account_id, payment_id);
create index if not exists disputes_due on sandbox.disputes (due_at) where due_at is not null;
create index if not exists disputes_unsettled on sandbox.disputes (account_id, created_at) where settlement_id is null;
