// Mandates and pre-debit notices at rest. Lock order everywhere: the payment that registers it first, then the mandate.
import type { Currency } from '../../kernel/money.ts'
import type { BookMandate, BookNotice, GatewayFrequency, GatewayMandateStatus } from '../book/mandate.ts'
import type { BookPayment } from '../book/payment.ts'
import type { InstrumentMethod } from '../instruments.ts'
import type { Notice } from './payments.ts'
import { noticeValues } from './payments.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

const INSERT = statement(
  'insert_mandate',
  `insert into sandbox.mandates (account_id, id, payment_id, reference, status, currency, max_amount, amount_rule,
     frequency, rule_type, rule_value, starts_at, ends_at, revocable, block_funds, method, instrument, flow,
     created_at, updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)`,
)

/** In the transaction that makes the payment which registers it. */
export async function insertMandate(tx: Db, mandate: BookMandate): Promise<void> {
  await run(tx, INSERT, [
    mandate.accountId,
    mandate.id,
    mandate.paymentId,
    mandate.reference,
    mandate.status,
    mandate.currency,
    mandate.maxAmount,
    mandate.amountRule,
    mandate.frequency,
    mandate.ruleType,
    mandate.ruleValue,
    mandate.startsAt,
    mandate.endsAt,
    mandate.revocableByCustomer,
    mandate.blockFunds,
    mandate.method,
    mandate.instrument,
    mandate.flow,
    mandate.createdAt,
  ])
}

const COLUMNS = `account_id, id, payment_id, reference, status, currency, max_amount, amount_rule, frequency, rule_type,
  rule_value, starts_at, ends_at, revocable, block_funds, method, instrument, flow, pause_until, version, created_at,
  updated_at`
const BY_ID = statement('mandate', `select ${COLUMNS} from sandbox.mandates where account_id = $1 and id = $2`)
const LOCK = statement('lock_mandate', `${BY_ID.text} for update`)
const LIST = statement('list_mandates', `select ${COLUMNS} from sandbox.mandates where account_id = $1 order by id`)

export async function findMandate(db: Db, accountId: string, id: string): Promise<BookMandate | undefined> {
  const [row] = await run<MandateRow>(db, BY_ID, [accountId, id])
  return row === undefined ? undefined : toMandate(row)
}

export async function lockMandate(tx: Db, accountId: string, id: string): Promise<BookMandate | undefined> {
  const [row] = await run<MandateRow>(tx, LOCK, [accountId, id])
  return row === undefined ? undefined : toMandate(row)
}

export async function listMandates(db: Db, accountId: string): Promise<BookMandate[]> {
  return (await run<MandateRow>(db, LIST, [accountId])).map(toMandate)
}

const UPDATE = statement(
  'update_mandate',
  `with moved as (
     update sandbox.mandates set status = $4, pause_until = $5, version = version + 1, updated_at = $6
      where account_id = $1 and id = $2 and version = $3
     returning id
   ), notice as (
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $7::text, $1, moved.id, $8::text,
            now() + $9::double precision * interval '1 millisecond', $10::integer, $11::boolean
       from moved where $7::text is not null
   )
   select id from moved`,
)

/** Writes a mandate that this transaction has locked, with the notification that tells of it. */
export async function saveMandate(
  tx: Db,
  before: BookMandate,
  after: BookMandate,
  notice: Notice | null,
): Promise<void> {
  const rows = await run(tx, UPDATE, [
    before.accountId,
    before.id,
    before.version,
    after.status,
    after.pauseUntil,
    after.updatedAt,
    ...noticeValues(notice),
  ])
  if (rows.length !== 1) throw new Error(`Mandate ${before.id} was locked, so its version cannot have moved.`)
}

const INSERT_NOTICE = statement(
  'insert_pre_debit_notice',
  `insert into sandbox.pre_debit_notices
     (account_id, id, mandate_id, reference, request_hash, currency, amount, debit_date, status, created_at,
      succeeds, due_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + $12::double precision * interval '1 millisecond')
   on conflict (account_id, reference) do nothing returning id`,
)

/** False when the reference is taken. */
export async function insertNotice(
  db: Db,
  notice: BookNotice,
  requestHash: Buffer,
  inMs: number | null,
): Promise<boolean> {
  const rows = await run(db, INSERT_NOTICE, [
    notice.accountId,
    notice.id,
    notice.mandateId,
    notice.reference,
    requestHash,
    notice.currency,
    notice.amount,
    notice.debitDate,
    notice.status,
    notice.createdAt,
    notice.succeeds,
    inMs,
  ])
  return rows.length === 1
}

