// Uses of mandates at rest: what registered them and every charge. That one period is used once, that nothing starts on
// a mandate which is not active, and that a period has four tries, are constraints and a trigger of the table.
import type { Day } from '../domain/mandate/calendar.ts'
import type { ExecutionStatus, MandateExecution } from '../domain/mandate/execution.ts'
import { EXECUTION_STATUSES } from '../domain/mandate/execution.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type {
  GatewayAccountId,
  MandateExecutionId,
  MandateId,
  OrderId,
  PaymentId,
  PreDebitNoticeId,
  Tenant,
} from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { QueueDb, Tx } from './db.ts'
import { violates } from './db.ts'
import { conditionsSql, ofTenant } from './filters.ts'

const COLUMNS = `e.id, e.mandate_id, e.order_id, e.payment_id, e.kind, e.period, e.try, e.debit_day::text as debit_day,
  e.currency, e.amount, e.status, e.version, e.notice_id, e.additional_factor, e.reason, e.retries_left, e.retry_at, e.deadline_at, e.started_at,
  e.sent_at, e.created_at, p.gateway_account_id`
const FROM = `mandate_executions e
  join payments p on p.merchant_id = e.merchant_id and p.mode = e.mode and p.id = e.payment_id`

export type NewExecution = Omit<
  MandateExecution,
  'version' | 'gatewayAccountId' | 'reason' | 'retryAt' | 'sentAt' | 'createdAt'
>

/** @throws AppError mandate_charge_refused when another execution holds the period, whoever began it a moment ago. */
export async function insertExecution(tx: Tx, execution: NewExecution): Promise<void> {
  try {
    await tx.query(
      `insert into mandate_executions (merchant_id, mode, id, mandate_id, order_id, payment_id, kind, period, try,
         debit_day, currency, amount, status, notice_id, additional_factor, deadline_at, started_at, sent_at,
         created_at, updated_at, retries_left)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $18, $19)`,
      [
        tx.tenant.merchantId,
        tx.tenant.mode,
        execution.id,
        execution.mandateId,
        execution.orderId,
        execution.paymentId,
        execution.kind,
        execution.period,
        execution.try,
        execution.debitDay,
        execution.amount.currency,
        execution.amount.minor,
        execution.status,
        execution.noticeId,
        execution.additionalFactor,
        execution.deadlineAt,
        execution.startedAt,
        tx.now,
        execution.retriesLeft,
      ],
    )
  } catch (error) {
    if (violates(error, 'mandate_executions_one_per_period')) {
      throw new AppError('mandate_charge_refused', { reason: 'period_used' }, { cause: error })
    }
    throw error
  }
}

/** Locks the row. Undefined for a payment that has none. */
export async function lockExecutionOfPayment(tx: Tx, paymentId: PaymentId): Promise<MandateExecution | undefined> {
  const { rows } = await tx.query<ExecutionRow>(
    `select ${COLUMNS} from ${FROM} where e.merchant_id = $1 and e.mode = $2 and e.payment_id = $3 for update of e`,
    [tx.tenant.merchantId, tx.tenant.mode, paymentId],
  )
  return rows[0] === undefined ? undefined : toExecution(rows[0])
}

/** Every use of a mandate in one period, oldest first. */
export async function listExecutionsOfPeriod(
  tx: Tx,
  mandateId: MandateId,
  period: string,
): Promise<readonly MandateExecution[]> {
  const { rows } = await tx.query<ExecutionRow>(
    `select ${COLUMNS} from ${FROM}
      where e.merchant_id = $1 and e.mode = $2 and e.mandate_id = $3 and e.period = $4 order by e.id`,
    [tx.tenant.merchantId, tx.tenant.mode, mandateId, period],
  )
  return rows.map(toExecution)
}

/** Newest first. */
export async function listExecutions(
  tx: Tx,
  mandateId: MandateId,
  limit: number,
): Promise<readonly MandateExecution[]> {
  const { rows } = await tx.query<ExecutionRow>(
    `select ${COLUMNS} from ${FROM}
      where e.merchant_id = $1 and e.mode = $2 and e.mandate_id = $3 order by e.id desc limit $4`,
    [tx.tenant.merchantId, tx.tenant.mode, mandateId, limit],
  )
  return rows.map(toExecution)
}

