-- The audit as a chain: each row is linked to the one before by a hash, shortly after it was written and not in the
-- change's own transaction, which would make every merchant's changes wait for each other.

-- What is not linked yet: written with the audit row, taken away with its link.
create table audit_unlinked (
  merchant_id text not null,
  mode text not null,
  audit_id text not null,
  at timestamptz not null default now(),
  primary key (merchant_id, mode, audit_id),
  foreign key (merchant_id, mode, audit_id) references audit (merchant_id, mode, id)
);
create index audit_unlinked_by_age on audit_unlinked (at);

create table audit_links (
  merchant_id text not null,
  mode text not null,
  -- From 1, without a gap.
  position bigint not null check (position > 0),
  audit_id text not null,
  previous bytea not null check (length(previous) = 32),
  hash bytea not null check (length(hash) = 32),
  linked_at timestamptz not null default now(),
  primary key (merchant_id, mode, position),
  unique (merchant_id, mode, audit_id),
  foreign key (merchant_id, mode, audit_id) references audit (merchant_id, mode, id)
);
create trigger audit_links_append_only before update or delete on audit_links
  for each row execute function refuse_change();

-- The last link of each chain, and what two who link at once wait for.
create table audit_heads (
  merchant_id text not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  position bigint not null default 0 check (position >= 0),
  hash bytea not null default sha256('') check (length(hash) = 32),
  primary key (merchant_id, mode)
);

insert into audit_unlinked (merchant_id, mode, audit_id) select merchant_id, mode, id from audit;

alter table audit_unlinked enable row level security; alter table audit_unlinked force row level security;
create policy tenant on audit_unlinked to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table audit_links enable row level security; alter table audit_links force row level security;
create policy tenant on audit_links to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
alter table audit_heads enable row level security; alter table audit_heads force row level security;
create policy tenant on audit_heads to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert, delete on audit_unlinked to purser_app;
grant select, insert on audit_links to purser_app;
grant select, insert, update (position, hash) on audit_heads to purser_app;
grant select (merchant_id, mode, at) on audit_unlinked to purser_queue;
create policy queue on audit_unlinked for select to purser_queue using (true);
