// The migrator on databases of its own: several at once, a second time, and over what somebody else has changed.
import pg from 'pg'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { printSchema } from '../testing/print-schema.ts'
import { migrate } from './migrate.ts'

let made = 0

/** An empty database, dropped when the test is over. */
async function givenDatabase(): Promise<{
  readonly target: pg.ClientConfig
  readonly query: (sql: string) => Promise<unknown>
}> {
  const { host, port, superuser } = inject('cluster')
  const database = `migrate_${process.pid}_${(made += 1)}`
  const maintenance = new pg.Client({ host, port, user: superuser, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`create database ${database}`)
  onTestFinished(async () => {
    await maintenance.query(`drop database ${database}`)
    await maintenance.end()
  })
  const target = { host, port, user: superuser, database }
  return { target, query: (sql) => withClient(target, (client) => client.query(sql)) }
}

async function withClient<T>(target: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(target)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

describe('The migrator', () => {
  test('does the work once when four start at the same moment', async () => {
    const { target } = await givenDatabase()
    const reports = await Promise.all([migrate(target), migrate(target), migrate(target), migrate(target)])
    const applied = reports.flatMap((report) => report.applied)
    expect(applied).toContain('0001_foundation')
    expect(new Set(applied).size).toBe(applied.length)
  })

  test('changes nothing the second time', async () => {
    const { target } = await givenDatabase()
    await migrate(target)
    const before = await withClient(target, printSchema)
    expect(await migrate(target)).toEqual({ applied: [] })
    expect(await withClient(target, printSchema)).toBe(before)
  })

  test('refuses a migration that was edited after it was applied', async () => {
    const { target, query } = await givenDatabase()
    await migrate(target)
    await query(`update purser.schema_migrations set checksum = 'of another text'`)
    await expect(migrate(target)).rejects.toThrow('0001_foundation was changed after it was applied')
  })

  test('refuses a database that a newer program has migrated, and names what it does not know', async () => {
    const { target, query } = await givenDatabase()
    await migrate(target)
    await query(`insert into purser.schema_migrations (name, checksum) values ('9999_future', '')`)
    await expect(migrate(target)).rejects.toThrow('newer than this program (it has 9999_future)')
  })
})
