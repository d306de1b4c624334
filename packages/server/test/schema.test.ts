// What the migrations made, looked up in Postgres itself: the committed print of it, the walls between tenants on every
// table there is, and the domain's rules as rows. A table that is added without its policy fails here by name.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executionTransitions } from '../src/domain/mandate/execution.ts'
import { NOTICE_TABLE } from '../src/domain/mandate/notice.ts'
import { DISPUTE_TABLE } from '../src/domain/dispute/states.ts'
import { MANDATE_TABLE } from '../src/domain/mandate/states.ts'
import { OFFLINE_TABLE } from '../src/domain/offline/states.ts'
import { PAYMENT_TABLE } from '../src/domain/payment/states.ts'
import { REFUND_TABLE } from '../src/domain/refund/states.ts'
import { SESSION_TABLE } from '../src/domain/session/states.ts'
import { allowedTransitions } from '../src/domain/state-table.ts'
import { CURRENCIES } from '../src/kernel/currencies.ts'
import { printSchema } from '../src/testing/print-schema.ts'
import { projectFiles, textOf } from '../src/testing/project-source.ts'
import { openTestDatabase } from '../src/testing/test-database.ts'
import type { TestDatabase } from '../src/testing/test-database.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await openTestDatabase()
})

afterAll(() => db.close())

async function ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return (await db.pools.owner.query<Row>(sql, [...values])).rows
}

async function namesOf(sql: string): Promise<readonly string[]> {
  return (await ask<{ name: string }>(sql)).map((row) => row.name)
}

const TENANT_TABLES = `
  select c.relname as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id'
   where c.relkind = 'r' and c.relnamespace = 'purser'::regnamespace order by 1`

describe('The schema', () => {
  test('is what store/schema.sql shows', async () => {
    const client = await db.pools.owner.connect()
    const printed = await printSchema(client).finally(() => client.release(true))
    expect(printed).toBe(textOf('packages/server/src/store/schema.sql'))
  })

  test('passes the check of every migration', async () => {
    const checks = projectFiles().filter((path) => /\/migrations\/[^/]+\/check\.sql$/.test(path))
    expect(checks.length).toBeGreaterThan(0)
    for (const path of checks) expect({ path, rows: await ask(textOf(path)) }).toEqual({ path, rows: [] })
  })

  test('has no sequence, four trigger functions and no more, and no key that forgets the tenant', async () => {
    expect(
      await namesOf(`select relname as name from pg_class
       where relkind = 'S' and relnamespace = 'purser'::regnamespace`),
    ).toEqual([])
    expect(
      await namesOf(`select proname as name from pg_proc
       where pronamespace = 'purser'::regnamespace order by 1`),
    ).toEqual([
      'balance_allocations',
      'balance_refunds',
      'check_transition',
      'guard_mandate_execution',
      'refuse_change',
      'refuse_rewriting',
    ])
    const keys = await ask<{ table: string; key: string }>(`
      select c.relname as table, pg_get_constraintdef(k.oid) as key from pg_constraint k
        join pg_class c on c.oid = k.conrelid
       where k.contype = 'p' and c.relnamespace = 'purser'::regnamespace order by 1`)
    const others = keys.filter(({ key }) => !key.startsWith('PRIMARY KEY (merchant_id, mode,'))
    expect(others).toEqual([
      { table: 'allowed_transitions', key: 'PRIMARY KEY (noun, from_status, to_status)' },
      { table: 'audit_heads', key: 'PRIMARY KEY (merchant_id, mode)' },
      { table: 'credentials', key: 'PRIMARY KEY (hash)' },
      { table: 'currencies', key: 'PRIMARY KEY (code)' },
      { table: 'merchants', key: 'PRIMARY KEY (id)' },
      // One per merchant and mode.
      { table: 'response_keys', key: 'PRIMARY KEY (merchant_id, mode)' },
      { table: 'schema_migrations', key: 'PRIMARY KEY (name)' },
      { table: 'users', key: 'PRIMARY KEY (merchant_id, id)' },
    ])
  })

  test('knows the currencies of the kernel and the transitions of the domain, no more and no fewer', async () => {
    const known = Object.values(CURRENCIES).filter((currency) => currency.exponent !== null)
    const currencies = await ask<{ code: string; exponent: number }>('select code, exponent from currencies')
    expect(new Map(currencies.map((row) => [row.code, row.exponent]))).toEqual(
      new Map(known.map((currency) => [currency.code, currency.exponent])),
    )
    const rows = await namesOf(`select noun || ': ' || from_status || ' to ' || to_status as name
      from allowed_transitions`)
    const told = (noun: string, pairs: readonly (readonly [string, string])[]) =>
      pairs.map(([from, to]) => `${noun}: ${from} to ${to}`)
    const allowed = [
      ...told('payment', allowedTransitions(PAYMENT_TABLE)),
      ...told('refund', allowedTransitions(REFUND_TABLE)),
      ...told('session', allowedTransitions(SESSION_TABLE)),
      ...told('mandate', allowedTransitions(MANDATE_TABLE)),
      ...told('dispute', allowedTransitions(DISPUTE_TABLE)),
      ...told('pre_debit_notice', allowedTransitions(NOTICE_TABLE)),
      ...told('offline_payment', allowedTransitions(OFFLINE_TABLE)),
      ...told('mandate_execution', executionTransitions()),
    ]
    expect([...rows].sort()).toEqual(allowed.sort())
  })
})

