-- No row comes back when all is well: no plan outlives what it is about.
select m.id, 'to be resumed although it is over' as what
  from mandates m where m.resume_at is not null and m.resume_at >= m.ends_at;
