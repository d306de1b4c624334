// Payloads that were signed, and the keys that merchants sign with. What was signed is written once; only its first use
// is noted.
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { CustomerId, MerchantKeyId, OrderId, SignedPayloadId, SigningKeyId, Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'

export type SignedPayload = {
  readonly id: SignedPayloadId
  readonly kind: 'initiate' | 'process'
  readonly signingKeyId: SigningKeyId
  readonly customerId: CustomerId | null
  /** For `process`: what is to be paid, as it was when it was signed. */
  readonly order: { readonly id: OrderId; readonly termsVersion: number; readonly amount: Money } | null
  readonly expiresAt: Date
}

export async function insertSignedPayload(tx: Tx, payload: SignedPayload): Promise<void> {
  await tx.query(
    `insert into signed_payloads (merchant_id, mode, id, kind, signing_key_id, customer_id, order_id,
       order_terms_version, amount, currency, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      payload.id,
      payload.kind,
      payload.signingKeyId,
      payload.customerId,
      payload.order?.id ?? null,
      payload.order?.termsVersion ?? null,
      payload.order?.amount.minor ?? null,
      payload.order?.amount.currency ?? null,
      payload.expiresAt,
      tx.now,
    ],
  )
}

type PayloadRow = Omit<SignedPayload, 'order'> & {
  order_id: OrderId | null
  order_terms_version: number | null
  amount: string | null
  currency: string | null
}

/** Notes the first use. @throws AppError signature_invalid: nothing of ours says so */
export async function takeSignedPayload(tx: Tx, id: SignedPayloadId): Promise<SignedPayload> {
  const { rows } = await tx.query<PayloadRow>(
    `update signed_payloads set used_at = coalesce(used_at, $4) where merchant_id = $1 and mode = $2 and id = $3
     returning id, kind, signing_key_id as "signingKeyId", customer_id as "customerId", order_id, order_terms_version,
       amount, currency, expires_at as "expiresAt"`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
  const row = rows[0]
  if (row === undefined) throw new AppError('signature_invalid')
  const { order_id: orderId, order_terms_version: termsVersion, amount, currency, ...rest } = row
  if (orderId === null || termsVersion === null || amount === null || currency === null) return { ...rest, order: null }
  invariant(isCurrency(currency), `Payload ${row.id} has a currency we know.`)
  return { ...rest, order: { id: orderId, termsVersion, amount: money(BigInt(amount), currency) } }
}

export type MerchantKey = {
  readonly id: MerchantKeyId
  /** PEM: the merchant signs with its other half. */
  readonly publicKey: string
  /** PEM: the merchant encrypts with this, and verifies our answers. */
  readonly ownPublicKey: string
  readonly ownPrivateKeySealed: Buffer
}

export async function insertMerchantKey(tx: Tx, key: MerchantKey): Promise<void> {
  await tx.query(
    `insert into merchant_keys (merchant_id, mode, id, public_key, own_public_key, own_private_key_sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.tenant.merchantId, tx.tenant.mode, key.id, key.publicKey, key.ownPublicKey, key.ownPrivateKeySealed, tx.now],
  )
}

/** Before anyone is known: whose key a request names. Undefined for one that is unknown or retired. */
export async function findTenantOfMerchantKey(db: QueueDb, id: MerchantKeyId): Promise<Tenant | undefined> {
  const { rows } = await db.query<Tenant>(
    'select merchant_id as "merchantId", mode from merchant_keys where id = $1 and retired_at is null',
    [id],
  )
  return rows[0]
}

/** @throws AppError credentials_invalid */
export async function readMerchantKey(tx: Tx, id: MerchantKeyId): Promise<MerchantKey> {
  const { rows } = await tx.query<MerchantKey>(
    `select id, public_key as "publicKey", own_public_key as "ownPublicKey",
            own_private_key_sealed as "ownPrivateKeySealed"
       from merchant_keys where merchant_id = $1 and mode = $2 and id = $3 and retired_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  if (rows[0] === undefined) throw new AppError('credentials_invalid')
  return rows[0]
}

/** @throws AppError signing_key_not_found also when it is retired already */
export async function markMerchantKeyRetired(tx: Tx, id: MerchantKeyId): Promise<void> {
  const { rowCount } = await tx.query(
    `update merchant_keys set retired_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and retired_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
  if (rowCount === 0) throw new AppError('signing_key_not_found')
}
