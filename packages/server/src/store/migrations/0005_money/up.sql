-- Everything that a person may do with money: decide what no gateway can tell, let a second person approve a refund,
-- and take money that no gateway moves.

alter table payments
  -- What a person decided while the outcome was unknown; the gateway may contradict it later.
  add column person_outcome text check (person_outcome in ('captured', 'authorized', 'voided', 'declined', 'failed'));
