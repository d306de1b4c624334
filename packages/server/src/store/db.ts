// The only file that opens transactions. A `Tx` can be had nowhere else, so a function that needs one says so in its
// signature, and every Tx belongs to one tenant: row-level security shows it that merchant and mode and nothing else.
// `now` is business time: the merchant's test clock in test mode, real time in live mode. It stands still within a Tx.
import { createHash } from 'node:crypto'
import pg from 'pg'
import { AppError, invariant } from '../kernel/errors.ts'
import type { Tenant } from '../kernel/ids.ts'
import { openBatchingSocket } from './batching-socket.ts'
import { runInsideTransactionFlag } from './transaction-flag.ts'

declare const brand: unique symbol

export type Rows<Row> = { readonly rows: readonly Row[]; readonly rowCount: number }

export type Queryable = {
  /** `text` must be a constant: values travel as parameters, never inside it. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Rows<Row>>
}

export type Tx = Queryable & {
  readonly tenant: Tenant
  readonly now: Date
  /**
   * Sends a statement whose answer nobody reads, and does not wait for it: it travels with the next ones. Statements
   * run in the order in which they were sent, the commit waits for all of them, and one that fails fails the
   * transaction with its own error.
   */
  write(text: string, values: readonly unknown[]): void
  readonly [brand]: 'Tx'
}

/** The queue role: sees ids, due times and leases of every tenant, and looks up credentials. */
export type QueueDb = Queryable & { readonly [brand]: 'QueueDb' }

export type Store = {
  /** Runs `work` in one transaction of one tenant; commits when it returns, rolls back when it throws. */
  inTransaction<T>(tenant: Tenant, work: (tx: Tx) => Promise<T>): Promise<T>
  /** For reading several things as they stood at one moment: nothing in it may write or lock. */
  inSnapshot<T>(tenant: Tenant, work: (tx: Tx) => Promise<T>): Promise<T>
  readonly queue: QueueDb
  close(): Promise<void>
}

export type ConnectionOptions = {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  /** Only where sockets cannot be had (Windows): elsewhere the embedded database trusts its own socket. */
  readonly password?: string
  readonly connectionString?: string
  /** With an external database the login assumes the role; the embedded one logs in as it. */
  readonly login: 'as_role' | 'assume_role'
  /** Named prepared statements: off behind a pooler that does not know them. */
  readonly prepare: boolean
  readonly poolSize: number
}

export const ROLES = ['purser_app', 'purser_queue', 'purser_sandbox'] as const
export type Role = (typeof ROLES)[number]

// Bounds from reliability rule 16.
const LOCK_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 5_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000
const TRIES = 3

export function createPool(options: ConnectionOptions, role: Role, schema: string): pg.Pool {
  const pool = new pg.Pool({
    ...(options.connectionString === undefined
      ? { host: options.host, port: options.port, database: options.database, password: options.password }
      : { connectionString: options.connectionString }),
    ...(options.login === 'as_role' ? { user: role } : {}),
    max: options.poolSize,
    application_name: role,
    pipeline: true,
    stream: openBatchingSocket,
    connectionTimeoutMillis: 5_000,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    // oxlint-disable-next-line typescript/no-misused-promises -- pg-pool waits for it; its types do not say so
    onConnect: (client) => prepareSession(client, options.login === 'assume_role' ? role : undefined, schema),
  })
  // Without a listener a server that shuts down would end this process too; the next query reports it.
  pool.on('error', () => {})
  return pool
}

export function createStore(options: ConnectionOptions): Store {
  const app = createPool(options, 'purser_app', 'purser')
  const queue = createPool(
    { ...options, poolSize: Math.max(2, Math.ceil(options.poolSize / 4)) },
    'purser_queue',
    'purser',
  )
  const named = options.prepare
  return {
    inTransaction: (tenant, work) => withRetries(() => transact(app, named, tenant, { begin: 'begin', work })),
    inSnapshot: (tenant, work) => withRetries(() => transact(app, named, tenant, { begin: BEGIN_SNAPSHOT, work })),
    queue: {
      query: async (text, values = []) => {
        try {
          return rowsOf(await queue.query(statement(named, text, values)))
        } catch (error) {
          throw translate(error)
        }
      },
    } as QueueDb,
    close: async () => {
      await Promise.all([app.end(), queue.end()])
    },
  }
}

