// Tells the planner what it cannot know of a new table. Until the first ANALYZE Postgres takes two conditions such as
// merchant_id = $1 and mode = $2 for so selective that it reads all rows of the merchant where it should look up one,
// and a fresh installation under load slows down a hundredfold within its first minute.
import type pg from 'pg'

const TELL = `
  select pg_restore_attribute_stats(
           'schemaname', n.nspname::text, 'relname', c.relname::text, 'attname', a.attname::text, 'inherited', false,
           'null_frac', 0::real, 'avg_width', 24, 'n_distinct', case when a.attname = 'id' then -1 else 1 end::real)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'purser'
    join pg_attribute a on a.attrelid = c.oid and a.attname in ('merchant_id', 'mode', 'id')
   where c.relkind = 'r' and c.reltuples < 0`

/** For tables that were never analyzed: one merchant, one mode, and an id of its own in every row. */
export async function writePlannerStatistics(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ able: boolean }>(
    `select current_setting('server_version_num')::int >= 180000 as able`,
  )
  // Older servers cannot be told; their autovacuum finds out within a minute or so.
  if (rows[0]?.able === true) await client.query(TELL)
}
