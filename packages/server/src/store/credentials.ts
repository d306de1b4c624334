// Everything that grants access, looked up by hash before anyone is known (queue role), written as the tenant.
import type { MerchantId, Mode } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'

export const CREDENTIAL_KINDS = [
  'secret_key',
  'publishable_key',
  'client_token',
  'sign_in',
  'receipt_link',
  'customer_token',
] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

export type Credential = {
  readonly merchantId: MerchantId
  readonly mode: Mode
  readonly kind: CredentialKind
  /** The key, session, user or receipt that it stands for. */
  readonly subjectId: string
  readonly scopes: readonly string[]
}

/** Only what is neither revoked nor expired, in business time. */
export async function findCredential(db: QueueDb, hash: Buffer): Promise<Credential | undefined> {
  const { rows } = await db.query<Credential>(
    `select c.merchant_id as "merchantId", c.mode, c.kind, c.subject_id as "subjectId", c.scopes
       from credentials c join merchants m on m.id = c.merchant_id
      where c.hash = $1 and c.revoked_at is null
        and (c.expires_at is null
          or c.expires_at > now() + case when c.mode = 'test' then m.clock_offset else interval '0' end)`,
    [hash],
  )
  return rows[0]
}

export async function insertCredential(
  tx: Tx,
  credential: {
    hash: Buffer
    kind: CredentialKind
    subjectId: string
    scopes: readonly string[]
    expiresAt: Date | null
  },
): Promise<void> {
  tx.write(
    `insert into credentials (hash, merchant_id, mode, kind, subject_id, scopes, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      credential.hash,
      tx.tenant.merchantId,
      tx.tenant.mode,
      credential.kind,
      credential.subjectId,
      credential.scopes,
      credential.expiresAt,
    ],
  )
}

/** When the newest credential of its kind for this subject runs out; null when there is none or it does not. */
export async function readNewestExpiry(tx: Tx, kind: CredentialKind, subjectId: string): Promise<Date | null> {
  const { rows } = await tx.query<{ expiresAt: Date | null }>(
    `select expires_at as "expiresAt" from credentials
      where merchant_id = $1 and mode = $2 and subject_id = $3 and kind = $4
      order by created_at desc limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode, subjectId, kind],
  )
  return rows[0]?.expiresAt ?? null
}

export async function revokeCredential(tx: Tx, hash: Buffer): Promise<void> {
  await tx.query(
    `update credentials set revoked_at = now()
      where hash = $1 and merchant_id = $2 and mode = $3 and revoked_at is null`,
    [hash, tx.tenant.merchantId, tx.tenant.mode],
  )
}
