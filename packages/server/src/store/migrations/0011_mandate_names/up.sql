-- What other APIs name mandates and notices by, and the day on which a paused mandate is to be resumed.
alter table mandates
  -- A second name, for clients that were never told the first; it grants nothing without a key.
  add column token text not null default replace(gen_random_uuid()::text, '-', ''),
  -- When the gateway is to be asked to resume it.
  add column resume_at timestamptz,
  add constraint resumption_waits_while_paused check (resume_at is null or status = 'paused');
create unique index mandates_by_token on mandates (merchant_id, mode, token);
grant update (resume_at) on mandates to purser_app;

alter table pre_debit_notices
  -- The merchant's own name of it, where it gave one.
  add column reference text,
  -- What was said along with it, in the words of the API that it came by.
  add column metadata jsonb not null default '{}';
create unique index pre_debit_notices_by_reference on pre_debit_notices (merchant_id, mode, reference)
  where reference is not null;
