// Payments and their steps at rest. Each change is one statement that writes the payment, the step and the
// notification together, so none of them can exist without the others.
import type { Currency } from '../../kernel/money.ts'
import type { BookPayment, Due, GatewayStatus, PayerPage } from '../book/payment.ts'
import type { InstrumentMethod } from '../instruments.ts'
import type { RejectionCode } from '../rejections.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

/** A message to the merchant, complete but for its signature, which is made when it is sent. */
export type Notice = {
  readonly id: string
  readonly objectId: string
  readonly body: string
  readonly delayMs: number
  readonly copies: number
  readonly forged: boolean
}

export type Step = {
  readonly id: string
  readonly kind: 'capture' | 'void'
  readonly idempotencyKey: string | null
  readonly requestHash: Buffer | null
  readonly amount: bigint
  readonly final: boolean
}

export type StoredPayment = BookPayment & { readonly version: number; readonly requestHash: Buffer }

const INSERT = statement(
  'insert_payment',
  `with made as (
     insert into sandbox.payments (
       account_id, id, reference, twin, request_hash, status, currency, amount, held, paid, closed, rejection,
       capture_mode, method, instrument, flow, page, page_token_hash, description, return_url,
       due_at, due_outcome, created_at, updated_at, mandate_id, is_charge, save_for)
     values ($1, $2, $3,
       case when $4::boolean
            then (select coalesce(max(twin) + 1, 0) from sandbox.payments where account_id = $1 and reference = $3)
            else 0 end,
       $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
       now() + $21::double precision * interval '1 millisecond', $22, $23::timestamptz, $23::timestamptz, $30, $31, $32)
     on conflict (account_id, reference, twin) do nothing
     returning id
   ), step as (
     insert into sandbox.steps (account_id, id, payment_id, kind, amount, final, created_at)
     select $1, $24::text, made.id, 'capture', $10::bigint, true, $23::timestamptz from made where $24::text is not null
   ), notice as (
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $25::text, $1, made.id, $26::text,
            now() + $27::double precision * interval '1 millisecond', $28::integer, $29::boolean
       from made where $25::text is not null
   )
   select id from made`,
)

export type NewPayment = {
  readonly payment: BookPayment
  readonly requestHash: Buffer
  readonly pageTokenHash: Buffer | null
  readonly due: Due | null
  /** Makes a second payment where one with this reference exists: a gateway with a bad memory. */
  readonly forgetful: boolean
  /** Id of the sale's own capture. */
  readonly captureId: string | null
  readonly notice: Notice | null
}

/** False when the account has a payment with this reference already. */
export async function insertPayment(db: Db, made: NewPayment): Promise<boolean> {
  const { payment, due, notice } = made
  const rows = await run(db, INSERT, [
    payment.accountId,
    payment.id,
    payment.reference,
    made.forgetful,
    made.requestHash,
    payment.status,
    payment.currency,
    payment.amount,
    payment.held,
    payment.paid,
    payment.closed,
    payment.rejection,
    payment.captureMode,
    payment.method,
    payment.instrument,
    payment.flow,
    payment.page,
    made.pageTokenHash,
    payment.description,
    payment.returnUrl,
    due?.inMs ?? null,
    due?.outcome ?? null,
    payment.createdAt,
    made.captureId,
    ...noticeValues(notice),
    payment.mandateId,
    payment.isCharge,
    payment.saveFor,
  ])
  return rows.length === 1
}

const UPDATE = statement(
  'update_payment',
  `with moved as (
     update sandbox.payments
        set status = $4, held = $5, paid = $6, returned = $7, returning_now = $8, closed = $9, rejection = $10,
            due_at = case when $11::boolean then due_at
                          else now() + $12::double precision * interval '1 millisecond' end,
            due_outcome = case when $11::boolean then due_outcome else $13 end,
            updated_at = $14::timestamptz, disputed = $26::bigint, version = version + 1
      where account_id = $1 and id = $2 and version = $3
     returning id
   ), step as (
     insert into sandbox.steps
            (account_id, id, payment_id, kind, idempotency_key, request_hash, amount, final, created_at)
     select $1, $15::text, moved.id, $16::text, $17::text, $18::bytea, $19::bigint, $20::boolean, $14::timestamptz
       from moved where $15::text is not null
   ), notice as (
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $21::text, $1, moved.id, $22::text,
            now() + $23::double precision * interval '1 millisecond', $24::integer, $25::boolean
       from moved where $21::text is not null
   )
   select id from moved`,
)

/** Writes a payment that this transaction has locked. @throws Error unique_violation when the step's key is taken */
export async function savePayment(
  tx: Db,
  before: StoredPayment,
  after: BookPayment,
  with_: { readonly due: Due | null | 'keep'; readonly step: Step | null; readonly notice: Notice | null },
): Promise<void> {
  const { due, step, notice } = with_
  const timer = due === 'keep' ? null : due
  const rows = await run(tx, UPDATE, [
    before.accountId,
    before.id,
    before.version,
    after.status,
    after.held,
    after.paid,
    after.returned,
    after.returning,
    after.closed,
    after.rejection,
    due === 'keep',
    timer?.inMs ?? null,
    timer?.outcome ?? null,
    after.updatedAt,
    step?.id ?? null,
    step?.kind ?? null,
    step?.idempotencyKey ?? null,
    step?.requestHash ?? null,
    step?.amount ?? null,
    step?.final ?? null,
    ...noticeValues(notice),
    after.disputed,
  ])
  if (rows.length !== 1) throw new Error(`Payment ${before.id} was locked, so its version cannot have moved.`)
}

