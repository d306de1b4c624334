-- A question that belongs to no call has a kind of its own: it stays open until the gateway has really answered, and
-- it stands in the way of no capture and of no void. operations_one_open lets one be open per payment.
alter table operations
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (kind in ('authorize', 'capture', 'void', 'refund', 'question'));
