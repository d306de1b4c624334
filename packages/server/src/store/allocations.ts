// Allocations at rest, append-only, and the invoices that they are applied to. That they add up to the sums on the
// payment, the order and the invoice is looked at by the database when a transaction commits.
import { ALLOCATION_REASONS } from '../domain/allocation/allocation.ts'
import type { Allocation, AllocationTarget, Invoice } from '../domain/allocation/allocation.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { AllocationId, OrderId, PaymentId, RefundId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { Tx } from './db.ts'
import { conditionsSql } from './filters.ts'

const COLUMNS = `id, payment_id, order_id, invoice_id, currency, amount, reason, corrects, refund_id, note, created_by, at`

export async function insertAllocation(
  tx: Tx,
  allocation: Omit<Allocation, 'at'>,
  paymentVersion: number,
): Promise<Allocation> {
  const { target } = allocation
  const { rows } = await tx.query<Row>(
    `insert into allocations (merchant_id, mode, id, payment_id, order_id, invoice_id, currency, amount, reason, corrects,
       refund_id, note, created_by, payment_version, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      allocation.id,
      allocation.paymentId,
      target.kind === 'order' ? target.orderId : null,
      target.kind === 'invoice' ? target.invoiceId : null,
      allocation.amount.currency,
      allocation.amount.minor,
      allocation.reason,
      allocation.corrects,
      allocation.refundId,
      allocation.note,
      allocation.createdBy,
      paymentVersion,
      tx.now,
    ],
  )
  return toAllocation(rows[0])
}

export async function readAllocation(tx: Tx, id: AllocationId): Promise<Allocation> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from allocations where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toAllocation(rows[0])
}

/** Oldest first. */
export async function listAllocationsOfPayment(tx: Tx, paymentId: PaymentId): Promise<readonly Allocation[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from allocations where merchant_id = $1 and mode = $2 and payment_id = $3 order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map(toAllocation)
}

export type AllocationFilter = {
  readonly paymentId: PaymentId | null
  readonly orderId: OrderId | null
  readonly invoiceId: string | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listAllocationRows(tx: Tx, filter: AllocationFilter): Promise<readonly Allocation[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'payment_id = ?', value: filter.paymentId },
    { sql: 'order_id = ?', value: filter.orderId },
    { sql: 'invoice_id = ?', value: filter.invoiceId },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from allocations where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows.map(toAllocation)
}

/** Makes the invoice known, if it is not; whoever is second waits for the first. */
export async function insertInvoice(tx: Tx, id: string, amount: Money): Promise<void> {
  await tx.query(
    `insert into invoices (merchant_id, mode, id, currency, amount, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing`,
    [tx.tenant.merchantId, tx.tenant.mode, id, amount.currency, amount.minor, tx.now],
  )
}

const INVOICE = 'id, currency, amount, amount_allocated, amount_allocated_refunded, version'

/** Undefined when nobody has told of it yet. Lock orders first, the payment afterwards. */
export async function lockInvoice(tx: Tx, id: string): Promise<Invoice | undefined> {
  const { rows } = await tx.query<InvoiceRow>(
    `select ${INVOICE} from invoices where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows[0] === undefined ? undefined : toInvoice(rows[0])
}

export async function saveInvoice(tx: Tx, before: Invoice, after: Invoice): Promise<Invoice> {
  const { rows } = await tx.query<InvoiceRow>(
    `update invoices set amount_allocated = $5, amount_allocated_refunded = $6, updated_at = $7, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4 returning ${INVOICE}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.amountAllocated.minor,
      after.amountAllocatedRefunded.minor,
      tx.now,
    ],
  )
  invariant(rows[0] !== undefined, 'The invoice was locked, so its version cannot have moved.')
  return toInvoice(rows[0])
}

type InvoiceRow = {
  id: string
  currency: string
  amount: string
  amount_allocated: string
  amount_allocated_refunded: string
  version: number
}

function toInvoice(row: InvoiceRow): Invoice {
  const { id, currency, version } = row
  invariant(isCurrency(currency), `Invoice ${id} has a currency we know.`)
  return {
    id,
    amount: money(BigInt(row.amount), currency),
    amountAllocated: money(BigInt(row.amount_allocated), currency),
    amountAllocatedRefunded: money(BigInt(row.amount_allocated_refunded), currency),
    version,
  }
}

type Row = {
  id: AllocationId
  payment_id: PaymentId
  order_id: OrderId | null
  invoice_id: string | null
  currency: string
  amount: string
  reason: string
  corrects: AllocationId | null
  refund_id: RefundId | null
  note: string
  created_by: string
  at: Date
}

function toAllocation(row: Row | undefined): Allocation {
  if (row === undefined) throw new AppError('allocation_not_found')
  const { currency } = row
  const reason = ALLOCATION_REASONS.find((known) => known === row.reason)
  invariant(isCurrency(currency) && reason !== undefined, `Allocation ${row.id} reads as one.`)
  return {
    id: row.id,
    paymentId: row.payment_id,
    target: toTarget(row),
    amount: money(BigInt(row.amount), currency),
    reason,
    corrects: row.corrects,
    refundId: row.refund_id,
    note: row.note,
    createdBy: row.created_by,
    at: row.at,
  }
}

function toTarget({ id, order_id: orderId, invoice_id: invoiceId }: Row): AllocationTarget {
  if (orderId !== null) return { kind: 'order', orderId }
  invariant(invoiceId !== null, `Allocation ${id} has a target.`)
  return { kind: 'invoice', invoiceId }
}