describe('Roles', () => {
  test('that serve requests own nothing and are bound by every policy', async () => {
    const roles = await ask(`
      select rolname as role, rolsuper as super, rolbypassrls as bypass, rolcreaterole as makes_roles,
             rolcreatedb as makes_databases, (select count(*)::int from pg_class where relowner = r.oid) as owns
        from pg_roles r where rolname in ('purser_app', 'purser_queue') order by 1`)
    const bound = { super: false, bypass: false, makes_roles: false, makes_databases: false, owns: 0 }
    expect(roles).toEqual([
      { role: 'purser_app', ...bound },
      { role: 'purser_queue', ...bound },
    ])
  })

  test('that claim work may change leases and counts of tries, and nothing else', async () => {
    const rights = await namesOf(`
      select distinct privilege_type || ' ' || column_name as name from information_schema.column_privileges
       where grantee = 'purser_queue' and table_schema = 'purser' and privilege_type <> 'SELECT' order by 1`)
    expect(rights).toEqual(['UPDATE lease_token', 'UPDATE leased_until', 'UPDATE tries'])
  })

  test('that claim work see no amount, no body and no sealed secret', async () => {
    const seen = await namesOf(`
      select distinct table_name || '.' || column_name as name from information_schema.column_privileges
       where grantee = 'purser_queue' and table_schema = 'purser' order by 1`)
    expect(seen.filter((name) => /amount|body|sealed|data_key|private|facts|instrument|payer/.test(name))).toEqual([])
  })
})

