// Brings the database to the schema of this program: forward only, each migration in its own transaction and checked
// against its recorded checksum. The migrator locks its own table, so two that start at once do the work once.
// It is the only code that connects as the login that may create roles.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { sha256 } from '../kernel/hmac.ts'
import { ROLES } from './db.ts'
import { writePlannerStatistics } from './planner-statistics.ts'
import { writeReferenceData } from './reference-data.ts'

export type MigrationTarget = pg.ClientConfig

export type MigrationReport = { readonly applied: readonly string[] }

type Migration = { readonly name: string; readonly sql: string; readonly checksum: string }

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url))

/** @throws Error when an applied migration was edited, or when the database is newer than this program. */
export async function migrate(target: MigrationTarget): Promise<MigrationReport> {
  const client = new pg.Client(target)
  await client.connect()
  try {
    await prepare(client)
    const migrations = await readMigrations()
    const applied: string[] = []
    for (const migration of migrations) {
      if (await applyOne(client, migration)) applied.push(migration.name)
    }
    await refuseNewer(client, migrations)
    await inOneTransaction(client, () => writeReferenceData(client))
    if (applied.length > 0) {
      await inOneTransaction(client, async () => {
        await client.query('set local role purser_owner')
        await writePlannerStatistics(client)
      })
    }
    return { applied }
  } finally {
    await client.end()
  }
}

async function prepare(client: pg.Client): Promise<void> {
  for (const role of ['purser_owner', ...ROLES]) await createRole(client, role)
  await inOneTransaction(client, async () => {
    await client.query('create schema if not exists purser authorization purser_owner').catch(ignoreRace)
  })
  await client.query(`grant usage on schema purser to purser_app, purser_queue`).catch(ignoreSameGrant)
  await client.query('set search_path = purser')
  await client
    .query(
      `create table if not exists schema_migrations (
         name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    )
    .catch(ignoreRace)
}

async function createRole(client: pg.Client, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
  if (rowCount === 0) await client.query(`create role ${role} login`).catch(ignoreRace)
  const { rows } = await client.query<{ super: boolean }>(
    'select rolsuper as super from pg_roles where rolname = current_user',
  )
  // A login that is not a superuser may assume the roles only as their member.
  if (rows[0]?.super === false) await client.query(`grant ${role} to current_user`)
}

// Two migrators that meet at "create … if not exists" can collide in the catalogue: the other one did it.
function ignoreRace(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== '23505' && code !== '42710' && code !== '42P06' && code !== '42P07') throw error
}

// Of two who grant the same at the same instant Postgres tells one that the row has changed under it: it is granted.
function ignoreSameGrant(error: unknown): void {
  if (!(error instanceof Error) || error.message !== 'tuple concurrently updated') throw error
}

async function applyOne(client: pg.Client, migration: Migration): Promise<boolean> {
  return inOneTransaction(client, async () => {
    await client.query('lock table schema_migrations in access exclusive mode')
    const { rows } = await client.query<{ checksum: string }>(
      'select checksum from schema_migrations where name = $1',
      [migration.name],
    )
    const known = rows[0]?.checksum
    if (known === migration.checksum) return false
    if (known !== undefined) {
      throw new Error(`Migration ${migration.name} was changed after it was applied. Restore it and add a new one.`)
    }
    await client.query('set local role purser_owner')
    await client.query('set local search_path = purser')
    await client.query(migration.sql)
    await client.query('reset role')
    await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [
      migration.name,
      migration.checksum,
    ])
    return true
  })
}

async function refuseNewer(client: pg.Client, known: readonly Migration[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select name from schema_migrations order by name')
  const names = new Set(known.map((migration) => migration.name))
  const foreign = rows.filter((row) => !names.has(row.name))
  if (foreign.length > 0) {
    const list = foreign.map((row) => row.name).join(', ')
    throw new Error(`The database is newer than this program (it has ${list}). Run the newer version.`)
  }
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_[a-z0-9_]+$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(FOLDER, name, 'up.sql'), 'utf8')
      return { name, sql, checksum: sha256(sql).toString('hex') }
    }),
  )
}

async function inOneTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
