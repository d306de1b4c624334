-- Who holds a key, as a number that grows with every takeover: a holder whose lease ran out and was taken over neither
-- answers the key nor lets go of it any more.
alter table idempotency_keys
  add column lease_number integer not null default 1 check (lease_number >= 1);