async function prepareSession(client: pg.ClientBase, role: Role | undefined, schema: string): Promise<void> {
  if (role !== undefined) await client.query(`set role ${role}`)
  await client.query(`set search_path = ${schema}`)
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const again = sqlState(error) === '40001' || sqlState(error) === '40P01'
      if (!again) throw translate(error)
      if (attempt === TRIES)
        throw new AppError('overloaded', {}, { cause: error, internal: 'Gave up after deadlocks.' })
    }
  }
}

type Transaction<T> = { readonly begin: string; readonly work: (tx: Tx) => Promise<T> }

const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only'

async function transact<T>(pool: pg.Pool, named: boolean, tenant: Tenant, { begin, work }: Transaction<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // Without a listener a connection lost between two queries would end the process.
  const noteError = (error: Error) => {
    broken = error
  }
  client.on('error', noteError)
  const send = (text: string, values: readonly unknown[]) => client.query(statement(named, text, values))
  const writes: Promise<unknown>[] = []
  try {
    // Sent in one go: pipelining makes these two cost one round trip.
    const [, clock] = await Promise.all([client.query(begin), send(ENTER, [tenant.merchantId, tenant.mode])])
    const now = (clock.rows[0] as { now: Date | null }).now
    if (now === null) throw new AppError('credentials_invalid', {}, { internal: 'The merchant does not exist.' })
    const tx = {
      tenant,
      now,
      query: async (text: string, values: readonly unknown[] = []) => rowsOf(await send(text, values)),
      write: (text: string, values: readonly unknown[]) => {
        const sent = send(text, values)
        // It is looked at before the commit counts; until then nobody may call it unhandled.
        sent.catch(() => {})
        writes.push(sent)
      },
    } as Tx
    const result = await runInsideTransactionFlag(() => work(tx))
    await commit(client, writes)
    return result
  } catch (error) {
    // A connection that cannot roll back is thrown away; Postgres then does it.
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error('rollback failed')
    })
    // After a write that failed, whatever came later failed because of it.
    throw (await firstFailure(writes)) ?? error
  } finally {
    client.off('error', noteError)
    client.release(broken)
  }
}

// Who the transaction is for, and what time it is there. The clock is read in the select list, so after the row that
// sets the tenant was made: row-level security then shows the merchant its own row, and no row means no such merchant.
// Real time needs no row: a merchant is made in live mode.
const ENTER = `
  select tenant.merchant,
         case tenant.mode when 'live' then now()
         else (select now() + clock_offset from merchants where id = tenant.merchant) end as now
    from (select set_config('app.merchant', $1, true) as merchant, set_config('app.mode', $2, true) as mode offset 0) tenant`

/** The commit follows the writes at once: Postgres makes it a rollback when one of them failed. */
async function commit(client: pg.PoolClient, writes: readonly Promise<unknown>[]): Promise<void> {
  const [result] = await Promise.all([client.query('commit'), ...writes])
  // Postgres answers a commit of a failed transaction with the tag ROLLBACK and no error.
  invariant(result.command === 'COMMIT', 'A transaction whose statement failed is not committed.')
}

async function firstFailure(writes: readonly Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(writes)
  return settled.find((one) => one.status === 'rejected')?.reason
}

const names = new Map<string, string>()

function statement(named: boolean, text: string, values: readonly unknown[]): pg.QueryConfig {
  if (!named) return { text, values: [...values] }
  let name = names.get(text)
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 32)
    names.set(text, name)
  }
  return { name, text, values: [...values] }
}

function rowsOf<Row>(result: pg.QueryResult): Rows<Row> {
  return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 }
}

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Whether the database refused a write because of this constraint or unique index. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint
}

// Connection trouble and shutdown; a lost connection during commit has no code at all, and its outcome is unknown:
// the caller repeats with the same Idempotency-Key and reads what happened.
const UNAVAILABLE = /^(ECONN|ENOENT|EPIPE|ETIMEDOUT|08|57P0|53300|25P03)/
const LOST = /connection|Connection|terminat|not queryable|timeout exceeded/

function translate(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const code = sqlState(error)
  if (code === '55P03' || code === '57014')
    return new AppError('overloaded', {}, { cause: error, internal: `Postgres ${code}` })
  if (code === undefined ? LOST.test(error.message) : UNAVAILABLE.test(code)) {
    return new AppError('database_unavailable', {}, { cause: error, internal: error.message })
  }
  return error
}
