// The key of a merchant that signs return addresses, sealed. One per merchant and mode.
import type { Tx } from './db.ts'

export async function saveResponseKey(tx: Tx, sealed: Buffer): Promise<void> {
  await tx.query(
    `insert into response_keys (merchant_id, mode, key_sealed, created_at) values ($1, $2, $3, $4)
     on conflict (merchant_id, mode) do update set key_sealed = excluded.key_sealed, created_at = excluded.created_at`,
    [tx.tenant.merchantId, tx.tenant.mode, sealed, tx.now],
  )
}

export async function readResponseKeySealed(tx: Tx): Promise<Buffer | undefined> {
  const { rows } = await tx.query<{ sealed: Buffer }>(
    'select key_sealed as sealed from response_keys where merchant_id = $1 and mode = $2',
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows[0]?.sealed
}
