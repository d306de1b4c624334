-- Ways to pay that a customer kept: what the gateway calls them, and what a payer recognises them by. No card number
-- and nothing to make one from; the gateway's own name for it is of use only with the account's credentials.
create table saved_methods (
  merchant_id text not null,
  mode text not null,
  id text not null,
  customer_id text not null,
  gateway_account_id text not null,
  -- What the gateway calls it. Gone once it is deleted: what nobody can name nobody can charge.
  gateway_method_id text check (length(gateway_method_id) between 1 and 200),
  kind text not null check (kind in ('card', 'upi', 'wallet')),
  network text,
  funding text,
  issuer text,
  bin text check (bin ~ '^[0-9]{6,8}$'),
  last_four text check (last_four ~ '^[0-9]{4}$'),
  expiry_month smallint check (expiry_month between 1 and 12),
  expiry_year smallint check (expiry_year between 2000 and 2199),
  -- With its middle left out.
  vpa_masked text check (vpa_masked ~ '[•]'),
  wallet text,
  -- The payment that it was kept with: one keeps one.
  payment_id text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  deleted_at timestamptz,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, payment_id),
  foreign key (merchant_id, mode, customer_id) references customers (merchant_id, mode, id),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  foreign key (merchant_id, mode, payment_id) references payments (merchant_id, mode, id),
  constraint forgotten_when_deleted check ((deleted_at is null) = (gateway_method_id is not null)),
  constraint shows_what_it_is check (
    (kind = 'card') = (last_four is not null) and (kind = 'upi') = (vpa_masked is not null)
    and (kind = 'wallet') = (wallet is not null) and (kind = 'card' or (bin is null and expiry_year is null))
    and (expiry_year is null) = (expiry_month is null))
);
-- The same card kept twice is one.
create unique index saved_methods_once on saved_methods
  (merchant_id, mode, customer_id, gateway_account_id, gateway_method_id) where deleted_at is null;
create index saved_methods_by_customer on saved_methods (merchant_id, mode, customer_id, last_used_at desc)
  where deleted_at is null;

alter table saved_methods enable row level security; alter table saved_methods force row level security;
create policy tenant on saved_methods to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on saved_methods to purser_app;
-- Whose it is and what it is are written once.
grant update (gateway_method_id, last_used_at, deleted_at) on saved_methods to purser_app;

-- Whose session it is. Empty where anybody may have opened it, through a link: it shows nobody's saved methods.
alter table sessions add column customer_id text,
  add constraint sessions_customer_fkey foreign key (merchant_id, mode, customer_id)
    references customers (merchant_id, mode, id);

-- Up to how much an order may be paid in cash when it is delivered, and in which money; empty: not at all.
alter table merchants
  add column cash_on_delivery_max bigint check (cash_on_delivery_max > 0 and cash_on_delivery_max <= 10000000000000),
  add column cash_on_delivery_currency char(3) references currencies,
  add constraint cash_with_currency check ((cash_on_delivery_max is null) = (cash_on_delivery_currency is null));
