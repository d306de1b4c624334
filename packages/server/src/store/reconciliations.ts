// Runs of reconciliation, the breaks that they found, and when an account's files are looked at next.
import type { Break } from '../domain/settlement/break.ts'
import { BREAK_REASONS } from '../domain/settlement/settlement.ts'
import type { BreakReason } from '../domain/settlement/settlement.ts'
import { AppError } from '../kernel/errors.ts'
import type { BreakId, GatewayAccountId, PaymentId, ReconciliationId, Tenant } from '../kernel/ids.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

export type Reconciliation = {
  readonly id: ReconciliationId
  readonly gatewayAccountId: GatewayAccountId
  readonly trigger: 'request' | 'schedule'
  readonly status: 'running' | 'done' | 'failed'
  readonly files: number
  readonly lines: number
  readonly matched: number
  readonly breaks: number
  readonly reason: string | null
  readonly startedAt: Date
  readonly endedAt: Date | null
}

const COLUMNS = `id, gateway_account_id as "gatewayAccountId", trigger, status, files, lines, matched, breaks, reason,
  started_at as "startedAt", ended_at as "endedAt"`

export async function insertReconciliation(
  tx: Tx,
  run: Pick<Reconciliation, 'id' | 'gatewayAccountId' | 'trigger'>,
): Promise<void> {
  await tx.query(
    `insert into reconciliations (merchant_id, mode, id, gateway_account_id, trigger, status, started_at)
     values ($1, $2, $3, $4, $5, 'running', $6)`,
    [tx.tenant.merchantId, tx.tenant.mode, run.id, run.gatewayAccountId, run.trigger, tx.now],
  )
}

export async function endReconciliation(
  tx: Tx,
  id: ReconciliationId,
  end: Pick<Reconciliation, 'files' | 'lines' | 'matched' | 'breaks' | 'reason'>,
): Promise<void> {
  await tx.query(
    `update reconciliations
        set status = $4, files = $5, lines = $6, matched = $7, breaks = $8, reason = $9, ended_at = $10
      where merchant_id = $1 and mode = $2 and id = $3`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      id,
      end.reason === null ? 'done' : 'failed',
      end.files,
      end.lines,
      end.matched,
      end.breaks,
      end.reason,
      tx.now,
    ],
  )
}

