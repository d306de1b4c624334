// Offline payments at rest, beside their row in `payments`. What was recorded is written once: the application's role
// may change only what became of it, and the table of its states is a trigger's.
import type { OfflineInstrument, OfflinePayment } from '../domain/offline/offline-payment.ts'
import { OFFLINE_STATUSES } from '../domain/offline/states.ts'
import type { OfflineStatus } from '../domain/offline/states.ts'
import type { OfflineMethod } from '../domain/payment/method.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { CustomerId, PaymentId } from '../kernel/ids.ts'
import type { Currency } from '../kernel/money.ts'
import type { Tx } from './db.ts'
import { violates } from './db.ts'
import { conditionsSql } from './filters.ts'

const COLUMNS = `payment_id, method, status, version, customer_id, bank, cheque_number,
  to_char(cheque_date, 'YYYY-MM-DD') as cheque_date, utr, received_at, received_by, note, recorded_by, cleared_at,
  ended_at, ended_by, ended_reason, created_at, updated_at`

export type NewOfflinePayment = Omit<OfflinePayment, 'version' | 'end' | 'createdAt' | 'updatedAt'>

/** @throws AppError offline_payment_taken (the same cheque or transfer), customer_not_found */
export async function insertOfflinePayment(
  tx: Tx,
  currency: Currency,
  recorded: NewOfflinePayment,
): Promise<OfflinePayment> {
  const { rows } = await insertRow(tx, currency, recorded).catch((error: unknown) => {
    if (violates(error, 'offline_payments_one_per_cheque')) throw taken('cheque_number', error)
    if (violates(error, 'offline_payments_one_per_transfer')) throw taken('utr', error)
    if (!violates(error, 'offline_payments_merchant_id_mode_customer_id_fkey')) throw error
    throw new AppError('customer_not_found', { field: 'customer_id' }, { cause: error })
  })
  return toOfflinePayment(rows[0])
}

const taken = (field: string, cause: unknown) => new AppError('offline_payment_taken', { field }, { cause })

function insertRow(tx: Tx, currency: Currency, recorded: NewOfflinePayment) {
  const { instrument } = recorded
  const cheque = instrument.method === 'cheque' ? instrument : null
  return tx.query<Row>(
    `insert into offline_payments (merchant_id, mode, payment_id, currency, method, status, customer_id, bank,
       cheque_number, cheque_date, utr, received_at, received_by, note, recorded_by, cleared_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      recorded.paymentId,
      currency,
      instrument.method,
      recorded.status,
      recorded.customerId,
      instrument.method === 'cash' ? null : instrument.bank,
      cheque?.number ?? null,
      cheque?.date ?? null,
      instrument.method === 'bank_transfer' ? instrument.utr : null,
      recorded.receivedAt,
      recorded.receivedBy,
      recorded.note,
      recorded.recordedBy,
      recorded.clearedAt,
      tx.now,
    ],
  )
}

/** @throws AppError payment_not_found, also for a payment that is not an offline one */
export async function readOfflinePayment(tx: Tx, id: PaymentId): Promise<OfflinePayment> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from offline_payments where merchant_id = $1 and mode = $2 and payment_id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toOfflinePayment(rows[0])
}

/** Of money on account: nobody else applies it, gives it back or ends it meanwhile. Before orders and the payment. */
export async function lockOfflineRecord(tx: Tx, id: PaymentId): Promise<void> {
  await tx.query('select from offline_payments where merchant_id = $1 and mode = $2 and payment_id = $3 for update', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    id,
  ])
}

/** What became of it. Call with its payment locked. */
export async function saveOfflinePayment(
  tx: Tx,
  before: OfflinePayment,
  after: OfflinePayment,
): Promise<OfflinePayment> {
  const { rows } = await tx.query<Row>(
    `update offline_payments
        set status = $5, cleared_at = $6, ended_at = $7, ended_by = $8, ended_reason = $9, updated_at = $10,
            version = version + 1
      where merchant_id = $1 and mode = $2 and payment_id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.paymentId,
      before.version,
      after.status,
      after.clearedAt,
      after.end?.at ?? null,
      after.end?.by ?? null,
      after.end?.reason ?? null,
      tx.now,
    ],
  )
  invariant(rows.length === 1, 'The payment was locked, so its record cannot have moved.')
  return toOfflinePayment(rows[0])
}

export type OfflineFilter = {
  readonly status: OfflineStatus | null
  readonly method: OfflineMethod | null
  readonly customerId: CustomerId | null
  /** Of when it was received. */
  readonly from: Date | null
  readonly to: Date | null
  /** Payment ids older than this one. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listOfflineRows(tx: Tx, filter: OfflineFilter): Promise<readonly OfflinePayment[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: 'status = ?', value: filter.status },
    { sql: 'method = ?', value: filter.method },
    { sql: 'customer_id = ?', value: filter.customerId },
    { sql: 'received_at >= ?', value: filter.from },
    { sql: 'received_at < ?', value: filter.to },
    { sql: 'payment_id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from offline_payments where merchant_id = $1 and mode = $2${where}
      order by payment_id desc limit $3`,
    values,
  )
  return rows.map(toOfflinePayment)
}

type Row = {
  payment_id: PaymentId
  method: OfflineMethod
  status: string
  version: number
  customer_id: CustomerId | null
  bank: string | null
  cheque_number: string | null
  cheque_date: string | null
  utr: string | null
  received_at: Date
  received_by: string | null
  note: string
  recorded_by: string
  cleared_at: Date | null
  ended_at: Date | null
  ended_by: string | null
  ended_reason: string | null
  created_at: Date
  updated_at: Date
}

function toOfflinePayment(row: Row | undefined): OfflinePayment {
  if (row === undefined) throw new AppError('payment_not_found')
  const status = OFFLINE_STATUSES.find((known) => known === row.status)
  invariant(status !== undefined, `Offline payment ${row.payment_id} has a status we know.`)
  const { ended_at: at, ended_by: by, ended_reason: reason } = row
  return {
    paymentId: row.payment_id,
    instrument: toInstrument(row),
    status,
    version: row.version,
    customerId: row.customer_id,
    receivedAt: row.received_at,
    receivedBy: row.received_by,
    note: row.note,
    recordedBy: row.recorded_by,
    clearedAt: row.cleared_at,
    end: at === null || by === null || reason === null ? null : { at, by, reason },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toInstrument({ payment_id: id, method, bank, cheque_number, cheque_date, utr }: Row): OfflineInstrument {
  if (method === 'cash') return { method }
  if (method === 'cheque') {
    invariant(bank !== null && cheque_number !== null && cheque_date !== null, `Cheque ${id} is named.`)
    return { method, bank, number: cheque_number, date: cheque_date }
  }
  invariant(utr !== null, `Transfer ${id} is named.`)
  return { method, utr, bank }
}