export function noticeValues(notice: Notice | null): unknown[] {
  if (notice === null) return [null, null, null, null, null]
  return [notice.id, notice.body, notice.delayMs, notice.copies, notice.forged]
}

const COLUMNS = `account_id, id, reference, status, currency, amount, held, paid, returned, returning_now, disputed, closed,
  rejection, capture_mode, method, instrument, flow, page, description, return_url, version, request_hash,
  created_at, updated_at, mandate_id, is_charge, save_for`

const BY_ID = statement('payment', `select ${COLUMNS} from sandbox.payments where account_id = $1 and id = $2`)
const LOCK = statement('lock_payment', `${BY_ID.text} for update`)
const BY_REFERENCE = statement(
  'payment_by_reference',
  `select ${COLUMNS} from sandbox.payments where account_id = $1 and reference = $2 order by twin desc limit 1`,
)
const LOCK_BY_PAGE = statement(
  'lock_payment_by_page',
  `select ${COLUMNS} from sandbox.payments where page_token_hash = $1 for update`,
)
const BY_PAGE = statement('payment_by_page', `select ${COLUMNS} from sandbox.payments where page_token_hash = $1`)

export async function findPayment(db: Db, accountId: string, id: string): Promise<StoredPayment | undefined> {
  return first(await run<PaymentRow>(db, BY_ID, [accountId, id]))
}

/** Where a fault made twins: the youngest, as a forgetful gateway would. */
export async function findPaymentByReference(db: Db, accountId: string, reference: string) {
  return first(await run<PaymentRow>(db, BY_REFERENCE, [accountId, reference]))
}

export async function findPaymentByPage(db: Db, tokenHash: Buffer): Promise<StoredPayment | undefined> {
  return first(await run<PaymentRow>(db, BY_PAGE, [tokenHash]))
}

/** Holds the row until the transaction ends: two callers never decide at once. */
export async function lockPayment(tx: Db, accountId: string, id: string): Promise<StoredPayment | undefined> {
  return first(await run<PaymentRow>(tx, LOCK, [accountId, id]))
}

export async function lockPaymentByPage(tx: Db, tokenHash: Buffer): Promise<StoredPayment | undefined> {
  return first(await run<PaymentRow>(tx, LOCK_BY_PAGE, [tokenHash]))
}

const STEP = statement(
  'step_by_key',
  `select payment_id, kind, request_hash from sandbox.steps where account_id = $1 and idempotency_key = $2`,
)

export type UsedKey = { readonly payment_id: string; readonly kind: string; readonly request_hash: Buffer }

export async function findStep(tx: Db, accountId: string, key: string): Promise<UsedKey | undefined> {
  const [row] = await run<UsedKey>(tx, STEP, [accountId, key])
  return row
}

export type PaymentRow = {
  account_id: string
  id: string
  reference: string
  status: string
  currency: string
  // Postgres sends bigint as text; it stays exact.
  amount: string
  held: string
  paid: string
  returned: string
  returning_now: string
  disputed: string
  closed: boolean
  rejection: string | null
  capture_mode: string
  method: string
  instrument: string
  flow: string | null
  page: string | null
  description: string
  return_url: string
  version: number
  request_hash: Buffer
  created_at: Date
  updated_at: Date
  mandate_id: string | null
  is_charge: boolean
  save_for: string | null
}

function first(rows: readonly PaymentRow[]): StoredPayment | undefined {
  return rows[0] === undefined ? undefined : toPayment(rows[0])
}

// The words below are held to their lists by check constraints of the same table.
export function toPayment(row: PaymentRow): StoredPayment {
  return {
    accountId: row.account_id,
    id: row.id,
    reference: row.reference,
    status: row.status as GatewayStatus,
    currency: row.currency as Currency,
    amount: BigInt(row.amount),
    held: BigInt(row.held),
    paid: BigInt(row.paid),
    returned: BigInt(row.returned),
    returning: BigInt(row.returning_now),
    disputed: BigInt(row.disputed),
    closed: row.closed,
    rejection: row.rejection as RejectionCode | null,
    captureMode: row.capture_mode as BookPayment['captureMode'],
    method: row.method as InstrumentMethod,
    instrument: row.instrument,
    flow: row.flow as BookPayment['flow'],
    page: row.page as PayerPage | null,
    description: row.description,
    returnUrl: row.return_url,
    version: row.version,
    requestHash: row.request_hash,
    mandateId: row.mandate_id,
    isCharge: row.is_charge,
    saveFor: row.save_for,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
