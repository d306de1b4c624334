// One consistent look at the whole database, of every tenant, while it may be in use. Row-level security is not
// bypassed by switching it off: a login that it binds gets an error here, because a checker that sees nothing finds
// nothing.
import type { Check, CheckRow } from './check.ts'

export type VerifyClient = {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as pg has it: the caller knows its columns
  query<Row extends object>(text: string, values?: unknown[]): Promise<{ readonly rows: Row[] }>
}

/** Runs `work` in one read-only snapshot on a connection that belongs to a superuser (or has BYPASSRLS). */
export async function inSnapshot<T>(client: VerifyClient, work: () => Promise<T>): Promise<T> {
  await client.query('begin transaction isolation level repeatable read, read only')
  try {
    await client.query(`set local search_path = purser`)
    await client.query(`set local row_security = off`)
    await client.query(`set local statement_timeout = 0`)
    await client.query(`set local idle_in_transaction_session_timeout = 0`)
    return await work()
  } finally {
    await client.query('rollback')
  }
}

// Enough to see what is wrong; a damaged database may break one claim a million times.
const MOST_ROWS = 100

/** Some of the rows that break the claim, and how many there are. */
export async function runCheck(
  client: VerifyClient,
  check: Check,
): Promise<{ readonly rows: readonly CheckRow[]; readonly total: number }> {
  const { rows } = await client.query<CheckRow & { total: string }>(
    `select found.*, count(*) over () as total from (${check.sql}) found limit ${MOST_ROWS}`,
    [...(check.values ?? [])],
  )
  return { rows, total: Number.parseInt(rows[0]?.total ?? '0', 10) }
}

const COUNTED = [
  'merchants',
  'orders',
  'payments',
  'payment_transitions',
  'refunds',
  'offline_payments',
  'allocations',
  'operations',
  'postings',
  'events',
  'deliveries',
  'notifications',
  'idempotency_keys',
  'receipts',
  'disputes',
  'settlement_lines',
  'audit',
] as const

/** How many rows of each table the snapshot holds. */
export async function countRows(client: VerifyClient): Promise<Readonly<Record<string, number>>> {
  const parts = COUNTED.map((table) => `select '${table}' as "table", count(*) as rows from ${table}`)
  const { rows } = await client.query<{ table: string; rows: string }>(parts.join(' union all '))
  return Object.fromEntries(rows.map((row) => [row.table, Number.parseInt(row.rows, 10)]))
}