export async function readReconciliation(tx: Tx, id: ReconciliationId): Promise<Reconciliation> {
  const { rows } = await tx.query<Reconciliation>(
    `select ${COLUMNS} from reconciliations where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  if (rows[0] === undefined) throw new AppError('reconciliation_not_found')
  return rows[0]
}

/** Newest first. */
export async function listReconciliationRows(
  tx: Tx,
  filter: {
    readonly gatewayAccountId: GatewayAccountId | null
    readonly before: string | null
    readonly limit: number
  },
): Promise<readonly Reconciliation[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'gateway_account_id = ?', value: filter.gatewayAccountId },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<Reconciliation>(
    `select ${COLUMNS} from reconciliations where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows
}

const BREAK_COLUMNS = `id, gateway_account_id as "gatewayAccountId", settlement_id as "settlementId",
  settlement_line_id as "settlementLineId", payment_id as "paymentId", refund_id as "refundId", reason, subject, details,
  status, note, resolved_by as "resolvedBy", resolved_at as "resolvedAt", created_at as "createdAt"`

export type NewBreak = Omit<Break, 'message' | 'status' | 'note' | 'resolvedBy' | 'resolvedAt' | 'createdAt'>

type BreakRow = Omit<Break, 'message'>

function toBreak(row: BreakRow): Break {
  return { ...row, message: BREAK_REASONS[row.reason] }
}

/** Undefined when it is known, open or resolved. */
export async function insertBreak(tx: Tx, found: NewBreak): Promise<Break | undefined> {
  const { rows } = await tx.query<BreakRow>(
    `insert into breaks (merchant_id, mode, id, gateway_account_id, settlement_id, settlement_line_id, payment_id,
       refund_id, reason, subject, details, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (merchant_id, mode, gateway_account_id, reason, subject) do nothing
     returning ${BREAK_COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      found.id,
      found.gatewayAccountId,
      found.settlementId,
      found.settlementLineId,
      found.paymentId,
      found.refundId,
      found.reason,
      found.subject,
      found.details,
      tx.now,
    ],
  )
  return rows[0] === undefined ? undefined : toBreak(rows[0])
}

/** Holds the row until the transaction ends. */
export async function lockBreak(tx: Tx, id: BreakId): Promise<Break> {
  const { rows } = await tx.query<BreakRow>(
    `select ${BREAK_COLUMNS} from breaks where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  if (rows[0] === undefined) throw new AppError('break_not_found')
  return toBreak(rows[0])
}

export async function readBreak(tx: Tx, id: BreakId): Promise<Break> {
  const { rows } = await tx.query<BreakRow>(
    `select ${BREAK_COLUMNS} from breaks where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  if (rows[0] === undefined) throw new AppError('break_not_found')
  return toBreak(rows[0])
}

export async function resolveBreakRow(
  tx: Tx,
  id: BreakId,
  resolution: { readonly note: string; readonly resolvedBy: string },
): Promise<void> {
  await tx.query(
    `update breaks set status = 'resolved', note = $4, resolved_by = $5, resolved_at = $6
      where merchant_id = $1 and mode = $2 and id = $3 and status = 'open'`,
    [tx.tenant.merchantId, tx.tenant.mode, id, resolution.note, resolution.resolvedBy, tx.now],
  )
}

/** What was missed has turned up: the break says where, and that nobody closed it by hand. Undefined: none is open. */
export async function resolveBreakOf(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  of: { readonly reason: BreakReason; readonly subject: string },
  resolution: { readonly note: string; readonly resolvedBy: string },
): Promise<Break | undefined> {
  const { rows } = await tx.query<BreakRow>(
    `update breaks set status = 'resolved', note = $6, resolved_by = $7, resolved_at = $8
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and reason = $4 and subject = $5
        and status = 'open'
      returning ${BREAK_COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      gatewayAccountId,
      of.reason,
      of.subject,
      resolution.note,
      resolution.resolvedBy,
      tx.now,
    ],
  )
  return rows[0] === undefined ? undefined : toBreak(rows[0])
}

export type BreakFilter = {
  readonly status: Break['status'] | null
  readonly reason: BreakReason | null
  readonly paymentId: PaymentId | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listBreakRows(tx: Tx, filter: BreakFilter): Promise<readonly Break[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'status = ?', value: filter.status },
    { sql: 'reason = ?', value: filter.reason },
    { sql: 'payment_id = ?', value: filter.paymentId },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<BreakRow>(
    `select ${BREAK_COLUMNS} from breaks where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows.map(toBreak)
}

/** Accounts of every tenant whose files are to be looked at. Not leased: whoever takes one moves its hour first. */
export async function listAccountsToReconcile(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { readonly tenant: Tenant; readonly id: GatewayAccountId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('g', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: GatewayAccountId }>(
    `select g.merchant_id, g.mode, g.id from gateway_accounts g join merchants m on m.id = g.merchant_id
      where g.settlements_due_at <= now() + case when g.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by g.settlements_due_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

/** False when somebody else took it, or it is not due any more. `nextAt` null: never again. */
export async function takeAccountToReconcile(tx: Tx, id: GatewayAccountId, nextAt: Date | null): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update gateway_accounts set settlements_due_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and settlements_due_at <= $5`,
    [tx.tenant.merchantId, tx.tenant.mode, id, nextAt, tx.now],
  )
  return rowCount === 1
}

export async function moveReconciliation(tx: Tx, id: GatewayAccountId, nextAt: Date): Promise<void> {
  await tx.query(
    'update gateway_accounts set settlements_due_at = $4 where merchant_id = $1 and mode = $2 and id = $3',
    [tx.tenant.merchantId, tx.tenant.mode, id, nextAt],
  )
}
