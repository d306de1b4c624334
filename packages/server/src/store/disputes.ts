// Disputes at rest, their history and what was said against them. That they hold no more of a payment than refunds have
// left is the payment's own constraint; the status moves only as the domain's table says.
import { DISPUTE_ACTIONS } from '../domain/dispute/dispute.ts'
import { DISPUTE_REASONS } from '../domain/dispute/report.ts'
import type { DisputeEvidence, DisputeRecord, DisputeTransition } from '../domain/dispute/dispute.ts'
import { DISPUTE_STATUSES } from '../domain/dispute/states.ts'
import type { DisputeStatus } from '../domain/dispute/states.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { DisputeId, GatewayAccountId, OrderId, PaymentId, Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `id, payment_id, order_id, gateway_account_id, gateway_dispute_id, gateway_sequence, status, version,
  currency, amount, amount_reserved, reason, gateway_code, evidence_due_at, pending_action, opened_at, decided_at,
  created_at, updated_at`

export async function insertDispute(tx: Tx, dispute: DisputeRecord, dueAt: Date | null): Promise<DisputeRecord> {
  const { rows } = await tx.query<DisputeRow>(
    `insert into disputes (merchant_id, mode, id, payment_id, order_id, gateway_account_id, gateway_dispute_id,
       gateway_sequence, status, currency, amount, amount_reserved, reason, gateway_code, evidence_due_at, due_at,
       opened_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      dispute.id,
      dispute.paymentId,
      dispute.orderId,
      dispute.gatewayAccountId,
      dispute.gatewayDisputeId,
      dispute.gatewaySequence,
      dispute.status,
      dispute.amount.currency,
      dispute.amount.minor,
      dispute.amountReserved.minor,
      dispute.reason,
      dispute.gatewayCode,
      dispute.evidenceDueAt,
      dueAt,
      dispute.openedAt,
      tx.now,
    ],
  )
  return toDispute(rows[0])
}

