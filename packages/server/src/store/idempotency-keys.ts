// Idempotency keys: inserted in the same transaction as what the request makes, answered afterwards. A key whose holder
// died is taken over after its lease; it then resumes from `subjectId` and never acts twice. A holder that only stood
// still wakes up with an older lease number: it neither answers the key nor lets go of it.
import type { Tx } from './db.ts'

/** A key in somebody's hands. */
export type HeldKey = { readonly route: string; readonly key: string; readonly leaseNumber: number }

/** The number of whoever inserts a key. Each takeover adds one. */
export const FIRST_LEASE = 1

export type IdempotencyRow = {
  readonly fingerprint: Buffer
  readonly subjectId: string
  readonly answer: { readonly status: number; readonly body: string } | null
  readonly leased: boolean
}

/** False when the key exists; blocks while another transaction is inserting it. */
export async function insertIdempotencyKey(
  tx: Tx,
  key: { route: string; key: string; fingerprint: Buffer; subjectId: string; leaseSeconds: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into idempotency_keys (merchant_id, mode, route, key, fingerprint, subject_id, leased_until)
     values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
     on conflict do nothing`,
    [tx.tenant.merchantId, tx.tenant.mode, key.route, key.key, key.fingerprint, key.subjectId, key.leaseSeconds],
  )
  return rowCount === 1
}

export async function findIdempotencyKey(tx: Tx, route: string, key: string): Promise<IdempotencyRow | undefined> {
  const { rows } = await tx.query<{
    fingerprint: Buffer
    subject_id: string
    answer_status: number | null
    answer_body: string | null
    leased: boolean
  }>(
    `select fingerprint, subject_id, answer_status, answer_body, leased_until > now() as leased
       from idempotency_keys where merchant_id = $1 and mode = $2 and route = $3 and key = $4`,
    [tx.tenant.merchantId, tx.tenant.mode, route, key],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  const answered = row.answer_status !== null && row.answer_body !== null
  return {
    fingerprint: row.fingerprint,
    subjectId: row.subject_id,
    answer: answered ? { status: row.answer_status ?? 0, body: row.answer_body ?? '' } : null,
    leased: row.leased,
  }
}

/** Takes over a key whose lease ran out: the number it is held under now, or undefined when another one was quicker. */
export async function renewIdempotencyLease(
  tx: Tx,
  route: string,
  key: string,
  leaseSeconds: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ leaseNumber: number }>(
    `update idempotency_keys set leased_until = now() + $5 * interval '1 second', lease_number = lease_number + 1
      where merchant_id = $1 and mode = $2 and route = $3 and key = $4 and answer_status is null
        and leased_until <= now()
      returning lease_number as "leaseNumber"`,
    [tx.tenant.merchantId, tx.tenant.mode, route, key, leaseSeconds],
  )
  return rows[0]?.leaseNumber
}

/** The first answer stays. False when the key is not ours any more: then our answer is nobody's. */
export async function answerIdempotencyKey(
  tx: Tx,
  held: HeldKey,
  answer: { status: number; body: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update idempotency_keys set answer_status = $6, answer_body = $7
      where merchant_id = $1 and mode = $2 and route = $3 and key = $4 and lease_number = $5
        and answer_status is null`,
    [tx.tenant.merchantId, tx.tenant.mode, held.route, held.key, held.leaseNumber, answer.status, answer.body],
  )
  return rowCount === 1
}

/** Only when certainly nothing happened: the same key may then try again. Leaves one that another took over. */
export async function releaseIdempotencyKey(tx: Tx, held: HeldKey): Promise<void> {
  await tx.query(
    `delete from idempotency_keys
      where merchant_id = $1 and mode = $2 and route = $3 and key = $4 and lease_number = $5
        and answer_status is null`,
    [tx.tenant.merchantId, tx.tenant.mode, held.route, held.key, held.leaseNumber],
  )
}
