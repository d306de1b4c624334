// Which postings a change of money makes. One posting is one row with a debit, a credit and an amount, so every
// transaction sums to zero by its shape. Corrections are new postings; nothing is ever edited.
import { isPositive, subtract } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { PaymentMethod } from '../payment/method.ts'
import type { Payment } from '../payment/payment.ts'
import { isReserving } from '../refund/states.ts'
import type { RefundStatus } from '../refund/states.ts'
import type { SettlementLine } from '../settlement/settlement.ts'
import type { LedgerAccount } from './accounts.ts'

export const POSTING_REASONS = [
  'capture',
  'refund_reserved',
  'refund_succeeded',
  'refund_released',
  'settlement',
  'settlement_fee',
  'settlement_gst',
  'settlement_tds',
  'settlement_refund',
] as const
export type PostingReason = (typeof POSTING_REASONS)[number]

export type Posting = {
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amount: Money
  readonly reason: PostingReason
}

/** A capture: the gateway owes us what the payer paid, or the cash is here. Only the growth of the total is posted. */
export function postingsForCapture(
  before: Payment,
  after: Payment & { readonly method?: PaymentMethod },
): readonly Posting[] {
  const debit = after.method === 'cash_on_delivery' ? 'cash' : 'gateway_receivable'
  const growth = subtract(after.amountCaptured, before.amountCaptured)
  if (!isPositive(growth)) return []
  return [{ debit, credit: 'sales_clearing', amount: growth, reason: 'capture' }]
}

/** A refund: asked for, it leaves sales and waits; succeeded, the gateway owes us less; failed, sales gets it back. */
export function postingsForRefund(
  before: RefundStatus | undefined,
  after: RefundStatus,
  amount: Money,
): readonly Posting[] {
  if (before === after) return []
  const reserved = before !== undefined && isReserving(before)
  const postings: Posting[] = []
  if (!reserved && (isReserving(after) || after === 'succeeded')) {
    postings.push({ debit: 'sales_clearing', credit: 'refunds_pending', amount, reason: 'refund_reserved' })
  }
  if (after === 'succeeded' && before !== 'succeeded') {
    postings.push({ debit: 'refunds_pending', credit: 'gateway_receivable', amount, reason: 'refund_succeeded' })
  }
  if ((after === 'failed' || after === 'rejected') && reserved) {
    postings.push({ debit: 'refunds_pending', credit: 'sales_clearing', amount, reason: 'refund_released' })
  }
  return postings
}

/** A settled line: what the gateway owed us came to the bank, less what it kept; or was taken back for a refund. */
export function postingsForSettlement(line: SettlementLine): readonly Posting[] {
  if (line.kind === 'refund') {
    return [{ debit: 'gateway_receivable', credit: 'bank', amount: line.gross, reason: 'settlement_refund' }]
  }
  const net = subtract(subtract(subtract(line.gross, line.fee), line.gst), line.tds)
  // A fee that is larger than the capture leaves the bank the poorer.
  const paid: Posting =
    net.minor < 0n
      ? { debit: 'gateway_receivable', credit: 'bank', amount: negate(net), reason: 'settlement' }
      : { debit: 'bank', credit: 'gateway_receivable', amount: net, reason: 'settlement' }
  const kept: readonly Posting[] = [
    { debit: 'fee', credit: 'gateway_receivable', amount: line.fee, reason: 'settlement_fee' },
    { debit: 'gst_on_fee', credit: 'gateway_receivable', amount: line.gst, reason: 'settlement_gst' },
    { debit: 'tds', credit: 'gateway_receivable', amount: line.tds, reason: 'settlement_tds' },
  ]
  return [paid, ...kept].filter((posting) => isPositive(posting.amount))
}

const negate = (amount: Money) => subtract(subtract(amount, amount), amount)