const NOTICE_COLUMNS = `account_id, id, mandate_id, reference, request_hash, currency, amount,
  debit_date::text as debit_date, status, succeeds, created_at`
const NOTICE_BY_REFERENCE = statement(
  'pre_debit_notice_by_reference',
  `select ${NOTICE_COLUMNS} from sandbox.pre_debit_notices where account_id = $1 and reference = $2`,
)
const NOTICE_BY_ID = statement(
  'pre_debit_notice',
  `select ${NOTICE_COLUMNS} from sandbox.pre_debit_notices where account_id = $1 and id = $2`,
)

const LOCK_DUE_NOTICE = statement('lock_due_pre_debit_notice', `${NOTICE_BY_ID.text} and due_at <= now() for update`)
const SETTLE_NOTICE = statement(
  'settle_pre_debit_notice',
  `with told as (
     update sandbox.pre_debit_notices set status = $3, due_at = null where account_id = $1 and id = $2 returning id
   ), notice as (
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $4::text, $1, told.id, $5::text,
            now() + $6::double precision * interval '1 millisecond', $7::integer, $8::boolean
       from told where $4::text is not null
   )
   select id from told`,
)

/** Undefined when its outcome is known, or not due. */
export async function lockDueNotice(tx: Db, accountId: string, id: string): Promise<StoredNotice | undefined> {
  return toNotice(await run<NoticeRow>(tx, LOCK_DUE_NOTICE, [accountId, id]))
}

/** Writes the outcome of a locked one, with the notification that tells of it. */
export async function settleNotice(tx: Db, after: BookNotice, notice: Notice | null): Promise<void> {
  await run(tx, SETTLE_NOTICE, [after.accountId, after.id, after.status, ...noticeValues(notice)])
}

export type StoredNotice = BookNotice & { readonly requestHash: Buffer }

export async function findNoticeByReference(db: Db, accountId: string, reference: string) {
  return toNotice(await run<NoticeRow>(db, NOTICE_BY_REFERENCE, [accountId, reference]))
}

export async function findNotice(db: Db, accountId: string, id: string): Promise<StoredNotice | undefined> {
  return toNotice(await run<NoticeRow>(db, NOTICE_BY_ID, [accountId, id]))
}

type NoticeRow = {
  account_id: string
  id: string
  mandate_id: string
  reference: string
  request_hash: Buffer
  currency: string
  amount: string
  debit_date: string
  status: string
  succeeds: boolean
  created_at: Date
}

function toNotice([row]: readonly NoticeRow[]): StoredNotice | undefined {
  if (row === undefined) return undefined
  return {
    accountId: row.account_id,
    id: row.id,
    mandateId: row.mandate_id,
    reference: row.reference,
    requestHash: row.request_hash,
    currency: row.currency as Currency,
    amount: BigInt(row.amount),
    debitDate: row.debit_date,
    status: row.status as BookNotice['status'],
    succeeds: row.succeeds,
    createdAt: row.created_at,
  }
}

type MandateRow = {
  account_id: string
  id: string
  payment_id: string
  reference: string
  status: string
  currency: string
  max_amount: string
  amount_rule: string
  frequency: string
  rule_type: string | null
  rule_value: number | null
  starts_at: Date
  ends_at: Date
  revocable: boolean
  block_funds: boolean
  method: string
  instrument: string
  flow: string | null
  pause_until: Date | null
  version: number
  created_at: Date
  updated_at: Date
}

// The words below are held to their lists by check constraints of the same table.
function toMandate(row: MandateRow): BookMandate {
  return {
    accountId: row.account_id,
    id: row.id,
    paymentId: row.payment_id,
    reference: row.reference,
    status: row.status as GatewayMandateStatus,
    currency: row.currency as Currency,
    maxAmount: BigInt(row.max_amount),
    amountRule: row.amount_rule as BookMandate['amountRule'],
    frequency: row.frequency as GatewayFrequency,
    ruleType: row.rule_type as BookMandate['ruleType'],
    ruleValue: row.rule_value,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    revocableByCustomer: row.revocable,
    blockFunds: row.block_funds,
    method: row.method as InstrumentMethod,
    instrument: row.instrument,
    flow: row.flow as BookPayment['flow'],
    pauseUntil: row.pause_until,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
