// Receipts at rest: rows are only ever added, and a series counts without gaps because its row stays locked until the
// transaction that took the number ends. Take the number last: everyone who issues in the same series waits for it.
import { RECEIPT_KINDS } from '../domain/receipt/receipt.ts'
import type { Receipt, ReceiptKind, ReceiptSnapshot } from '../domain/receipt/receipt.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { PaymentId, ReceiptId, RefundId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

const COLUMNS = 'id, kind, number, payment_id, refund_id, snapshot, issued_at'

export type TakenNumber = {
  readonly count: bigint
  /** Now, or the date of the number before where that transaction began later: dates rise with the numbers. */
  readonly issuedAt: Date
}

/** The next number of the series. It is given back when the transaction rolls back, and nobody gets past it before. */
export async function takeReceiptNumber(tx: Tx, kind: ReceiptKind, financialYear: string): Promise<TakenNumber> {
  const { rows } = await tx.query<{ count: string; issuedAt: Date }>(
    `insert into receipt_series as s (merchant_id, mode, kind, financial_year, last_number, last_issued_at)
     values ($1, $2, $3, $4, 1, $5)
     on conflict (merchant_id, mode, kind, financial_year) do update
        set last_number = s.last_number + 1, last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at)
     returning last_number as count, last_issued_at as "issuedAt"`,
    [tx.tenant.merchantId, tx.tenant.mode, kind, financialYear, tx.now],
  )
  const [taken] = rows
  invariant(taken !== undefined, 'A series always has a next number.')
  return { count: BigInt(taken.count), issuedAt: taken.issuedAt }
}

export async function insertReceipt(tx: Tx, receipt: Receipt): Promise<Receipt> {
  const { rows } = await tx.query<ReceiptRow>(
    `insert into receipts (merchant_id, mode, id, kind, number, payment_id, refund_id, snapshot, issued_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      receipt.id,
      receipt.kind,
      receipt.number,
      receipt.paymentId,
      receipt.refundId,
      receipt.snapshot,
      receipt.issuedAt,
    ],
  )
  return toReceipt(rows[0])
}

/** @throws AppError receipt_not_found */
export async function readReceiptRow(tx: Tx, id: ReceiptId): Promise<Receipt> {
  const { rows } = await tx.query<ReceiptRow>(
    `select ${COLUMNS} from receipts where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toReceipt(rows[0])
}

/** The payment's receipt and the vouchers of its refunds, oldest first. */
export async function listReceiptsOfPayment(tx: Tx, paymentId: PaymentId): Promise<readonly Receipt[]> {
  const { rows } = await tx.query<ReceiptRow>(
    `select ${COLUMNS} from receipts where merchant_id = $1 and mode = $2 and payment_id = $3 order by issued_at, id`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows.map(toReceipt)
}

type ReceiptRow = {
  id: ReceiptId
  kind: string
  number: string
  payment_id: PaymentId
  refund_id: RefundId | null
  snapshot: ReceiptSnapshot
  issued_at: Date
}

function toReceipt(row: ReceiptRow | undefined): Receipt {
  if (row === undefined) throw new AppError('receipt_not_found')
  const kind = RECEIPT_KINDS.find((known) => known === row.kind)
  invariant(kind !== undefined && row.snapshot.form === 1, `Receipt ${row.id} reads as one.`)
  return {
    id: row.id,
    kind,
    number: row.number,
    paymentId: row.payment_id,
    refundId: row.refund_id,
    issuedAt: row.issued_at,
    snapshot: row.snapshot,
  }
}
