-- Money that no gateway moves: cash, cheques and bank transfers that a person records; what of a payment is applied to
-- which order or invoice; and refunds that a person pays out. Nothing of it is edited: corrections are new rows.

alter table payments
  -- Money on account: it belongs to no order until it is allocated.
  alter column order_id drop not null,
  -- What is applied to orders or invoices at present: the sum of its allocations.
  add column amount_allocated bigint not null default 0,
  -- Recorded in error, or bounced: all of it or none.
  add column amount_reversed bigint not null default 0,
  drop constraint payments_method_check,
  add constraint payments_method_check check (
    method in ('upi', 'card', 'netbanking', 'wallet', 'cash_on_delivery', 'cash', 'cheque', 'bank_transfer')),
  drop constraint only_cash_has_no_gateway,
  add constraint only_cash_has_no_gateway check (
    (gateway_account_id is null) = (method in ('cash_on_delivery', 'cash', 'cheque', 'bank_transfer'))),
  add constraint only_offline_has_no_order check ((order_id is null) = (method in ('cash', 'cheque', 'bank_transfer'))),
  add constraint what_is_allocated_was_received check (
    amount_allocated >= 0 and amount_allocated + amount_refunded + amount_reversed <= amount_captured),
  add constraint reversed_whole_and_alone check (
    amount_reversed = 0
    or (amount_reversed = amount_captured and order_id is null
        and amount_refunded + amount_refund_pending + amount_disputed + amount_allocated = 0));

alter table orders
  -- Applied to it from payments that are not its own; a part of amount_captured.
  add column amount_allocated bigint not null default 0,
  -- Of that, given back since: a refund does not make an order unpaid.
  add column amount_allocated_refunded bigint not null default 0,
  add constraint allocated_within_due check (amount_allocated >= 0 and amount_allocated <= amount),
  add constraint allocated_refunded_within_allocated check (
    amount_allocated_refunded >= 0 and amount_allocated_refunded <= amount_allocated);

-- What the merchant's own billing asked for, as far as money was applied to it. The id is the merchant's own.
create table invoices (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  id text not null check (length(id) between 1 and 64),
  currency char(3) not null references currencies,
  amount bigint not null check (amount > 0 and amount <= 10000000000000),
  amount_allocated bigint not null default 0,
  amount_allocated_refunded bigint not null default 0,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, id, currency),
  constraint invoice_allocated_within_due check (amount_allocated >= 0 and amount_allocated <= amount),
  constraint invoice_refunded_within_allocated check (
    amount_allocated_refunded >= 0 and amount_allocated_refunded <= amount_allocated)
);

create table offline_payments (
  merchant_id text not null,
  mode text not null,
  payment_id text not null,
  currency char(3) not null,
  method text not null check (method in ('cash', 'cheque', 'bank_transfer')),
  -- A cheque waits for its bank; cash and transfers are there when they are recorded.
  status text not null check (status in ('recorded', 'cleared', 'bounced', 'reversed')),
  version integer not null default 1,
  customer_id text,
  bank text check (length(bank) between 1 and 100),
  cheque_number text check (cheque_number ~ '^[0-9]{1,12}$'),
  cheque_date date,
  utr text check (utr ~ '^[A-Za-z0-9]{6,35}$'),
  received_at timestamptz not null,
  received_by text,
  note text not null default '',
  recorded_by text not null,
  cleared_at timestamptz,
  ended_at timestamptz,
  ended_by text,
  ended_reason text check (length(ended_reason) between 1 and 500),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, mode, payment_id),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, customer_id) references customers (merchant_id, mode, id),
  constraint cheque_is_named check (
    (method = 'cheque') = (cheque_number is not null) and (method = 'cheque') = (cheque_date is not null)
    and (method <> 'cheque' or bank is not null)),
  constraint transfer_is_named check ((method = 'bank_transfer') = (utr is not null)),
  constraint only_cheques_wait_and_bounce check (method = 'cheque' or status not in ('recorded', 'bounced')),
  constraint cleared_has_a_time check (status <> 'cleared' or cleared_at is not null),
  constraint ended_is_explained check (
    (status in ('bounced', 'reversed')) = (ended_at is not null)
    and (ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_reason is null))
);
-- The same paper, or the same transfer, is money once. One that bounced or was reversed may come again.
create unique index offline_payments_one_per_cheque
  on offline_payments (merchant_id, mode, lower(bank), ltrim(cheque_number, '0'))
  where method = 'cheque' and status in ('recorded', 'cleared');
create unique index offline_payments_one_per_transfer on offline_payments (merchant_id, mode, upper(utr))
  where method = 'bank_transfer' and status in ('recorded', 'cleared');
create index offline_payments_by_time on offline_payments (merchant_id, mode, payment_id desc);
create index offline_payments_by_customer on offline_payments (merchant_id, mode, customer_id, payment_id desc)
  where customer_id is not null;
