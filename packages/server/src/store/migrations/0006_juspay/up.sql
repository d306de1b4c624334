-- What clients that were written for Juspay need beyond what there was: customers with a name in two parts, refunds by
-- the merchant's own reference, signed payloads, keys that merchants sign with, and webhooks in another shape.

alter table customers
  add column given_name text,
  add column family_name text,
  add column phone_country text not null default '91',
  add column updated_at timestamptz;

alter table refunds add column merchant_reference text check (length(merchant_reference) between 1 and 64);
create unique index refunds_by_merchant_reference on refunds (merchant_id, mode, order_id, merchant_reference)
  where merchant_reference is not null;

-- A customer's own token: an app that holds it may see that customer and nobody else.
alter table credentials drop constraint credentials_kind_check;
alter table credentials add constraint credentials_kind_check check (
  kind in ('secret_key', 'publishable_key', 'client_token', 'sign_in', 'receipt_link', 'customer_token'));

-- One row per payload that Purser signed: what it says is checked against this, whoever brings it back.
create table signed_payloads (
  merchant_id text not null,
  mode text not null,
  id text not null,
  kind text not null check (kind in ('initiate', 'process')),
  signing_key_id text not null,
  customer_id text,
  order_id text,
  order_terms_version integer,
  amount bigint check (amount > 0),
  currency char(3) references currencies,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, signing_key_id) references signing_keys (merchant_id, mode, id),
  foreign key (merchant_id, mode, customer_id) references customers (merchant_id, mode, id),
  foreign key (merchant_id, mode, order_id) references orders (merchant_id, mode, id),
  constraint process_names_order check (
    (kind = 'process') = (order_id is not null) and (order_id is null) = (amount is null)
    and (order_id is null) = (order_terms_version is null) and (order_id is null) = (currency is null)),
  constraint short_lived check (expires_at <= created_at + interval '15 minutes')
);

-- Keys that a merchant signs or encrypts with. `own` is the pair that we hold for it: the merchant encrypts to it, and
-- our answers are signed with it.
create table merchant_keys (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  public_key text not null,
  own_public_key text not null,
  own_private_key_sealed bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (merchant_id, mode, id)
);
create unique index merchant_keys_by_id on merchant_keys (id);

-- What return addresses are signed with.
create table response_keys (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  key_sealed bytea not null,
  created_at timestamptz not null,
  primary key (merchant_id, mode)
);

alter table webhook_endpoints
  add column format text not null default 'standard' check (format ~ '^[a-z]{1,20}$'),
  -- The names, in the words of the format, that this endpoint wants; empty in our own.
  add column format_names text[] not null default '{}',
  -- User, password and further headers of a format that proves itself with them.
  add column sender_sealed bytea;
-- The text that was made for this endpoint's format at the first try: every later try sends the same.
alter table deliveries add column body text;

-- A payment link names the order and nothing else.
create index orders_by_id on orders (id);

alter table signed_payloads enable row level security; alter table signed_payloads force row level security;
create policy tenant on signed_payloads to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on signed_payloads to purser_app;
-- What was signed is written once.
grant update (used_at) on signed_payloads to purser_app;
alter table merchant_keys enable row level security; alter table merchant_keys force row level security;
create policy tenant on merchant_keys to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on merchant_keys to purser_app;
alter table response_keys enable row level security; alter table response_keys force row level security;
create policy tenant on response_keys to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update on response_keys to purser_app;

-- Before anyone is known, whose key an encrypted request names.
grant select (merchant_id, mode, id, retired_at) on merchant_keys to purser_queue;
create policy lookup on merchant_keys for select to purser_queue using (true);
