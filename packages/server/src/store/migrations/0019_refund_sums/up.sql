-- What a payment says is refunded, reserved and disputed is what its refunds and disputes hold, whoever writes it:
-- else a sum set to nothing by direct SQL makes room for a second refund. Checked at the commit, as balance_allocations
-- is, and only where such a sum or such a row changes: a payment without a refund and a dispute never runs it.

-- Run as whoever writes, so under its policies: a payment that cannot be seen at the commit is refused like one that
-- does not add up, or a change of tenant before the commit would hide it. A temporary table hides nothing either.
create function balance_refunds() returns trigger language plpgsql set search_path = purser, pg_temp as $$
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
end $$;
create constraint trigger payments_born_whole after insert on payments deferrable initially deferred for each row
  when (new.amount_refunded <> 0 or new.amount_refund_pending <> 0 or new.amount_disputed <> 0)
  execute function balance_refunds();
create constraint trigger payments_refund_balance after update on payments deferrable initially deferred for each row
  when (old.amount_refunded <> new.amount_refunded or old.amount_refund_pending <> new.amount_refund_pending
    or old.amount_disputed <> new.amount_disputed)
  execute function balance_refunds();
create constraint trigger refunds_asked_balance after insert on refunds
  deferrable initially deferred for each row execute function balance_refunds();
create constraint trigger refunds_balance after update on refunds deferrable initially deferred for each row
  when (old.status <> new.status) execute function balance_refunds();
create constraint trigger disputes_opened_balance after insert on disputes deferrable initially deferred for each row
  when (new.amount_reserved <> 0) execute function balance_refunds();
create constraint trigger disputes_balance after update on disputes deferrable initially deferred for each row
  when (old.amount_reserved <> new.amount_reserved) execute function balance_refunds();

-- The parts that are summed, and the amount that caps them all, are written once: a smaller part beside a smaller sum
-- would add up. And what a dispute holds is let go of only when it is won.
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception '% of % is fixed', tg_argv[0], tg_table_name using errcode = 'PU011';
end $$;
create trigger payments_amount_fixed before update of merchant_id, mode, id, currency, amount on payments for each row
  when ((old.merchant_id, old.mode, old.id, old.currency, old.amount)
    is distinct from (new.merchant_id, new.mode, new.id, new.currency, new.amount))
  execute function refuse_rewriting('amount');
create trigger refunds_amount_fixed before update of merchant_id, mode, id, payment_id, currency, amount on refunds
  for each row
  when ((old.merchant_id, old.mode, old.id, old.payment_id, old.currency, old.amount)
    is distinct from (new.merchant_id, new.mode, new.id, new.payment_id, new.currency, new.amount))
  execute function refuse_rewriting('amount');
create trigger disputes_hold_fixed before update of amount_reserved on disputes for each row
  when (new.amount_reserved < old.amount_reserved and new.status <> 'won')
  execute function refuse_rewriting('amount_reserved');

-- What the older triggers look up cannot be hidden behind a temporary table of the same name either.
create or replace function check_transition() returns trigger language plpgsql as $$
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
end $$;
alter function balance_allocations() set search_path = purser, pg_temp;
alter function guard_mandate_execution() set search_path = purser, pg_temp;
-- Nor does a change of tenant before the commit hide sums of allocations that do not add up.
do $$
begin
  execute replace(pg_get_functiondef('balance_allocations'::regproc),
    'if broken then raise', 'if broken is distinct from false then raise');
end $$;
