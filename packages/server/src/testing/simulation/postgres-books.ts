// Our books as they stand in Postgres, read with the superuser's eyes, for the judge. It reads columns and decides
// nothing: store/ is what is being judged, so none of its code is used.
import type pg from 'pg'
import type { OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
import { isCurrency } from '../../kernel/currencies.ts'
import { money } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { LedgerAccount } from '../../domain/ledger/accounts.ts'
import type { Books, BookCall, BookChange, BookOrder, BookPayment, BookPosting, BookRefund } from './books.ts'

type Row = Record<string, string & boolean & Date & null>

// Contradictions that leave a difference, for a person to settle.
const LEAVES_A_DIFFERENCE = ['refund_unexpected', 'refund_has_other_id', 'refund_beyond_balance']

const WAS_WRONG = ['late_success', 'refund_late_success']

export async function readBooks(owner: pg.Pool, merchantId: string): Promise<Books> {
  const rows = async (table: string, order: string): Promise<Row[]> =>
    (await owner.query<Row>(`select * from purser.${table} where merchant_id = $1 order by ${order}`, [merchantId]))
      .rows
  const [orders, payments, refunds, postings, calls, history, conflicts] = await Promise.all([
    rows('orders', 'id'),
    rows('payments', 'id'),
    rows('refunds', 'id'),
    rows('postings', 'id'),
    rows('operations', 'id'),
    rows('payment_transitions', 'payment_id, version'),
    rows('conflicts', 'id'),
  ])
  const conflicted = conflicts.filter((row) => LEAVES_A_DIFFERENCE.includes(text(row, 'kind')))
  return {
    orders: orders.map(toOrder),
    payments: payments.map(toPayment),
    refunds: refunds.map(toRefund),
    postings: postings.map(toPosting),
    openCalls: calls.filter((row) => row['ended_at'] === null).map(toCall),
    history: history.map(toChange),
    conflicted: new Set(conflicted.map((row) => text(row, 'payment_id'))),
    toldWrong: new Set(
      conflicts.filter((row) => WAS_WRONG.includes(text(row, 'kind'))).map((row) => text(row, 'payment_id')),
    ),
  }
}

const text = (row: Row, column: string): string => String(row[column])
const maybe = (row: Row, column: string): string | null => row[column] ?? null

function amount(row: Row, column: string): Money {
  const currency = text(row, 'currency').trim()
  if (!isCurrency(currency)) throw new Error(`A row is in ${currency}.`)
  return money(BigInt(text(row, column)), currency)
}

function toOrder(row: Row): BookOrder {
  return {
    id: text(row, 'id') as OrderId,
    amount: amount(row, 'amount'),
    status: text(row, 'status') as BookOrder['status'],
    capture: text(row, 'capture') as BookOrder['capture'],
    lateSuccess: text(row, 'late_success') as BookOrder['lateSuccess'],
    amountCaptured: amount(row, 'amount_captured'),
    amountRefunded: amount(row, 'amount_refunded'),
    expiresAt: row['expires_at'] ?? null,
    expiredAt: row['expired_at'] ?? null,
    canceledAt: row['canceled_at'] ?? null,
    paidAt: row['paid_at'] ?? null,
  }
}

function toPayment(row: Row): BookPayment {
  return {
    id: text(row, 'id') as PaymentId,
    orderId: text(row, 'order_id') as OrderId,
    origin: text(row, 'origin') as BookPayment['origin'],
    reference: text(row, 'reference'),
    gatewayAccountId: maybe(row, 'gateway_account_id') as BookPayment['gatewayAccountId'],
    gatewayPaymentId: maybe(row, 'gateway_payment_id'),
    status: text(row, 'status') as BookPayment['status'],
    amount: amount(row, 'amount'),
    amountAuthorized: amount(row, 'amount_authorized'),
    amountCaptured: amount(row, 'amount_captured'),
    captureFinal: row['capture_final'] ?? false,
    amountRefunded: amount(row, 'amount_refunded'),
    amountRefundPending: amount(row, 'amount_refund_pending'),
    amountDisputed: amount(row, 'amount_disputed'),
    duplicate: row['duplicate'] ?? false,
  }
}

function toRefund(row: Row): BookRefund {
  return {
    id: text(row, 'id') as RefundId,
    paymentId: text(row, 'payment_id') as PaymentId,
    reference: text(row, 'reference'),
    gatewayRefundId: maybe(row, 'gateway_refund_id'),
    status: text(row, 'status') as BookRefund['status'],
    amount: amount(row, 'amount'),
    automatic: row['automatic'] ?? false,
  }
}

function toPosting(row: Row): BookPosting {
  return {
    paymentId: text(row, 'payment_id'),
    refundId: maybe(row, 'refund_id'),
    debit: text(row, 'debit') as LedgerAccount,
    credit: text(row, 'credit') as LedgerAccount,
    amount: amount(row, 'amount'),
    reason: text(row, 'reason') as BookPosting['reason'],
  }
}

function toCall(row: Row): BookCall {
  return {
    id: text(row, 'id'),
    paymentId: text(row, 'payment_id'),
    refundId: maybe(row, 'refund_id'),
    kind: text(row, 'kind') as BookCall['kind'],
    escalated: row['escalated_at'] !== null,
  }
}

function toChange(row: Row): BookChange {
  return { paymentId: text(row, 'payment_id'), from: maybe(row, 'from_status'), to: text(row, 'to_status') }
}
