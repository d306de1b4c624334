// The audit's chain at rest. A link's hash covers the hash before it and every column of the audit row, in one text
// that neither settings nor the order of keys can change; the checker computes the same text again (verify/audit.ts).
import type { Tenant } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

/** SQL: the hash of the audit row `row` after the hash `previous`. */
export function linkHashSql(row: string, previous: string): string {
  const instant = `to_char(${row}.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`
  const columns = ['merchant_id', 'mode', 'id', 'actor', 'action', 'object_id', 'request_id']
  const parts = [...columns.map((name) => `${row}.${name}`), `${row}.details::text`, instant]
  return `sha256(${previous} || convert_to(json_build_array(${parts.join(', ')})::text, 'UTF8'))`
}

export type AuditHead = { readonly position: number; readonly hash: Buffer }

/** Undefined while somebody else links. The lock is the lease: it ends with this transaction, or with its process. */
export async function lockAuditHead(tx: Tx): Promise<AuditHead | undefined> {
  const whose = [tx.tenant.merchantId, tx.tenant.mode]
  await tx.query('insert into audit_heads (merchant_id, mode) values ($1, $2) on conflict do nothing', whose)
  const { rows } = await tx.query<{ position: string; hash: Buffer }>(
    'select position, hash from audit_heads where merchant_id = $1 and mode = $2 for update skip locked',
    whose,
  )
  // A count of rows stays far below 2^53.
  return rows[0] === undefined ? undefined : { position: Number.parseInt(rows[0].position, 10), hash: rows[0].hash }
}

/** Oldest first. */
export async function listUnlinked(tx: Tx, limit: number): Promise<readonly string[]> {
  const { rows } = await tx.query<{ audit_id: string }>(
    `select audit_id from audit_unlinked where merchant_id = $1 and mode = $2 order by audit_id limit $3`,
    [tx.tenant.merchantId, tx.tenant.mode, limit],
  )
  return rows.map((row) => row.audit_id)
}

const LINK = `
  with link as (
    insert into audit_links (merchant_id, mode, position, audit_id, previous, hash)
    select a.merchant_id, a.mode, $4::bigint, a.id, $5::bytea, ${linkHashSql('a', '$5::bytea')}
      from audit a where a.merchant_id = $1 and a.mode = $2 and a.id = $3
    returning hash
  ), done as (
    delete from audit_unlinked where merchant_id = $1 and mode = $2 and audit_id = $3
  )
  select hash from link`

/** Links one row behind `head`; returns the new head. */
export async function linkAudit(tx: Tx, head: AuditHead, auditId: string): Promise<AuditHead> {
  const position = head.position + 1
  const { rows } = await tx.query<{ hash: Buffer }>(LINK, [
    tx.tenant.merchantId,
    tx.tenant.mode,
    auditId,
    position,
    head.hash,
  ])
  return rows[0] === undefined ? head : { position, hash: rows[0].hash }
}

export async function saveAuditHead(tx: Tx, head: AuditHead): Promise<void> {
  await tx.query('update audit_heads set position = $3, hash = $4 where merchant_id = $1 and mode = $2', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    head.position,
    head.hash,
  ])
}

/** Tenants that have rows to link, whoever waits longest first, with the age of their oldest one in seconds. */
export async function listTenantsToLink(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { readonly tenant: Tenant; readonly oldestSeconds: number }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('u', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; oldest: number }>(
    `select merchant_id, mode, extract(epoch from now() - min(at))::float8 as oldest
       from audit_unlinked u where true${which} group by merchant_id, mode order by min(at) limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, oldestSeconds: row.oldest }))
}
