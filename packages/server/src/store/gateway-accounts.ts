// A merchant's accounts at gateways. The credentials stay sealed here; operations/gateway.ts opens them.
import { AppError } from '../kernel/errors.ts'
import { GatewayAccountId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'

export type GatewayAccount = {
  readonly id: GatewayAccountId
  readonly connector: string
  readonly label: string
  readonly status: 'active' | 'paused'
  readonly credentialsSealed: Buffer
  readonly settings: Readonly<Record<string, unknown>>
  readonly createdAt: Date
}

const COLUMNS = `id, connector, label, status, credentials_sealed as "credentialsSealed", settings,
  created_at as "createdAt"`

export async function insertGatewayAccount(
  tx: Tx,
  account: Omit<GatewayAccount, 'status' | 'createdAt'>,
): Promise<GatewayAccount> {
  const { rows } = await tx.query<GatewayAccount>(
    `insert into gateway_accounts (merchant_id, mode, id, connector, label, status, credentials_sealed, settings)
     values ($1, $2, $3, $4, $5, 'active', $6, $7)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      account.id,
      account.connector,
      account.label,
      account.credentialsSealed,
      account.settings,
    ],
  )
  return found(rows)
}

/** Makes others that would add an account of this merchant wait, so that the count stays true until the commit. */
export async function countGatewayAccountsForInsert(tx: Tx): Promise<number> {
  await tx.query('select from merchants where id = $1 for no key update', [tx.tenant.merchantId])
  return (await listGatewayAccounts(tx)).length
}

/** @throws AppError gateway_account_not_found */
export async function readGatewayAccount(tx: Tx, id: GatewayAccountId): Promise<GatewayAccount> {
  const { rows } = await tx.query<GatewayAccount>(
    `select ${COLUMNS} from gateway_accounts where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return found(rows)
}

/** Holds the row until the transaction ends. @throws AppError gateway_account_not_found */
export async function lockGatewayAccount(tx: Tx, id: GatewayAccountId): Promise<GatewayAccount> {
  const { rows } = await tx.query<GatewayAccount>(
    `select ${COLUMNS} from gateway_accounts where merchant_id = $1 and mode = $2 and id = $3 for no key update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return found(rows)
}

/** Writes what a merchant may change of a locked account. */
export async function saveGatewayAccount(
  tx: Tx,
  { id, label, status }: Pick<GatewayAccount, 'id' | 'label' | 'status'>,
): Promise<GatewayAccount> {
  const { rows } = await tx.query<GatewayAccount>(
    `update gateway_accounts set label = $4, status = $5 where merchant_id = $1 and mode = $2 and id = $3
     returning ${COLUMNS}`,
    [tx.tenant.merchantId, tx.tenant.mode, id, label, status],
  )
  return found(rows)
}

function found([account]: readonly GatewayAccount[]): GatewayAccount {
  if (account === undefined) throw new AppError('gateway_account_not_found')
  return account
}

/** Paused ones too; oldest first. */
export async function listGatewayAccounts(tx: Tx): Promise<readonly GatewayAccount[]> {
  const { rows } = await tx.query<GatewayAccount>(
    `select ${COLUMNS} from gateway_accounts where merchant_id = $1 and mode = $2 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows
}

/** Oldest first: without a choice of the merchant's, the first active account that is able is used. */
export async function listActiveGatewayAccounts(tx: Tx): Promise<readonly GatewayAccount[]> {
  const { rows } = await tx.query<GatewayAccount>(
    `select ${COLUMNS} from gateway_accounts
      where merchant_id = $1 and mode = $2 and status = 'active' order by id`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows
}

/** Whose account a notification's path names, before anything about the sender is known. */
export async function findGatewayAccountOwner(
  db: QueueDb,
  text: string,
): Promise<{ tenant: Tenant; id: GatewayAccountId } | undefined> {
  if (!GatewayAccountId.is(text)) return undefined
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: GatewayAccountId }>(
    'select merchant_id, mode, id from gateway_accounts where id = $1',
    [text],
  )
  const row = rows[0]
  return row === undefined ? undefined : { tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }
}

export async function replaceGatewayCredentials(tx: Tx, id: GatewayAccountId, sealed: Buffer): Promise<void> {
  await tx.query(
    'update gateway_accounts set credentials_sealed = $4 where merchant_id = $1 and mode = $2 and id = $3',
    [tx.tenant.merchantId, tx.tenant.mode, id, sealed],
  )
}