/** Charges of a mandate of which nothing was sent; with `noticeId` only those that await that notice. */
export async function listWaitingPayments(
  tx: Tx,
  mandateId: MandateId,
  noticeId: PreDebitNoticeId | null,
): Promise<readonly PaymentId[]> {
  const { rows } = await tx.query<{ payment_id: PaymentId }>(
    `select payment_id from mandate_executions
      where merchant_id = $1 and mode = $2 and mandate_id = $3 and status = 'waiting'
        and ($4::text is null or notice_id = $4) order by id`,
    [tx.tenant.merchantId, tx.tenant.mode, mandateId, noticeId],
  )
  return rows.map((row) => row.payment_id)
}

/** Writes a locked execution. The guard of the table looks at the mandate when it starts. */
export async function saveExecution(
  tx: Tx,
  before: MandateExecution,
  after: Pick<MandateExecution, 'status' | 'reason' | 'startedAt' | 'sentAt' | 'additionalFactor' | 'retryAt'>,
): Promise<void> {
  const { rowCount } = await tx.query(
    `update mandate_executions
        set status = $5, reason = $6, started_at = $7, sent_at = $8, additional_factor = $9, updated_at = $10,
            retry_at = $11, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and version = $4`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      before.id,
      before.version,
      after.status,
      after.reason,
      after.startedAt,
      after.sentAt,
      after.additionalFactor,
      tx.now,
      after.retryAt,
    ],
  )
  invariant(rowCount === 1, 'The execution was locked, so its version cannot have moved.')
}

/** Declined charges of every tenant that are to be tried again. Not leased: who tries one locks it and looks again. */
export async function listChargesToRetry(
  db: QueueDb,
  limit: number,
  only?: Tenant,
): Promise<readonly { tenant: Tenant; id: MandateExecutionId }[]> {
  const values: unknown[] = [limit]
  const which = conditionsSql(values, ofTenant('d', only))
  const { rows } = await db.query<{ merchant_id: Tenant['merchantId']; mode: Tenant['mode']; id: MandateExecutionId }>(
    `select d.merchant_id, d.mode, d.id from mandate_executions d join merchants m on m.id = d.merchant_id
      where d.retry_at <= now() + (select max(clock_offset) from merchants)
        and d.retry_at <= now() + case when d.mode = 'test' then m.clock_offset else interval '0' end${which}
      order by d.retry_at limit $1`,
    values,
  )
  return rows.map((row) => ({ tenant: { merchantId: row.merchant_id, mode: row.mode }, id: row.id }))
}

/** Without a lock: what a decision is made on is locked by whoever makes it. */
export async function readExecution(tx: Tx, id: MandateExecutionId): Promise<MandateExecution | undefined> {
  const { rows } = await tx.query<ExecutionRow>(
    `select ${COLUMNS} from ${FROM} where e.merchant_id = $1 and e.mode = $2 and e.id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rows[0] === undefined ? undefined : toExecution(rows[0])
}

/** False when somebody else took it. From here on it is not tried again by itself. */
export async function takeRetry(tx: Tx, id: MandateExecutionId): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update mandate_executions set retry_at = null, version = version + 1
      where merchant_id = $1 and mode = $2 and id = $3 and retry_at is not null`,
    [tx.tenant.merchantId, tx.tenant.mode, id],
  )
  return rowCount === 1
}

type ExecutionRow = {
  id: MandateExecutionId
  mandate_id: MandateId
  order_id: OrderId
  payment_id: PaymentId
  gateway_account_id: GatewayAccountId
  kind: 'registration' | 'charge'
  period: string | null
  try: number
  debit_day: Day
  currency: string
  amount: string
  status: string
  version: number
  notice_id: PreDebitNoticeId | null
  additional_factor: boolean
  reason: string | null
  retries_left: number
  retry_at: Date | null
  deadline_at: Date
  started_at: Date | null
  sent_at: Date | null
  created_at: Date
}

function toExecution(row: ExecutionRow): MandateExecution {
  const { currency } = row
  const status: ExecutionStatus | undefined = EXECUTION_STATUSES.find((known) => known === row.status)
  invariant(isCurrency(currency) && status !== undefined, `Execution ${row.id} has a currency and a status we know.`)
  return {
    id: row.id,
    mandateId: row.mandate_id,
    orderId: row.order_id,
    paymentId: row.payment_id,
    gatewayAccountId: row.gateway_account_id,
    kind: row.kind,
    period: row.period,
    try: row.try,
    debitDay: row.debit_day,
    amount: money(BigInt(row.amount), currency),
    status,
    version: row.version,
    noticeId: row.notice_id,
    additionalFactor: row.additional_factor,
    reason: row.reason,
    retriesLeft: row.retries_left,
    retryAt: row.retry_at,
    deadlineAt: row.deadline_at,
    startedAt: row.started_at,
    sentAt: row.sent_at,
    createdAt: row.created_at,
  }
}
