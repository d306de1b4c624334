// The book as a whole, page by page: what reconciliation compares with Purser's own, and what tests look at.
import type { Currency } from '../../kernel/money.ts'
import type { BookPayment } from '../book/payment.ts'
import type { BookDispute } from '../book/dispute.ts'
import type { BookRefund } from '../book/refund.ts'
import { listDisputes } from './disputes.ts'
import type { PaymentRow } from './payments.ts'
import { toPayment } from './payments.ts'
import type { RefundRow } from './refunds.ts'
import { toRefund } from './refunds.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

export type BookStep = {
  readonly id: string
  readonly kind: 'capture' | 'void'
  readonly currency: Currency
  readonly amount: bigint
  readonly final: boolean
  readonly idempotencyKey: string | null
  readonly createdAt: Date
}

export type BookEntry = {
  readonly payment: BookPayment
  readonly steps: readonly BookStep[]
  readonly refunds: readonly BookRefund[]
  readonly disputes: readonly BookDispute[]
}

const PAYMENTS = statement(
  'book_payments',
  `select * from sandbox.payments where account_id = $1 and id > $2 order by id limit $3`,
)
const STEPS = statement(
  'book_steps',
  `select id, payment_id, kind, amount, final, idempotency_key, created_at
     from sandbox.steps where account_id = $1 and payment_id = any($2::text[]) order by id`,
)
const REFUNDS = statement(
  'book_refunds',
  `select * from sandbox.refunds where account_id = $1 and payment_id = any($2::text[]) order by id`,
)

type StepRow = {
  id: string
  payment_id: string
  kind: 'capture' | 'void'
  amount: string
  final: boolean
  idempotency_key: string | null
  created_at: Date
}

/** Payments after the id `after` with all that belongs to them, in the order of their ids. */
export async function readBook(db: Db, accountId: string, after: string, limit: number): Promise<BookEntry[]> {
  const payments = (await run<PaymentRow>(db, PAYMENTS, [accountId, after, limit])).map(toPayment)
  const ids = payments.map(({ id }) => id)
  const steps = await run<StepRow>(db, STEPS, [accountId, ids])
  const disputes = await listDisputes(db, accountId, ids)
  const refunds = (await run<RefundRow>(db, REFUNDS, [accountId, ids])).map(toRefund)
  return payments.map((payment) => ({
    payment,
    steps: steps.filter((row) => row.payment_id === payment.id).map((row) => toStep(row, payment.currency)),
    refunds: refunds.filter((refund) => refund.paymentId === payment.id),
    disputes: disputes.filter((dispute) => dispute.paymentId === payment.id),
  }))
}

function toStep(row: StepRow, currency: Currency): BookStep {
  return {
    id: row.id,
    kind: row.kind,
    currency,
    amount: BigInt(row.amount),
    final: row.final,
    idempotencyKey: row.idempotency_key,
    createdAt: row.created_at,
  }
}
