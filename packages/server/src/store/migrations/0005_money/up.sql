-- Everything that a person may do with money: decide what no gateway can tell, let a second person approve a refund,
-- and take money that no gateway moves.

alter table payments
  -- What a person decided while the outcome was unknown; the gateway may contradict it later.
  add column person_outcome text check (person_outcome in ('captured', 'authorized', 'voided', 'declined', 'failed'));

alter table refunds
  drop constraint refunds_status_check,
  add constraint refunds_status_check check (
    status in ('awaiting_approval', 'rejected', 'pending', 'unknown', 'review', 'failed', 'succeeded')),
  -- Who asked for it; null for one that a gateway or Purser itself made.
  add column requested_by text,
  add column needs_approval boolean not null default false,
  -- The second person, who approved or rejected it.
  add column decided_by text,
  add constraint refund_decided_by_another check (decided_by is null or decided_by <> requested_by),
  add constraint refund_sent_once_approved check (
    not needs_approval or decided_by is not null or status in ('awaiting_approval', 'succeeded')),
  add constraint refund_waits_only_for_approval check (needs_approval or status not in ('awaiting_approval', 'rejected'));

-- A refund of more than this needs a second person.
create table refund_approval_thresholds (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  currency char(3) not null references currencies,
  amount bigint not null check (amount > 0 and amount <= 10000000000000),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, currency)
);
alter table refund_approval_thresholds enable row level security; alter table refund_approval_thresholds force row level security;
create policy tenant on refund_approval_thresholds to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, update, delete on refund_approval_thresholds to purser_app;
