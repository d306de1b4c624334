-- A pause that begins on a day to come, and charges that are tried again by themselves after a decline.

alter table mandates
  -- When a pause that was asked for begins; from then on no charge starts, whether or not anybody has looked.
  add column pause_from timestamptz,
  add constraint pause_waits_while_active check (pause_from is null or status = 'active');
grant update (pause_from) on mandates to purser_app;

alter table mandate_executions
  -- Further tries, should this one be declined.
  add column retries_left smallint not null default 0 check (retries_left between 0 and 3),
  -- Business time at which a declined one is tried again.
  add column retry_at timestamptz,
  add constraint only_declines_are_tried_again check (retry_at is null or status = 'declined');
create index mandate_executions_to_retry on mandate_executions (retry_at) where retry_at is not null;
grant update (retry_at) on mandate_executions to purser_app;
grant select (merchant_id, mode, id, retry_at) on mandate_executions to purser_queue;
create policy queue on mandate_executions for select to purser_queue using (true);

-- A gateway that tells later what became of a notice names it by its own id.
create index pre_debit_notices_by_gateway_id on pre_debit_notices (merchant_id, mode, gateway_notice_id)
  where gateway_notice_id is not null;

create or replace function guard_mandate_execution() returns trigger language plpgsql as $$
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
       or new.started_at >= mandate.pause_from
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