create trigger offline_payments_transition before update on offline_payments
  for each row execute function check_transition('offline_payment');

-- A part of a payment applied to an order or an invoice. Taken back by a row of its own, with a minus.
create table allocations (
  merchant_id text not null,
  mode text not null,
  id text not null,
  payment_id text not null,
  order_id text,
  invoice_id text,
  currency char(3) not null,
  amount bigint not null check (amount <> 0),
  reason text not null check (reason in ('applied', 'withdrawn', 'reversed', 'refunded')),
  -- The row that it takes back, and the refund that made it do so.
  corrects text,
  refund_id text,
  note text not null default '',
  created_by text not null,
  payment_version integer not null,
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (merchant_id, mode, id),
  unique (merchant_id, mode, id, payment_id),
  foreign key (merchant_id, mode, payment_id, currency) references payments (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, order_id, currency) references orders (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, invoice_id, currency) references invoices (merchant_id, mode, id, currency),
  foreign key (merchant_id, mode, corrects, payment_id) references allocations (merchant_id, mode, id, payment_id),
  foreign key (merchant_id, mode, refund_id) references refunds (merchant_id, mode, id),
  constraint allocation_has_one_target check ((order_id is null) <> (invoice_id is null)),
  constraint only_corrections_are_negative check (
    (reason = 'applied') = (amount > 0) and (reason = 'applied') = (corrects is null)),
  constraint refunded_names_refund check ((reason = 'refunded') = (refund_id is not null))
);
create index allocations_by_payment on allocations (merchant_id, mode, payment_id, id);
create index allocations_by_order on allocations (merchant_id, mode, order_id, id) where order_id is not null;
create index allocations_by_invoice on allocations (merchant_id, mode, invoice_id, id) where invoice_id is not null;
create index allocations_by_correction on allocations (merchant_id, mode, corrects) where corrects is not null;
create trigger allocations_append_only before update or delete on allocations
  for each row execute function refuse_change();

-- Given back by hand: no gateway is involved, and how it was paid out is said.
alter table refunds
  alter column order_id drop not null,
  alter column gateway_account_id drop not null,
  add column way text check (way in ('cash', 'bank_transfer', 'cheque')),
  add column way_reference text check (length(way_reference) between 1 and 64),
  add column given_at timestamptz,
  add column given_by text check (length(given_by) between 1 and 100),
  add constraint refund_by_gateway_or_by_hand check (
    (gateway_account_id is null) = (way is not null)
    and (way is null) = (given_at is null) and (way is null) = (given_by is null)),
  add constraint refund_by_bank_is_named check (way is null or way = 'cash' or way_reference is not null);

-- The sums that the rows above carry are the sums of the allocations, whoever writes them: looked at when the
-- transaction commits, and every writer has to change the carrying row, so that two of them wait for each other.
create function balance_allocations() returns trigger language plpgsql as $$
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
    if broken then raise exception 'payment % and its allocations do not add up', payment using errcode = 'PU008'; end if;
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
    if broken then raise exception 'order % and its allocations do not add up', order_ using errcode = 'PU008'; end if;
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
    if broken then raise exception 'invoice % and its allocations do not add up', invoice using errcode = 'PU008'; end if;
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
end $$;
create constraint trigger allocations_balance after insert on allocations
  deferrable initially deferred for each row execute function balance_allocations();
create constraint trigger payments_balance after update on payments deferrable initially deferred for each row
  when (old.amount_allocated <> new.amount_allocated or old.amount_reversed <> new.amount_reversed)
  execute function balance_allocations();
create constraint trigger payments_offline after insert on payments deferrable initially deferred for each row
  when (new.order_id is null) execute function balance_allocations();
create constraint trigger orders_balance after update on orders deferrable initially deferred for each row
  when (old.amount_allocated <> new.amount_allocated or old.amount_allocated_refunded <> new.amount_allocated_refunded)
  execute function balance_allocations();
create constraint trigger invoices_balance after update on invoices
  deferrable initially deferred for each row execute function balance_allocations();
create constraint trigger offline_payments_balance after insert or update on offline_payments
  deferrable initially deferred for each row execute function balance_allocations();
create constraint trigger refunds_of_cleared_money after insert on refunds deferrable initially deferred for each row
  when (new.way is not null) execute function balance_allocations();

alter table invoices enable row level security; alter table invoices force row level security;
create policy tenant on invoices to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table offline_payments enable row level security; alter table offline_payments force row level security;
create policy tenant on offline_payments to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table allocations enable row level security; alter table allocations force row level security;
create policy tenant on allocations to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on invoices, offline_payments, allocations to purser_app;
-- What was recorded is written once; only what became of it changes.
grant update (amount_allocated, amount_allocated_refunded, version, updated_at) on invoices to purser_app;
grant update (status, version, cleared_at, ended_at, ended_by, ended_reason, updated_at) on offline_payments to purser_app;
