// Operations: one call that we make to a gateway, written down before it leaves. Open ones are the queue of
// sync-operations: claimed by the queue role with a lease and a fencing token, worked on as the tenant. A `question` is
// no call: nothing was sent, and it stays open until the gateway has really answered.
import type { MerchantId, Mode, OperationId, PaymentId, RefundId, Tenant } from '../kernel/ids.ts'
import { AppError } from '../kernel/errors.ts'
import type { Money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'
import { violates } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

export const OPERATION_KINDS = ['authorize', 'capture', 'void', 'refund', 'question'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]
export type OperationStatus = 'pending' | 'succeeded' | 'declined' | 'failed' | 'unknown'

export type Operation = {
  readonly id: OperationId
  readonly paymentId: PaymentId
  readonly refundId: RefundId | null
  readonly kind: OperationKind
  readonly status: OperationStatus
  readonly amountMinor: bigint
  readonly final: boolean
  /** Capture only: the payment's captured total once this has worked, minor units. */
  readonly targetTotalMinor: bigint | null
  /** Purser's own follow-up that nobody has sent yet. */
  readonly toSend: boolean
  readonly reason: string | null
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly dueAt: Date | null
  readonly asked: number
}

const COLUMNS = `id, payment_id, refund_id, kind, status, amount, final, target_total, to_send, reason, started_at,
  ended_at, due_at, asked`

export type NewOperation = {
  readonly id: OperationId
  readonly paymentId: PaymentId
  readonly refundId: RefundId | null
  readonly kind: OperationKind
  readonly amount: Money
  readonly final: boolean
  readonly targetTotal: Money | null
  readonly toSend: boolean
  readonly dueAt: Date
}

/**
 * `dueAt` is when the gateway is asked if nobody has told the outcome by then.
 * @throws AppError operation_in_progress
 */
export async function insertOperation(tx: Tx, operation: NewOperation): Promise<void> {
  try {
    await tx.query(
      `insert into operations (merchant_id, mode, id, payment_id, refund_id, kind, status, amount, final,
         target_total, to_send, started_at, due_at)
       values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10, $11, $12)`,
      [
        tx.tenant.merchantId,
        tx.tenant.mode,
        operation.id,
        operation.paymentId,
        operation.refundId,
        operation.kind,
        operation.amount.minor,
        operation.final,
        operation.targetTotal?.minor ?? null,
        operation.toSend,
        tx.now,
        operation.dueAt,
      ],
    )
  } catch (error) {
    if (violates(error, 'operations_one_open') || violates(error, 'operations_one_open_refund')) {
      throw new AppError('operation_in_progress', { operation: operation.kind }, { cause: error })
    }
    throw error
  }
}

export async function readOperation(tx: Tx, id: OperationId): Promise<Operation | undefined> {
  const { rows } = await tx.query<OperationRow>(
    `select ${COLUMNS} from operations where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows[0] === undefined ? undefined : toOperation(rows[0])
}

/** Every open operation of a payment, or of one refund of it. Call with the payment locked. */
export async function listOpenOperations(tx: Tx, paymentId: PaymentId): Promise<readonly Operation[]> {
  const { rows } = await tx.query<OperationRow>(
    `select ${COLUMNS} from operations
      where merchant_id = $1 and mode = $2 and payment_id = $3 and ended_at is null order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map(toOperation)
}

export async function listOperations(tx: Tx, paymentId: PaymentId): Promise<readonly Operation[]> {
  const { rows } = await tx.query<OperationRow>(
    `select ${COLUMNS} from operations where merchant_id = $1 and mode = $2 and payment_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map(toOperation)
}

/** Ends an open operation; one that has ended stays as it is, whoever comes late. */
export async function endOperation(
  tx: Tx,
  id: OperationId,
  end: { status: 'succeeded' | 'declined' | 'failed'; reason: string | null },
): Promise<void> {
  tx.write(
    `update operations
        set status = $4, reason = $5, ended_at = $6, due_at = null, leased_until = null, lease_token = null
      where merchant_id = $1 and mode = $2 and id = $3 and ended_at is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, end.status, end.reason, tx.now],
  )
}

/** Keeps an open operation open: it is asked about again at `dueAt`. */
export async function postponeOperation(
  tx: Tx,
  id: OperationId,
  next: {
    status: 'pending' | 'unknown'
    reason: string | null
    dueAt: Date
    asked: number
    escalate: boolean
    sent: boolean
  },
): Promise<void> {
  await tx.query(
    `update operations
        set status = $4, reason = $5, due_at = $6, asked = $7, to_send = to_send and not $10, leased_until = null, lease_token = null,
            escalated_at = case when $8 then coalesce(escalated_at, $9) else escalated_at end
      where merchant_id = $1 and mode = $2 and id = $3 and ended_at is null`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      id,
      next.status,
      next.reason,
      next.dueAt,
      next.asked,
      next.escalate,
      tx.now,
      next.sent,
    ],
  )
}

