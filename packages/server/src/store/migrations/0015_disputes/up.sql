-- Disputes: a payer's bank takes money back. Whatever is undecided or lost is held from the payment's captured money by
-- the same constraint that caps its refunds (refunds_within_captured), whatever came first.

create table disputes (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text not null,
  gateway_account_id text not null,
  gateway_dispute_id text not null,
  -- The gateway's own count of changes: what is older is stale.
  gateway_sequence bigint,
  status text not null check (status in ('open', 'under_review', 'accepted', 'expired', 'won', 'lost')),
  version integer not null default 1,
  currency char(3) not null,
  -- By the gateway's word. What the payment has left of it is reserved: less, where refunds were quicker.
  amount bigint not null check (amount > 0),
  amount_reserved bigint not null check (amount_reserved >= 0),
  reason text not null,
  gateway_code text,
  evidence_due_at timestamptz,
  -- Asked of the gateway and not confirmed yet.
  pending_action text check (pending_action in ('accept', 'submit_evidence')),
  -- When it is looked at next: evidence that runs out, an answer to ask for. Business time.
  due_at timestamptz,
  opened_at timestamptz not null,
  decided_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, gateway_account_id, gateway_dispute_id),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, order_id) references orders (merchant_id, mode, id),
  foreign key (merchant_id, mode, gateway_account_id) references gateway_accounts (merchant_id, mode, id),
  constraint reserves_no_more_than_is_disputed check (amount_reserved <= amount),
  constraint won_reserves_nothing check (status <> 'won' or amount_reserved = 0),
  constraint decided_has_a_time check ((decided_at is not null) = (status in ('won', 'lost'))),
  constraint decided_waits_for_nothing check (status not in ('won', 'lost') or (due_at is null and pending_action is null))
);
create index disputes_by_payment on disputes (merchant_id, mode, payment_id);
create index disputes_by_status on disputes (merchant_id, mode, status, id desc);
create index disputes_due on disputes (due_at) where due_at is not null;
create trigger disputes_transition before update on disputes for each row execute function check_transition('dispute');

create table dispute_transitions (
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
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (merchant_id, mode, dispute_id, version),
  foreign key (merchant_id, mode, dispute_id) references disputes (merchant_id, mode, id)
);
create trigger dispute_transitions_append_only before update or delete on dispute_transitions
  for each row execute function refuse_change();

-- What was said against it, once and for ever.
create table dispute_evidence (
  merchant_id text not null,
  mode text not null,
  -- Also what the gateway knows the submission by: sent twice, it is one.
  id text not null,
  dispute_id text not null,
  statement text not null,
  refs text[] not null,
  submitted_by text not null,
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, dispute_id) references disputes (merchant_id, mode, id)
);
create index dispute_evidence_by_dispute on dispute_evidence (merchant_id, mode, dispute_id, id);
create trigger dispute_evidence_append_only before update or delete on dispute_evidence
  for each row execute function refuse_change();

alter table postings
  add column dispute_id text,
  add foreign key (merchant_id, mode, dispute_id) references disputes (merchant_id, mode, id),
  add constraint dispute_names_its_dispute check ((reason like '%dispute%') = (dispute_id is not null));
create index postings_by_dispute on postings (merchant_id, mode, dispute_id) where dispute_id is not null;

alter table settlement_lines
  add column dispute_id text,
  add foreign key (merchant_id, mode, dispute_id) references disputes (merchant_id, mode, id),
  drop constraint settlement_lines_kind_check,
  add constraint settlement_lines_kind_check check (kind in ('capture', 'refund', 'dispute', 'dispute_reversal')),
  drop constraint matched_is_ours,
  add constraint matched_is_ours check (
    outcome = 'broken' or (payment_id is not null and (kind = 'refund') = (refund_id is not null)
      and (kind in ('dispute', 'dispute_reversal')) = (dispute_id is not null))),
  drop constraint matched_adds_up,
  add constraint matched_adds_up check (
    outcome = 'broken'
    or net = case when kind in ('capture', 'dispute_reversal') then gross else -gross end - fee - gst - tds);

alter table disputes enable row level security; alter table disputes force row level security;
create policy tenant on disputes to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table dispute_transitions enable row level security; alter table dispute_transitions force row level security;
create policy tenant on dispute_transitions to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table dispute_evidence enable row level security; alter table dispute_evidence force row level security;
create policy tenant on dispute_evidence to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on disputes, dispute_transitions, dispute_evidence to purser_app;
-- What the gateway named is written once: the application may change the rest.
grant update (gateway_sequence, status, version, amount_reserved, reason, gateway_code, evidence_due_at, pending_action,
  due_at, decided_at, updated_at) on disputes to purser_app;
grant select (merchant_id, mode, id, due_at) on disputes to purser_queue;
create policy queue on disputes for select to purser_queue using (true);
