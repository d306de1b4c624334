-- Cash on delivery: money that no gateway knows of, and no other money is such.
alter table payments
  alter column gateway_account_id drop not null,
  add constraint only_cash_has_no_gateway check ((gateway_account_id is null) = (method = 'cash_on_delivery'));