/** Writes what may change of a locked dispute. `dueAt` is when it is looked at next. */
export async function saveDispute(
  tx: Tx,
  before: DisputeRecord,
  after: DisputeRecord,
  dueAt: Date | null,
): Promise<DisputeRecord> {
  const { rows } = await tx.query<DisputeRow>(
    `update disputes
        set gateway_sequence = $5, status = $6, amount_reserved = $7, reason = $8, gateway_code = $9,
            evidence_due_at = $10, pending_action = $11, due_at = $12, decided_at = $13, updated_at = $14,
            version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.gatewaySequence,
      after.status,
      after.amountReserved.minor,
      after.reason,
      after.gatewayCode,
      after.evidenceDueAt,
      after.pendingAction,
      dueAt,
      after.decidedAt,
      tx.now,
    ],
  )
  invariant(rows.length === 1, 'The dispute was locked, so its version cannot have moved.')
  return toDispute(rows[0])
}

/** @throws AppError dispute_not_found */
export async function readDispute(tx: Tx, id: DisputeId): Promise<DisputeRecord> {
  const { rows } = await tx.query<DisputeRow>(
    `select ${COLUMNS} from disputes where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toDispute(rows[0])
}

/** Holds the row until the transaction ends. Lock order: order, payment, dispute. @throws AppError dispute_not_found */
export async function lockDispute(tx: Tx, id: DisputeId): Promise<DisputeRecord> {
  const { rows } = await tx.query<DisputeRow>(
    `select ${COLUMNS} from disputes where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toDispute(rows[0])
}

export async function findDispute(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  gatewayDisputeId: string,
): Promise<DisputeRecord | undefined> {
  const { rows } = await tx.query<DisputeRow>(
    `select ${COLUMNS} from disputes
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and gateway_dispute_id = $4`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, gatewayDisputeId],
  )
  return rows[0] === undefined ? undefined : toDispute(rows[0])
}

export type DisputeFilter = {
  readonly status: DisputeStatus | null
  readonly paymentId: PaymentId | null
  readonly orderId: OrderId | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listDisputeRows(tx: Tx, filter: DisputeFilter): Promise<readonly DisputeRecord[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'status = ?', value: filter.status },
    { sql: 'payment_id = ?', value: filter.paymentId },
    { sql: 'order_id = ?', value: filter.orderId },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<DisputeRow>(
    `select ${COLUMNS} from disputes where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows.map(toDispute)
}

/** Disputes of every tenant that something is due for. Not leased: who looks at one locks it and checks again. */
export async function listDisputesDue(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { readonly tenant: Tenant; readonly id: DisputeId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('d', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: DisputeId }>(
    `select d.merchant_id, d.mode, d.id from disputes d join merchants m on m.id = d.merchant_id
      where d.due_at <= now() + (select max(clock_offset) from merchants)
        and d.due_at <= now() + case when d.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by d.due_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

export async function insertDisputeTransition(
  tx: Tx,
  id: DisputeId,
  change: Omit<DisputeTransition, 'at'>,
): Promise<void> {
  await tx.query(
    `insert into dispute_transitions
       (merchant_id, mode, dispute_id, version, from_status, to_status, event, cause, actor, request_id, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      id,
      change.version,
      change.from,
      change.to,
      change.event,
      change.cause,
      change.actor,
      change.requestId,
      tx.now,
    ],
  )
}

export async function listDisputeTransitions(tx: Tx, id: DisputeId): Promise<readonly DisputeTransition[]> {
  const { rows } = await tx.query<DisputeTransition>(
    `select version, from_status as "from", to_status as "to", event, cause, actor, request_id as "requestId", at
       from dispute_transitions where merchant_id = $1 and mode = $2 and dispute_id = $3 order by version`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows
}

export async function insertDisputeEvidence(
  tx: Tx,
  disputeId: DisputeId,
  given: Omit<DisputeEvidence, 'createdAt'>,
): Promise<void> {
  await tx.query(
    `insert into dispute_evidence (merchant_id, mode, id, dispute_id, statement, refs, submitted_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      given.id,
      disputeId,
      given.statement,
      given.references,
      given.submittedBy,
      tx.now,
    ],
  )
}

/** Oldest first. */
export async function listDisputeEvidence(tx: Tx, id: DisputeId): Promise<readonly DisputeEvidence[]> {
  const { rows } = await tx.query<DisputeEvidence>(
    `select id, statement, refs as "references", submitted_by as "submittedBy", created_at as "createdAt"
       from dispute_evidence where merchant_id = $1 and mode = $2 and dispute_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows
}

type DisputeRow = {
  id: DisputeId
  payment_id: PaymentId
  order_id: OrderId
  gateway_account_id: GatewayAccountId
  gateway_dispute_id: string
  gateway_sequence: string | null
  status: string
  version: number
  currency: string
  amount: string
  amount_reserved: string
  reason: string
  gateway_code: string | null
  evidence_due_at: Date | null
  pending_action: string | null
  opened_at: Date
  decided_at: Date | null
  created_at: Date
  updated_at: Date
}

function toDispute(row: DisputeRow | undefined): DisputeRecord {
  if (row === undefined) throw new AppError('dispute_not_found')
  const { currency } = row
  const status = DISPUTE_STATUSES.find((known) => known === row.status)
  const reason = DISPUTE_REASONS.find((known) => known === row.reason)
  invariant(isCurrency(currency) && status !== undefined && reason !== undefined, `Dispute ${row.id} has known words.`)
  return {
    id: row.id,
    paymentId: row.payment_id,
    orderId: row.order_id,
    gatewayAccountId: row.gateway_account_id,
    gatewayDisputeId: row.gateway_dispute_id,
    // A count of changes stays far below 2^53.
    gatewaySequence: row.gateway_sequence === null ? null : Number.parseInt(row.gateway_sequence, 10),
    status,
    version: row.version,
    amount: money(BigInt(row.amount), currency),
    amountReserved: money(BigInt(row.amount_reserved), currency),
    reason,
    gatewayCode: row.gateway_code,
    evidenceDueAt: row.evidence_due_at,
    pendingAction: DISPUTE_ACTIONS.find((known) => known === row.pending_action) ?? null,
    openedAt: row.opened_at,
    decidedAt: row.decided_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