describe('Every table of a tenant', () => {
  let tables: readonly string[]
  let full: TestDatabase

  // One row in each table, of merchant one in test mode. Constraints are dropped in this copy so that any row will do,
  // and the triggers that compare rows are off while they are put in; policies and triggers stay.
  beforeAll(async () => {
    tables = await namesOf(TENANT_TABLES)
    full = await openTestDatabase()
    const { rows: constraints } = await full.pools.owner.query<{ table: string; name: string }>(`
      select c.relname as table, conname as name from pg_constraint k join pg_class c on c.oid = k.conrelid
       where c.relnamespace = 'purser'::regnamespace and contype in ('c', 'f')`)
    for (const { table, name } of constraints) {
      await full.pools.owner.query(`alter table ${table} drop constraint "${name}"`)
    }
    for (const table of [...tables, 'merchants']) {
      const row = await insertion(table, 'one', 'test')
      await full.pools.owner.query(`begin; set local session_replication_role = replica; ${row}; commit`)
    }
  })

  afterAll(() => full.close())

  async function insertion(table: string, merchant: string, mode: string): Promise<string> {
    const columns = await ask<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = ('purser.' || $1)::regclass and attnum > 0 and not attisdropped`,
      [table],
    )
    const values = columns.map(({ name, type }) => {
      if (name === 'merchant_id' || (table === 'merchants' && name === 'id')) return `'${merchant}'`
      return name === 'mode' ? `'${mode}'` : valueOf(type)
    })
    return `insert into purser.${table} (${columns.map(({ name }) => `"${name}"`).join(', ')}) values (${values.join(', ')})`
  }

  /** Asks as purser_app, in a transaction whose settings are these; `undefined` leaves one unset. */
  async function asApp<T>(merchant: string | undefined, mode: string | undefined, work: Work<T>): Promise<T> {
    const client = new pg.Client({ ...full.address, user: 'purser_app', database: full.name })
    await client.connect()
    try {
      await client.query('set search_path = purser')
      await client.query('begin')
      if (merchant !== undefined) await client.query(`select set_config('app.merchant', $1, true)`, [merchant])
      if (mode !== undefined) await client.query(`select set_config('app.mode', $1, true)`, [mode])
      return await work(client)
    } finally {
      await client.end()
    }
  }

  async function counts(client: pg.Client): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {}
    for (const table of [...tables, 'merchants']) {
      const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
      found[table] = rows[0]?.n ?? -1
    }
    return found
  }

  const all = (n: number) => Object.fromEntries([...tables, 'merchants'].map((table) => [table, n]))

  test('forces row-level security and has a policy by merchant and mode', async () => {
    expect(tables.length).toBeGreaterThan(20)
    const walls = await ask<{ name: string; enabled: boolean; forced: boolean; policy: string | null }>(`
      select c.relname as name, relrowsecurity as enabled, relforcerowsecurity as forced,
             (select qual from pg_policies where tablename = c.relname and 'purser_app' = any(roles)) as policy
        from pg_class c where relkind = 'r' and relnamespace = 'purser'::regnamespace order by 1`)
    const open = ['allowed_transitions', 'currencies', 'schema_migrations']
    expect(walls.filter((it) => !it.enabled || !it.forced).map((it) => it.name)).toEqual(open)
    for (const { name, policy } of walls.filter((it) => !open.includes(it.name))) {
      expect({ name, policy }).toEqual({ name, policy: expect.stringContaining(`current_setting('app.merchant'`) })
      // A merchant and its people are of no mode.
      if (name !== 'merchants' && name !== 'users') expect(policy).toContain(`current_setting('app.mode'`)
    }
  })

  test('shows its row to its tenant', async () => {
    expect(await asApp('one', 'test', counts)).toEqual(all(1))
  })

  test('shows nothing to nobody: no settings, empty ones, or half of them', async () => {
    expect(await asApp(undefined, undefined, counts)).toEqual(all(0))
    expect(await asApp('', '', counts)).toEqual(all(0))
    expect(await asApp('', 'test', counts)).toEqual(all(0))
    expect(await asApp('one', '', counts)).toEqual({ ...all(0), merchants: 1, users: 1 })
  })

  test('shows nothing to another merchant, and nothing to the other mode', async () => {
    expect(await asApp('two', 'test', counts)).toEqual(all(0))
    expect(await asApp('one', 'live', counts)).toEqual({ ...all(0), merchants: 1, users: 1 })
  })

  test('takes no row of another tenant', async () => {
    for (const table of tables) {
      const refused = asApp('two', 'test', async (client) => client.query(await insertion(table, 'one', 'test')))
      await expect(refused, table).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('that keeps facts refuses every change of them, even by the superuser', async () => {
    const facts = await namesOf(`select tgrelid::regclass::text as name from pg_trigger
      where tgname like '%_append_only' order by 1`)
    expect(facts).toEqual([
      'allocations',
      'audit',
      'audit_links',
      'delivery_attempts',
      'dispute_evidence',
      'dispute_transitions',
      'events',
      'exchanges',
      'fulfilments',
      'mandate_transitions',
      'payment_transitions',
      'postings',
      'receipts',
      'settlement_lines',
    ])
    for (const table of facts) {
      await expect(full.pools.owner.query(`update ${table} set mode = mode`)).rejects.toMatchObject({ code: 'PU003' })
      await expect(full.pools.owner.query(`delete from ${table}`)).rejects.toMatchObject({ code: 'PU003' })
    }
  })

  test.each(['payments', 'refunds', 'sessions'])(
    'refuses a step of %s that the domain does not know',
    async (table) => {
      const { owner } = full.pools
      const step = `update ${table} set status = 'nowhere', version = version + 1`
      await expect(owner.query(step)).rejects.toMatchObject({ code: 'PU002' })
      await expect(owner.query(`update ${table} set version = version`)).rejects.toMatchObject({ code: 'PU001' })
    },
  )
})

type Work<T> = (client: pg.Client) => Promise<T>

function valueOf(type: string): string {
  if (/^(big|small)?int/.test(type) && type !== 'interval') return '1'
  if (type.startsWith('timestamp') || type === 'date') return 'now()'
  const known: Readonly<Record<string, string>> = {
    boolean: 'false',
    jsonb: `'{}'`,
    interval: `'0'`,
    bytea: `'\\x00'`,
    'text[]': `'{}'`,
  }
  return known[type] ?? `'x'`
}
