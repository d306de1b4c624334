-- No row comes back when all is well: every key is held under a number from one on.
select key as id, 'held under no number' as what from idempotency_keys where lease_number < 1;
