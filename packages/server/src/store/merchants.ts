// Merchants, their users, their API keys and their signing keys.
import type { ApiKeyId, MerchantId, SigningKeyId, UserId } from '../kernel/ids.ts'
import { AppError } from '../kernel/errors.ts'
import type { QueueDb, Tx } from './db.ts'

export type Merchant = {
  readonly id: MerchantId
  readonly name: string
  readonly zone: string
  readonly financialYearStartMonth: number
  readonly dataKeySealed: Buffer
}

export async function insertMerchant(
  tx: Tx,
  merchant: { id: MerchantId; name: string; dataKey: Buffer },
): Promise<void> {
  await tx.query('insert into merchants (id, name, data_key) values ($1, $2, $3)', [
    merchant.id,
    merchant.name,
    merchant.dataKey,
  ])
}

export async function readMerchant(tx: Tx): Promise<Merchant> {
  const { rows } = await tx.query<Merchant>(
    `select id, name, zone, financial_year_start_month as "financialYearStartMonth", data_key as "dataKeySealed"
       from merchants where id = $1`,
    [tx.tenant.merchantId],
  )
  if (rows[0] === undefined) throw new AppError('credentials_invalid')
  return rows[0]
}

export async function insertApiKey(tx: Tx, key: { id: ApiKeyId; label: string }): Promise<void> {
  await tx.query('insert into api_keys (merchant_id, mode, id, label) values ($1, $2, $3, $4)', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    key.id,
    key.label,
  ])
}

export async function insertSigningKey(
  tx: Tx,
  key: { id: SigningKeyId; publicKey: string; privateKeySealed: Buffer },
): Promise<void> {
  await tx.query(
    `insert into signing_keys (merchant_id, mode, id, status, public_key, private_key_sealed)
     values ($1, $2, $3, 'active', $4, $5)`,
    [tx.tenant.merchantId, tx.tenant.mode, key.id, key.publicKey, key.privateKeySealed],
  )
}

/** The newest active one, its private half sealed. @throws AppError signing_key_not_found */
export async function readActiveSigningKey(
  tx: Tx,
): Promise<{ readonly id: SigningKeyId; readonly privateKeySealed: Buffer }> {
  const { rows } = await tx.query<{ id: SigningKeyId; privateKeySealed: Buffer }>(
    `select id, private_key_sealed as "privateKeySealed" from signing_keys
      where merchant_id = $1 and mode = $2 and status = 'active' order by id desc limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  if (rows[0] === undefined) throw new AppError('signing_key_not_found')
  return rows[0]
}

/** @throws AppError signing_key_not_found also when it is retired already */
export async function markSigningKeyRetired(tx: Tx, id: SigningKeyId): Promise<void> {
  const { rowCount } = await tx.query(
    `update signing_keys set status = 'retired', retired_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and status = 'active'`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
  if (rowCount === 0) throw new AppError('signing_key_not_found')
}

/** PEM public keys that a verifier may still meet. */
export async function listSigningKeys(
  tx: Tx,
): Promise<readonly { id: SigningKeyId; publicKey: string; status: 'active' | 'retired' }[]> {
  const { rows } = await tx.query<{ id: SigningKeyId; publicKey: string; status: 'active' | 'retired' }>(
    `select id, public_key as "publicKey", status from signing_keys where merchant_id = $1 and mode = $2 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows
}

export type User = {
  readonly merchantId: MerchantId
  readonly id: UserId
  readonly email: string
  readonly passwordHash: string
  readonly role: 'owner' | 'finance' | 'support' | 'developer'
}

export async function insertUser(tx: Tx, user: Omit<User, 'merchantId'>): Promise<void> {
  await tx.query('insert into users (merchant_id, id, email, password_hash, role) values ($1, $2, $3, $4, $5)', [
    tx.tenant.merchantId,
    user.id,
    user.email,
    user.passwordHash,
    user.role,
  ])
}

/** Before anyone is known: whose e-mail address this is. */
export async function findUserByEmail(db: QueueDb, email: string): Promise<User | undefined> {
  const { rows } = await db.query<User>(
    `select merchant_id as "merchantId", id, email, password_hash as "passwordHash", role
       from users where lower(email) = lower($1)`,
    [email],
  )
  return rows[0]
}

/** Which merchants exist, for jobs that visit each. Ids only. */
export async function listMerchantIds(db: QueueDb): Promise<readonly MerchantId[]> {
  const { rows } = await db.query<{ id: MerchantId }>('select id from merchants order by id')
  return rows.map((row) => row.id)
}
