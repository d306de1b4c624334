// Makes the schema `sandbox` and brings it up to date. It may be called by the migrator's login, which makes role and
// schema, or by purser_sandbox itself once these exist. Two callers at once are fine: the loser's transaction fails as
// a whole and is tried again, and by then there is nothing left to do.
import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { sha256 } from '../../kernel/hmac.ts'

const TRIES = 5

/** Safe to call on every start; one query when nothing changed. */
export async function migrateSandbox(pool: pg.Pool): Promise<void> {
  const sql = await readFile(new URL('schema.sql', import.meta.url), 'utf8')
  const checksum = sha256(sql).toString('hex')
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await isCurrent(pool, checksum))) await apply(pool, sql, checksum)
      return
    } catch (error) {
      if (attempt === TRIES || !isRace(error)) throw error
    }
  }
}

async function isCurrent(pool: pg.Pool, checksum: string): Promise<boolean> {
  const { rows } = await pool.query<{ present: boolean }>(
    `select to_regclass('sandbox.schema_version') is not null as present`,
  )
  if (rows[0]?.present !== true) return false
  const { rowCount } = await pool.query(`select 1 from sandbox.schema_version where checksum = $1`, [checksum])
  return rowCount === 1
}

async function apply(pool: pg.Pool, sql: string, checksum: string): Promise<void> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const { rows } = await client.query<{ who: string; role: boolean; schema: boolean }>(
      `select current_user::text as who,
              exists (select 1 from pg_roles where rolname = 'purser_sandbox') as role,
              exists (select 1 from pg_namespace where nspname = 'sandbox') as schema`,
    )
    const found = rows[0]
    if (found?.role === false) await client.query('create role purser_sandbox login')
    if (found?.schema === false) await client.query('create schema sandbox authorization purser_sandbox')
    // The tables belong to the gateway's role, whoever calls.
    if (found?.who !== 'purser_sandbox') await client.query('set local role purser_sandbox')
    await client.query(sql)
    await client.query(
      `insert into sandbox.schema_version (checksum) values ($1)
           on conflict (only_row) do update set checksum = excluded.checksum`,
      [checksum],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}

// Someone else made the same object between our look and our attempt: unique_violation, duplicate_schema,
// duplicate_table, duplicate_object, "tuple concurrently updated", deadlock.
const RACES = new Set(['23505', '42P06', '42P07', '42710', 'XX000', '40P01'])

function isRace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && RACES.has(String(error.code))
}
