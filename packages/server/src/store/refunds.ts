// Refunds at rest. The cap is not here: it is a constraint of the payment's row, which is locked and written in the
// same transaction (amount_refund_pending, amount_refunded).
import { REFUND_REASONS, REFUND_WAYS } from '../domain/refund/refund.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { REFUND_STATUSES } from '../domain/refund/states.ts'
import type { RefundStatus } from '../domain/refund/states.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { GatewayAccountId, OrderId, PaymentId, RefundId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Tx } from './db.ts'
import { violates } from './db.ts'

const COLUMNS = `id, payment_id, order_id, gateway_account_id, reference, gateway_refund_id, status, version, currency,
  amount, reason, note, gateway_code, arn, automatic, created_at, updated_at, succeeded_at, merchant_reference,
  requested_by, needs_approval, decided_by, way, way_reference, given_at, given_by`

export type NewRefund = Pick<
  RefundRecord,
  | 'id'
  | 'paymentId'
  | 'orderId'
  | 'gatewayAccountId'
  | 'reference'
  | 'gatewayRefundId'
  | 'amount'
  | 'reason'
  | 'note'
  | 'automatic'
  | 'status'
> &
  Pick<RefundRecord, 'merchantReference'> &
  Partial<Pick<RefundRecord, 'requestedBy' | 'needsApproval' | 'givenBack'>>

/** @throws AppError refund_reference_taken */
export async function insertRefund(tx: Tx, refund: NewRefund): Promise<RefundRecord> {
  const { rows } = await insertRow(tx, refund).catch((error: unknown) => {
    if (!violates(error, 'refunds_by_merchant_reference')) throw error
    throw new AppError('refund_reference_taken', { field: 'reference' }, { cause: error })
  })
  return toRefund(rows[0])
}

function insertRow(tx: Tx, refund: NewRefund) {
  return tx.query<RefundRow>(
    `insert into refunds (merchant_id, mode, id, payment_id, order_id, gateway_account_id, reference, gateway_refund_id,
       amount, currency, reason, note, automatic, status, created_at, updated_at, merchant_reference,
       requested_by, needs_approval, way, way_reference, given_at, given_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20, $21, $22)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      refund.id,
      refund.paymentId,
      refund.orderId,
      refund.gatewayAccountId,
      refund.reference,
      refund.gatewayRefundId,
      refund.amount.minor,
      refund.amount.currency,
      refund.reason,
      refund.note,
      refund.automatic,
      refund.status,
      tx.now,
      refund.merchantReference ?? null,
      refund.requestedBy ?? null,
      refund.needsApproval ?? false,
      refund.givenBack?.way ?? null,
      refund.givenBack?.reference ?? null,
      refund.givenBack?.at ?? null,
      refund.givenBack?.by ?? null,
    ],
  )
}

/** Holds the row until the transaction ends. Lock its payment first. */
export async function lockRefund(tx: Tx, id: RefundId): Promise<RefundRecord> {
  const { rows } = await tx.query<RefundRow>(
    `select ${COLUMNS} from refunds where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toRefund(rows[0])
}

export async function readRefund(tx: Tx, id: RefundId): Promise<RefundRecord> {
  const { rows } = await tx.query<RefundRow>(
    `select ${COLUMNS} from refunds where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toRefund(rows[0])
}

export async function isRefundReferenceTaken(tx: Tx, orderId: OrderId, reference: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from refunds where merchant_id = $1 and mode = $2 and order_id = $3 and merchant_reference = $4',
    [tx.tenant.merchantId, tx.tenant.mode, orderId, reference],
  )
  return rowCount !== 0
}

/** Which refund a gateway means: by its own id first, else by our reference. */
export async function findRefund(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  names: { gatewayRefundId: string; reference: string | null },
): Promise<RefundRecord | undefined> {
  const { rows } = await tx.query<RefundRow>(
    `select ${COLUMNS} from refunds
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and (gateway_refund_id = $4 or reference = $5)
      order by (gateway_refund_id = $4) desc nulls last
      limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, names.gatewayRefundId, names.reference],
  )
  return rows[0] === undefined ? undefined : toRefund(rows[0])
}

export async function saveRefund(tx: Tx, before: RefundRecord, after: RefundRecord): Promise<RefundRecord> {
  const { rows } = await tx.query<RefundRow>(
    `update refunds
        set status = $5, gateway_refund_id = $6, gateway_code = $7, arn = $8, succeeded_at = $9, updated_at = $10,
            decided_by = $11, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.status,
      after.gatewayRefundId,
      after.gatewayCode,
      after.arn,
      after.succeededAt,
      tx.now,
      after.decidedBy,
    ],
  )
  invariant(rows.length === 1, 'The refund was locked, so its version cannot have moved.')
  return toRefund(rows[0])
}

export type RefundFilter = {
  readonly paymentId: PaymentId | null
  readonly orderId: OrderId | null
  readonly status: RefundStatus | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listRefundRows(tx: Tx, filter: RefundFilter): Promise<readonly RefundRecord[]> {
  const { rows } = await tx.query<RefundRow>(
    `select ${COLUMNS} from refunds
      where merchant_id = $1 and mode = $2
        and ($3::text is null or payment_id = $3)
        and ($4::text is null or order_id = $4)
        and ($5::text is null or status = $5)
        and ($6::text is null or id < $6)
      order by id desc
      limit $7`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      filter.paymentId,
      filter.orderId,
      filter.status,
      filter.before,
      filter.limit,
    ],
  )
  return rows.map(toRefund)
}

type RefundRow = {
  id: RefundId
  payment_id: PaymentId
  order_id: OrderId | null
  gateway_account_id: GatewayAccountId | null
  reference: string
  gateway_refund_id: string | null
  status: string
  version: number
  currency: string
  amount: string
  reason: string
  note: string
  gateway_code: string | null
  arn: string | null
  automatic: boolean
  created_at: Date
  updated_at: Date
  succeeded_at: Date | null
  merchant_reference: string | null
  requested_by: string | null
  needs_approval: boolean
  decided_by: string | null
  way: string | null
  way_reference: string | null
  given_at: Date | null
  given_by: string | null
}

function toRefund(row: RefundRow | undefined): RefundRecord {
  if (row === undefined) throw new AppError('refund_not_found')
  const { currency } = row
  const status = REFUND_STATUSES.find((known) => known === row.status)
  const reason = REFUND_REASONS.find((known) => known === row.reason)
  invariant(isCurrency(currency) && status !== undefined && reason !== undefined, `Refund ${row.id} reads as one.`)
  return {
    id: row.id,
    paymentId: row.payment_id,
    orderId: row.order_id,
    gatewayAccountId: row.gateway_account_id,
    reference: row.reference,
    gatewayRefundId: row.gateway_refund_id,
    status,
    version: row.version,
    amount: money(BigInt(row.amount), currency),
    reason,
    note: row.note,
    gatewayCode: row.gateway_code,
    arn: row.arn,
    automatic: row.automatic,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    succeededAt: row.succeeded_at,
    merchantReference: row.merchant_reference,
    requestedBy: row.requested_by,
    needsApproval: row.needs_approval,
    decidedBy: row.decided_by,
    givenBack: toGivenBack(row),
  }
}

function toGivenBack({ id, way: kept, way_reference: reference, given_at: at, given_by: by }: RefundRow) {
  if (kept === null) return null
  const way = REFUND_WAYS.find((known) => known === kept)
  invariant(way !== undefined && at !== null && by !== null, `Refund ${id} was given back in a way we know.`)
  return { way, reference, at, by }
}
