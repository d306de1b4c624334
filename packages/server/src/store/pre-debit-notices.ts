// Pre-debit notices at rest. Amount and day are written once. An open one is due: it is sent, and sent again under the
// same name, until its outcome is known.
import type { Day } from '../domain/mandate/calendar.ts'
import { NOTICE_STATUSES } from '../domain/mandate/notice.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { GatewayAccountId, MandateId, PreDebitNoticeId, Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import { violates } from './db.ts'
import type { QueueDb, Tx } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `id, reference, metadata, mandate_id, currency, amount, debit_day::text as debit_day, description, status, version,
  gateway_notice_id, failure_reason, due_at, asked, succeeded_at, created_at,
  updated_at`

export type NewNotice = Pick<
  PreDebitNotice,
  'id' | 'reference' | 'metadata' | 'mandateId' | 'amount' | 'debitDay' | 'description'
> & { readonly dueAt: Date }

/** @throws AppError notice_reference_taken */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<PreDebitNotice> {
  try {
    return await writeNotice(tx, notice)
  } catch (error) {
    if (!violates(error, 'pre_debit_notices_by_reference')) throw error
    throw new AppError('notice_reference_taken', { field: 'reference' }, { cause: error })
  }
}

async function writeNotice(tx: Tx, notice: NewNotice): Promise<PreDebitNotice> {
  const { rows } = await tx.query<NoticeRow>(
    `insert into pre_debit_notices (merchant_id, mode, id, mandate_id, currency, amount, debit_day, description,
       status, due_at, created_at, updated_at, reference, metadata)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $10, $11, $12)
     returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      notice.id,
      notice.mandateId,
      notice.amount.currency,
      notice.amount.minor,
      notice.debitDay,
      notice.description,
      notice.dueAt,
      tx.now,
      notice.reference,
      notice.metadata,
    ],
  )
  return toNotice(rows[0])
}

export async function readNotice(tx: Tx, id: PreDebitNoticeId): Promise<PreDebitNotice> {
  const { rows } = await tx.query<NoticeRow>(
    `select ${COLUMNS} from pre_debit_notices where merchant_id = $1 and mode = $2 and id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toNotice(rows[0])
}

/** By the merchant's own name of it. */
export async function findNoticeByReference(tx: Tx, reference: string): Promise<PreDebitNotice | undefined> {
  const { rows } = await tx.query<NoticeRow>(
    `select ${COLUMNS} from pre_debit_notices where merchant_id = $1 and mode = $2 and reference = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, reference],
  )
  return rows[0] === undefined ? undefined : toNotice(rows[0])
}

/** Which notice a gateway means: by its own id first, else by our reference, which is our id. */
export async function findNotice(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  names: { gatewayNoticeId: string; reference: string | null },
): Promise<{ readonly id: PreDebitNoticeId; readonly mandateId: MandateId } | undefined> {
  const { rows } = await tx.query<{ id: PreDebitNoticeId; mandateId: MandateId }>(
    `select n.id, n.mandate_id as "mandateId" from pre_debit_notices n
       join mandates m on m.merchant_id = n.merchant_id and m.mode = n.mode and m.id = n.mandate_id
      where n.merchant_id = $1 and n.mode = $2 and m.gateway_account_id = $3
        and (n.gateway_notice_id = $4 or n.id = $5)
      order by (n.gateway_notice_id = $4) desc nulls last
      limit 1`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, names.gatewayNoticeId, names.reference],
  )
  return rows[0]
}

export async function lockNotice(tx: Tx, id: PreDebitNoticeId): Promise<PreDebitNotice> {
  const { rows } = await tx.query<NoticeRow>(
    `select ${COLUMNS} from pre_debit_notices where merchant_id = $1 and mode = $2 and id = $3 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return toNotice(rows[0])
}

export async function listNoticesForDay(tx: Tx, mandateId: MandateId, day: Day): Promise<readonly PreDebitNotice[]> {
  const { rows } = await tx.query<NoticeRow>(
    `select ${COLUMNS} from pre_debit_notices
      where merchant_id = $1 and mode = $2 and mandate_id = $3 and debit_day = $4::date order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, mandateId, day],
  )
  return rows.map(toNotice)
}

/** Newest first. */
export async function listNotices(tx: Tx, mandateId: MandateId, limit: number): Promise<readonly PreDebitNotice[]> {
  const { rows } = await tx.query<NoticeRow>(
    `select ${COLUMNS} from pre_debit_notices
      where merchant_id = $1 and mode = $2 and mandate_id = $3 order by id desc limit $4`,
    [tx.tenant.merchantId, tx.tenant.mode, mandateId, limit],
  )
  return rows.map(toNotice)
}

/** Writes a locked notice. */
export async function saveNotice(tx: Tx, before: PreDebitNotice, after: PreDebitNotice): Promise<PreDebitNotice> {
  const { rows } = await tx.query<NoticeRow>(
    `update pre_debit_notices
        set status = $5, gateway_notice_id = $6, failure_reason = $7, due_at = $8, asked = $9, succeeded_at = $10,
            updated_at = $11, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4
      returning ${COLUMNS}`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.status,
      after.gatewayNoticeId,
      after.failureReason,
      after.dueAt,
      after.asked,
      after.succeededAt,
      tx.now,
    ],
  )
  invariant(rows.length === 1, 'The notice was locked, so its version cannot have moved.')
  return toNotice(rows[0])
}

/** Notices of every tenant that are due. Not leased: who sends one moves its time on first. */
export async function listNoticesDue(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { tenant: Tenant; id: PreDebitNoticeId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('d', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: PreDebitNoticeId }>(
    `select d.merchant_id, d.mode, d.id from pre_debit_notices d join merchants m on m.id = d.merchant_id
      where d.due_at <= now() + (select max(clock_offset) from merchants)
        and d.due_at <= now() + case when d.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by d.due_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

type NoticeRow = {
  id: PreDebitNoticeId
  reference: string | null
  metadata: Readonly<Record<string, string>>
  mandate_id: MandateId
  currency: string
  amount: string
  debit_day: Day
  description: string
  status: string
  version: number
  gateway_notice_id: string | null
  failure_reason: string | null
  due_at: Date | null
  asked: number
  succeeded_at: Date | null
  created_at: Date
  updated_at: Date
}

function toNotice(row: NoticeRow | undefined): PreDebitNotice {
  if (row === undefined) throw new AppError('pre_debit_notice_not_found')
  const { currency } = row
  const status = NOTICE_STATUSES.find((known) => known === row.status)
  invariant(isCurrency(currency) && status !== undefined, `Notice ${row.id} has a currency and a status we know.`)
  return {
    id: row.id,
    reference: row.reference,
    metadata: row.metadata,
    mandateId: row.mandate_id,
    amount: money(BigInt(row.amount), currency),
    debitDay: row.debit_day,
    description: row.description,
    status,
    version: row.version,
    gatewayNoticeId: row.gateway_notice_id,
    failureReason: row.failure_reason,
    dueAt: row.due_at,
    asked: row.asked,
    succeededAt: row.succeeded_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
