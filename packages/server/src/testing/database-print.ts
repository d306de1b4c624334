// A print of everything that is stored, the sandbox gateway's book included: for tests that say that nothing changed.
// Row counts would miss a row that was changed, and versions a table that has none.
import type pg from 'pg'

/** For each table its number of rows and a digest of all that is in them. */
export async function printDatabase(owner: pg.Pool): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('purser', 'sandbox') order by 1`,
  )
  const prints: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await owner.query<{ print: string }>(
      `select count(*) || ':' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as print from ${name} t`,
    )
    prints[name] = rows[0]?.print ?? ''
  }
  return prints
}
