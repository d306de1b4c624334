// Disputes at rest. Lock order: the payment first, then the dispute.
import type { Currency } from '../../kernel/money.ts'
import type { BookDispute, Evidence, GatewayDisputeReason, GatewayDisputeStatus } from '../book/dispute.ts'
import type { Notice } from './payments.ts'
import { noticeValues } from './payments.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

const COLUMNS = `account_id, id, payment_id, currency, amount, reason, status, answer_by, evidence, version, created_at,
  updated_at`

const NOTICE = (id: string, from: string, first: number) => `
     insert into sandbox.notifications (id, account_id, object_id, body, due_at, copies_left, forged)
     select $${first}::text, $1, ${id}, $${first + 1}::text,
            now() + $${first + 2}::double precision * interval '1 millisecond', $${first + 3}::integer, $${first + 4}::boolean
       from ${from} where $${first}::text is not null`

const INSERT = statement(
  'insert_dispute',
  `with made as (
     insert into sandbox.disputes (account_id, id, payment_id, currency, amount, reason, status, answer_by, due_at,
       created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::double precision * interval '1 millisecond', $10, $10)
     returning id
   ), notice as (${NOTICE('made.id', 'made', 11)}
   )
   select id from made`,
)

/** `inMs`: until it is lost by silence. */
export async function insertDispute(tx: Db, dispute: BookDispute, inMs: number, notice: Notice | null): Promise<void> {
  await run(tx, INSERT, [
    dispute.accountId,
    dispute.id,
    dispute.paymentId,
    dispute.currency,
    dispute.amount,
    dispute.reason,
    dispute.status,
    dispute.answerBy,
    inMs,
    dispute.createdAt,
    ...noticeValues(notice),
  ])
}

const UPDATE = statement(
  'update_dispute',
  `with moved as (
     update sandbox.disputes set status = $4, evidence = $5, updated_at = $6, version = version + 1,
            due_at = case when $7::boolean then due_at
                          else now() + $8::double precision * interval '1 millisecond' end
      where account_id = $1 and id = $2 and version = $3
     returning id
   ), notice as (${NOTICE('moved.id', 'moved', 9)}
   )
   select id from moved`,
)

/** Writes a locked one. `due: 'keep'` leaves the timer as it is; null takes it away. */
export async function saveDispute(
  tx: Db,
  before: BookDispute,
  after: BookDispute,
  with_: { readonly due: number | null | 'keep'; readonly notice: Notice | null },
): Promise<void> {
  const { due, notice } = with_
  const rows = await run(tx, UPDATE, [
    before.accountId,
    before.id,
    before.version,
    after.status,
    JSON.stringify(after.evidence),
    after.updatedAt,
    due === 'keep',
    due === 'keep' ? null : due,
    ...noticeValues(notice),
  ])
  if (rows.length !== 1) throw new Error(`Dispute ${before.id} was locked, so its version cannot have moved.`)
}

const BY_ID = statement('dispute', `select ${COLUMNS} from sandbox.disputes where account_id = $1 and id = $2`)
const LOCK = statement('lock_dispute', `${BY_ID.text} for update`)
const LOCK_DUE = statement('lock_due_dispute', `${BY_ID.text} and due_at <= now() for update`)
const OF_PAYMENTS = statement(
  'disputes_of_payments',
  `select ${COLUMNS} from sandbox.disputes where account_id = $1 and payment_id = any($2::text[]) order by id`,
)

export async function findDispute(db: Db, accountId: string, id: string): Promise<BookDispute | undefined> {
  return first(await run<DisputeRow>(db, BY_ID, [accountId, id]))
}

export async function lockDispute(tx: Db, accountId: string, id: string): Promise<BookDispute | undefined> {
  return first(await run<DisputeRow>(tx, LOCK, [accountId, id]))
}

/** Undefined when it was answered or decided meanwhile. */
export async function lockDueDispute(tx: Db, accountId: string, id: string): Promise<BookDispute | undefined> {
  return first(await run<DisputeRow>(tx, LOCK_DUE, [accountId, id]))
}

export async function listDisputes(db: Db, accountId: string, paymentIds: readonly string[]): Promise<BookDispute[]> {
  return (await run<DisputeRow>(db, OF_PAYMENTS, [accountId, paymentIds])).map(toDispute)
}

type DisputeRow = {
  account_id: string
  id: string
  payment_id: string
  currency: string
  amount: string
  reason: string
  status: string
  answer_by: Date
  evidence: readonly Evidence[]
  version: number
  created_at: Date
  updated_at: Date
}

function first(rows: readonly DisputeRow[]): BookDispute | undefined {
  return rows[0] === undefined ? undefined : toDispute(rows[0])
}

// The words below were checked when they came in.
function toDispute(row: DisputeRow): BookDispute {
  return {
    id: row.id,
    accountId: row.account_id,
    paymentId: row.payment_id,
    currency: row.currency as Currency,
    amount: BigInt(row.amount),
    reason: row.reason as GatewayDisputeReason,
    status: row.status as GatewayDisputeStatus,
    answerBy: row.answer_by,
    evidence: row.evidence,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