/** A charge that waits is looked at now: its mandate or its notice has ended. Lock its order first. */
export async function bringForward(tx: Tx, paymentId: PaymentId): Promise<void> {
  await tx.query(
    `update operations set due_at = $4
      where merchant_id = $1 and mode = $2 and payment_id = $3 and ended_at is null and to_send`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId, tx.now],
  )
}

/** The gateway is asked now about every call on this payment that has no outcome. Lock its order first. */
export async function lookAtOperations(tx: Tx, paymentId: PaymentId): Promise<void> {
  await tx.query(
    `update operations set due_at = $4
      where merchant_id = $1 and mode = $2 and payment_id = $3 and ended_at is null and due_at > $4`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId, tx.now],
  )
}

export type ClaimedOperation = { readonly tenant: Tenant; readonly id: OperationId; readonly leaseToken: string }

/** Leases due operations of every tenant. Business time decides what is due, real time how long the lease lasts. */
export async function leaseDueOperations(
  db: QueueDb,
  options: { leaseToken: string; leaseSeconds: number; limit: number; only?: Tenant | undefined },
): Promise<readonly ClaimedOperation[]> {
  const values: unknown[] = [options.leaseToken, options.leaseSeconds, options.limit]
  const which = conditionsSql(values, ofTenant('o', options.only))
  const { rows } = await db.query<{ merchant_id: MerchantId; mode: Mode; id: OperationId }>(
    `with due as (
       select o.merchant_id, o.mode, o.id
         from operations o join merchants m on m.id = o.merchant_id
        where o.ended_at is null
          and o.due_at <= now() + (select max(clock_offset) from merchants)
          and o.due_at <= now() + case when o.mode = 'test' then m.clock_offset else interval '0' end
          and (o.leased_until is null or o.leased_until <= now())${which}
        order by o.due_at
        limit $3
          for update of o skip locked
     )
     update operations o
        set leased_until = now() + $2 * interval '1 second', lease_token = $1
       from due
      where o.merchant_id = due.merchant_id and o.mode = due.mode and o.id = due.id
     returning o.merchant_id, o.mode, o.id`,
    values,
  )
  return rows.map((row) => ({
    tenant: { merchantId: row.merchant_id, mode: row.mode },
    id: row.id,
    leaseToken: options.leaseToken,
  }))
}

/** Whether the lease is still ours. A holder that lost it must not write. Locks the row. */
export async function holdsLease(tx: Tx, id: OperationId, leaseToken: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select from operations where merchant_id = $1 and mode = $2 and id = $3 and lease_token = $4 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id, leaseToken],
  )
  return rows.length === 1
}

type OperationRow = {
  id: OperationId
  payment_id: PaymentId
  refund_id: RefundId | null
  kind: OperationKind
  status: OperationStatus
  amount: string
  final: boolean
  target_total: string | null
  to_send: boolean
  reason: string | null
  started_at: Date
  ended_at: Date | null
  due_at: Date | null
  asked: number
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    paymentId: row.payment_id,
    refundId: row.refund_id,
    kind: row.kind,
    status: row.status,
    amountMinor: BigInt(row.amount),
    final: row.final,
    targetTotalMinor: row.target_total === null ? null : BigInt(row.target_total),
    toSend: row.to_send,
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    dueAt: row.due_at,
    asked: row.asked,
  }
}
