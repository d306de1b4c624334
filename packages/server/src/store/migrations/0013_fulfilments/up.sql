-- What a merchant says about handing over what was paid for. It is told to Purser and moves no money; some clients want
-- it kept beside the order.

create table fulfilments (
  merchant_id text not null,
  mode text not null,
  id text not null,
  order_id text not null,
  -- In the words of whoever told it.
  status text not null check (status ~ '^[A-Z_]{1,40}$'),
  command text not null check (command ~ '^[A-Z_]{1,40}$'),
  reference text check (length(reference) between 1 and 128),
  note text not null check (length(note) <= 2000),
  created_at timestamptz not null,
  primary key (merchant_id, mode, id),
  foreign key (merchant_id, mode, order_id) references orders (merchant_id, mode, id)
);
create index fulfilments_by_order on fulfilments (merchant_id, mode, order_id, id);
create trigger fulfilments_append_only before update or delete on fulfilments for each row execute function refuse_change();

alter table fulfilments enable row level security; alter table fulfilments force row level security;
create policy tenant on fulfilments to purser_app using (merchant_id = nullif(current_setting('app.merchant', true), '') and mode = nullif(current_setting('app.mode', true), ''));
grant select, insert on fulfilments to purser_app;
