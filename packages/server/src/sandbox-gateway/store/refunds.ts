// Refunds at rest. Lock order everywhere: the payment first, then the refund.
import type { Currency } from '../../kernel/money.ts'
import type { BookPayment } from '../book/payment.ts'
import type { BookRefund, RefundStatus } from '../book/refund.ts'
import type { Notice, StoredPayment } from './payments.ts'
import { noticeValues } from './payments.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

export type StoredRefund = BookRefund & { readonly requestHash: Buffer; readonly succeeds: boolean }

const INSERT = statement(
  'insert_refund',
  `with reserved as (
     update sandbox.payments set returning_now = $4, updated_at = $14, version = version + 1
      where account_id = $1 and id = $2 and version = $3
     returning id
   )
   insert into sandbox.refunds (account_id, id, payment_id, reference, twin, request_hash, currency, amount, reason,
                                status, succeeds, due_at, created_at, updated_at)
   select $1, $5, reserved.id, $6,
          case when $7::boolean
               then (select coalesce(max(twin) + 1, 0) from sandbox.refunds where account_id = $1 and reference = $6)
               else 0 end,
          $8, $9, $10, $11, $12, $13,
          now() + $15::double precision * interval '1 millisecond', $14, $14
     from reserved
   returning id`,
)

export type NewRefund = {
  readonly refund: StoredRefund
  readonly inMs: number
  /** Makes a second refund where one with this reference exists. */
  readonly forgetful: boolean
}

/**
 * Writes the refund and sets its amount aside on the payment, which this transaction has locked.
 * @throws Error unique_violation when another payment's refund has taken the reference meanwhile
 */
export async function insertRefund(tx: Db, before: StoredPayment, returning: bigint, made: NewRefund): Promise<void> {
  const { refund } = made
  const rows = await run(tx, INSERT, [
    before.accountId,
    before.id,
    before.version,
    returning,
    refund.id,
    refund.reference,
    made.forgetful,
    refund.requestHash,
    refund.currency,
    refund.amount,
    refund.reason,
    refund.status,
    refund.succeeds,
    refund.createdAt,
    made.inMs,
  ])
  if (rows.length !== 1) throw new Error(`Payment ${before.id} was locked, so its version cannot have moved.`)
}

const SETTLE = statement(
  'settle_refund',
  `with settled as (
     update sandbox.refunds set status = $3, failure = $4, due_at = null, updated_at = $5
      where account_id = $1 and id = $2 and due_at is not null
     returning id, payment_id
   ), payment as (
     update sandbox.payments set returned = $6, returning_now = $7, updated_at = $5, version = version + 1
       from settled
      where payments.account_id = $1 and payments.id = settled.payment_id
     returning payments.id
   ), notice as (
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $8::text, $1, settled.id, $9::text,
            now() + $10::double precision * interval '1 millisecond', $11::integer, $12::boolean
       from settled where $8::text is not null
   )
   select payment.id from payment`,
)

/** Writes a refund's outcome and the payment's totals; this transaction has locked both. */
export async function saveSettledRefund(
  tx: Db,
  refund: BookRefund,
  payment: Pick<BookPayment, 'returned' | 'returning'>,
  notice: Notice | null,
): Promise<void> {
  const rows = await run(tx, SETTLE, [
    refund.accountId,
    refund.id,
    refund.status,
    refund.failure,
    refund.updatedAt,
    payment.returned,
    payment.returning,
    ...noticeValues(notice),
  ])
  if (rows.length !== 1) throw new Error(`Refund ${refund.id} was locked, so it cannot have been settled.`)
}

const COLUMNS = `account_id, id, payment_id, reference, request_hash, currency, amount, reason, status, failure,
  succeeds, created_at, updated_at`
const BY_ID = statement('refund', `select ${COLUMNS} from sandbox.refunds where account_id = $1 and id = $2`)
const LOCK_DUE = statement(
  'lock_due_refund',
  `select ${COLUMNS} from sandbox.refunds
    where account_id = $1 and id = $2 and due_at <= now()
      for update`,
)
const BY_REFERENCE = statement(
  'refund_by_reference',
  `select ${COLUMNS} from sandbox.refunds where account_id = $1 and reference = $2 order by twin desc limit 1`,
)

export async function findRefund(db: Db, accountId: string, id: string): Promise<StoredRefund | undefined> {
  return first(await run<RefundRow>(db, BY_ID, [accountId, id]))
}

export async function findRefundByReference(db: Db, accountId: string, reference: string) {
  return first(await run<RefundRow>(db, BY_REFERENCE, [accountId, reference]))
}

/** Undefined when it is settled, or not due any more. */
export async function lockDueRefund(tx: Db, accountId: string, id: string): Promise<StoredRefund | undefined> {
  return first(await run<RefundRow>(tx, LOCK_DUE, [accountId, id]))
}

export type RefundRow = {
  account_id: string
  id: string
  payment_id: string
  reference: string
  request_hash: Buffer
  currency: string
  amount: string
  reason: string
  status: string
  failure: string | null
  succeeds: boolean
  created_at: Date
  updated_at: Date
}

function first(rows: readonly RefundRow[]): StoredRefund | undefined {
  return rows[0] === undefined ? undefined : toRefund(rows[0])
}

export function toRefund(row: RefundRow): StoredRefund {
  return {
    accountId: row.account_id,
    id: row.id,
    paymentId: row.payment_id,
    reference: row.reference,
    requestHash: row.request_hash,
    currency: row.currency as Currency,
    amount: BigInt(row.amount),
    reason: row.reason,
    // Held to its list by a check constraint.
    status: row.status as RefundStatus,
    failure: row.failure,
    succeeds: row.succeeds,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
