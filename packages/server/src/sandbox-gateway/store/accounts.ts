// Accounts: one per merchant of this gateway. The key is stored as a hash; the notification secret must be readable,
// because the gateway signs with it.
import type pg from 'pg'
import { createToken, hashToken } from '../../kernel/secret.ts'
import { newId } from '../ids.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

export type Account = {
  readonly id: string
  readonly notificationSecret: string
  readonly notificationUrl: string | null
  readonly clockOffsetMs: number
  readonly faultCount: number
}

/** `apiKey` is shown here and never again. */
export type NewAccount = { readonly accountId: string; readonly apiKey: string; readonly notificationSecret: string }

const INSERT = statement(
  'insert_account',
  `insert into sandbox.accounts (id, name, api_key_hash, notification_secret, notification_url)
   values ($1, $2, $3, $4, $5)`,
)

export async function createSandboxAccount(
  pool: pg.Pool,
  account: { readonly name: string; readonly notificationUrl?: string | null; readonly now: Date },
): Promise<NewAccount> {
  const accountId = newId('sba', account.now)
  const apiKey = createToken('sk_sandbox_')
  const notificationSecret = createToken('ns_sandbox_')
  const { name, notificationUrl = null } = account
  await run(pool, INSERT, [accountId, name, hashToken(apiKey), notificationSecret, notificationUrl])
  return { accountId, apiKey, notificationSecret }
}

const SET_URL = statement(
  'set_notification_url',
  `update sandbox.accounts set notification_url = $2 where id = $1 returning id`,
)

/** False when there is no such account. */
export async function setNotificationUrl(pool: pg.Pool, accountId: string, url: string | null): Promise<boolean> {
  const rows = await run(pool, SET_URL, [accountId, url])
  return rows.length === 1
}

type AccountRow = {
  id: string
  notification_secret: string
  notification_url: string | null
  clock_offset_ms: number
  fault_count: number
}

// Milliseconds stay far below 2^53, so a double holds them exactly.
const COLUMNS = 'id, notification_secret, notification_url, clock_offset_ms::float8 as clock_offset_ms, fault_count'
const BY_KEY = statement('account_by_key', `select ${COLUMNS} from sandbox.accounts where api_key_hash = $1`)
const BY_ID = statement('account_by_id', `select ${COLUMNS} from sandbox.accounts where id = $1`)

export async function findAccountByKey(db: Db, apiKey: string): Promise<Account | undefined> {
  return toAccount(await run<AccountRow>(db, BY_KEY, [hashToken(apiKey)]))
}

export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  return toAccount(await run<AccountRow>(db, BY_ID, [id]))
}

function toAccount([row]: readonly AccountRow[]): Account | undefined {
  if (row === undefined) return undefined
  return {
    id: row.id,
    notificationSecret: row.notification_secret,
    notificationUrl: row.notification_url,
    clockOffsetMs: row.clock_offset_ms,
    faultCount: row.fault_count,
  }
}
