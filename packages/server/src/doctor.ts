// Looks at what a start needs and says, line by line, what is well and what to do about what is not.
import pg from 'pg'
import type { Config } from './config.ts'
import { systemClock } from './kernel/clock.ts'

const LARGEST_SKEW_MS = 2_000

export async function diagnose(config: Config, admin: pg.ClientConfig): Promise<readonly string[]> {
  const client = new pg.Client(admin)
  try {
    await client.connect()
  } catch (error) {
    return [`NOT WELL  The database cannot be reached: ${error instanceof Error ? error.message : 'no reason given'}`]
  }
  try {
    const lines: string[] = []
    const check = (well: boolean, good: string, bad: string) =>
      lines.push(well ? `well      ${good}` : `NOT WELL  ${bad}`)
    const { rows } = await client.query<{ version: string; super: boolean; bypass: boolean; skew_ms: string }>(
      `select current_setting('server_version') as version, rolsuper as super, rolbypassrls as bypass,
              abs(extract(epoch from clock_timestamp()) * 1000 - $1::float8)::bigint::text as skew_ms
         from pg_roles where rolname = current_user`,
      [systemClock.now().getTime()],
    )
    const found = rows[0]
    lines.push(`well      PostgreSQL ${found?.version ?? ''} answers.`)
    const skewMs = Number.parseInt(found?.skew_ms ?? '0', 10)
    check(
      skewMs <= LARGEST_SKEW_MS,
      'The clocks of this machine and of the database agree.',
      `The clocks of this machine and of the database differ by ${skewMs} ms. Synchronise both with NTP.`,
    )
    const external = config.databaseUrl !== undefined
    check(
      !external || (found !== undefined && !found.super && !found.bypass),
      external
        ? 'The login is neither superuser nor exempt from row-level security.'
        : 'The embedded database serves requests as purser_app.',
      'The login of DATABASE_URL is a superuser or has BYPASSRLS. Create one with CREATEROLE and no more.',
    )
    const pending = await client.query(`select to_regclass('purser.schema_migrations') is not null as there`)
    check(
      pending.rows[0]?.there === true,
      'The schema is there.',
      'The schema is not there yet. Start the server or run: npm start -- migrate',
    )
    check(
      config.publicUrl !== undefined || !config.live,
      config.publicUrl === undefined
        ? 'Links use the address that the server listens on.'
        : `Links use ${config.publicUrl}.`,
      'PURSER_PUBLIC_URL is not set.',
    )
    return lines
  } finally {
    await client.end()
  }
}
