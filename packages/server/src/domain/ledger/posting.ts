// Which postings a change of money makes. One posting is one row with a debit, a credit and an amount, so every
// transaction sums to zero by its shape. Corrections are new postings; nothing is ever edited.
import { add, isPositive, isZero, money, subtract } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { DisputeRecord } from '../dispute/dispute.ts'
import { isOffline } from '../payment/method.ts'
import type { OfflineMethod, PaymentMethod } from '../payment/method.ts'
import type { Payment } from '../payment/payment.ts'
import type { GivenBack } from '../refund/refund.ts'
import { isReserving } from '../refund/states.ts'
import type { RefundStatus } from '../refund/states.ts'
import type { SettlementLine } from '../settlement/settlement.ts'
import type { LedgerAccount } from './accounts.ts'

export const POSTING_REASONS = [
  'capture',
  'cheque_cleared',
  'reversed',
  'allocated',
  'allocation_withdrawn',
  'refund_reserved',
  'refund_succeeded',
  'refund_released',
  'settlement',
  'settlement_fee',
  'settlement_gst',
  'settlement_tds',
  'settlement_refund',
  'dispute_opened',
  'dispute_lost',
  'dispute_reversed',
  'dispute_released',
  'settlement_dispute',
  'settlement_dispute_reversal',
  'settlement_dispute_fee',
  'settlement_dispute_gst',
] as const
export type PostingReason = (typeof POSTING_REASONS)[number]

export type Posting = {
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amount: Money
  readonly reason: PostingReason
}

// Where money is when it is captured: owed by a gateway, here, or on a paper that its bank has yet to honour.
const CAPTURED_INTO: Record<PaymentMethod, LedgerAccount> = {
  upi: 'gateway_receivable',
  card: 'gateway_receivable',
  netbanking: 'gateway_receivable',
  wallet: 'gateway_receivable',
  gateway_page: 'gateway_receivable',
  cash_on_delivery: 'cash',
  cash: 'cash',
  cheque: 'cheques_in_clearing',
  bank_transfer: 'bank',
}

/**
 * A capture: the gateway owes us what the payer paid, or the money is here. Only the growth of the total is posted.
 * Money on account is owed to the customer until it is allocated.
 */
export function postingsForCapture(
  before: Payment,
  after: Payment & { readonly method?: PaymentMethod },
): readonly Posting[] {
  const growth = subtract(after.amountCaptured, before.amountCaptured)
  if (!isPositive(growth)) return []
  const method = after.method ?? 'card'
  return [{ debit: CAPTURED_INTO[method], credit: owedIn(method), amount: growth, reason: 'capture' }]
}

const owedIn = (method: PaymentMethod): LedgerAccount => (isOffline(method) ? 'customer_credit' : 'sales_clearing')

/** The bank honoured the cheque. */
export function postingsForClearing(amount: Money): readonly Posting[] {
  return [{ debit: 'bank', credit: 'cheques_in_clearing', amount, reason: 'cheque_cleared' }]
}

/** Recorded in error, or bounced: what is not there is owed to nobody. `cleared`: the money had come. */
export function postingsForReversal(method: OfflineMethod, cleared: boolean, amount: Money): readonly Posting[] {
  const credit = method === 'cheque' && cleared ? 'bank' : CAPTURED_INTO[method]
  return [{ debit: 'customer_credit', credit, amount, reason: 'reversed' }]
}

/** Credit of a customer becomes sales, or sales become credit again. Money that has an order of its own is sales. */
export function postingsForAllocation(method: PaymentMethod, amount: Money): readonly Posting[] {
  if (!isOffline(method) || isZero(amount)) return []
  if (isPositive(amount)) {
    return [{ debit: 'customer_credit', credit: 'sales_clearing', amount, reason: 'allocated' }]
  }
  const back = negate(amount)
  return [{ debit: 'sales_clearing', credit: 'customer_credit', amount: back, reason: 'allocation_withdrawn' }]
}

export type RefundAccounts = { readonly owedIn: LedgerAccount; readonly paidFrom: LedgerAccount }

/** Which accounts a refund moves: by its gateway, or by hand out of the till or the bank. */
export function refundAccounts(
  payment: { readonly method: PaymentMethod },
  refund: { readonly givenBack?: GivenBack | null },
): RefundAccounts {
  const way = refund.givenBack?.way
  const paidFrom = way === undefined ? 'gateway_receivable' : way === 'cash' ? 'cash' : 'bank'
  return { owedIn: owedIn(payment.method), paidFrom }
}

/** A refund: asked for, it leaves sales and waits; succeeded, the gateway owes us less; failed, sales gets it back. */
export function postingsForRefund(
  before: RefundStatus | undefined,
  after: RefundStatus,
  amount: Money,
  { owedIn, paidFrom }: RefundAccounts = { owedIn: 'sales_clearing', paidFrom: 'gateway_receivable' },
): readonly Posting[] {
  if (before === after) return []
  const reserved = before !== undefined && isReserving(before)
  const postings: Posting[] = []
  if (!reserved && (isReserving(after) || after === 'succeeded')) {
    postings.push({ debit: owedIn, credit: 'refunds_pending', amount, reason: 'refund_reserved' })
  }
  if (after === 'succeeded' && before !== 'succeeded') {
    postings.push({ debit: 'refunds_pending', credit: paidFrom, amount, reason: 'refund_succeeded' })
  }
  if ((after === 'failed' || after === 'rejected') && reserved) {
    postings.push({ debit: 'refunds_pending', credit: owedIn, amount, reason: 'refund_released' })
  }
  return postings
}

type Held = Pick<DisputeRecord, 'status' | 'amountReserved'>

/** A dispute: opened, its amount leaves sales and is held; lost, the gateway owes us less; won, sales gets it back. */
export function postingsForDispute(before: Held, after: Held): readonly Posting[] {
  const lostOf = (dispute: Held) => (dispute.status === 'lost' ? dispute.amountReserved.minor : 0n)
  const { currency } = after.amountReserved
  const growth = after.amountReserved.minor - before.amountReserved.minor
  const lost = lostOf(after) - lostOf(before)
  const postings: readonly (Omit<Posting, 'amount'> & { readonly minor: bigint })[] = [
    { debit: 'sales_clearing', credit: 'dispute_hold', minor: growth, reason: 'dispute_opened' },
    { debit: 'dispute_hold', credit: 'gateway_receivable', minor: lost, reason: 'dispute_lost' },
    { debit: 'gateway_receivable', credit: 'dispute_hold', minor: -lost, reason: 'dispute_reversed' },
    { debit: 'dispute_hold', credit: 'sales_clearing', minor: -growth, reason: 'dispute_released' },
  ]
  return postings
    .filter(({ minor }) => minor > 0n)
    .map(({ minor, ...posting }) => ({ ...posting, amount: money(minor, currency) }))
}

/** A settled line: what the gateway owed us came to the bank, less what it kept; or was taken back for a refund. */
export function postingsForSettlement(line: SettlementLine): readonly Posting[] {
  if (line.kind === 'refund') {
    return [{ debit: 'gateway_receivable', credit: 'bank', amount: line.gross, reason: 'settlement_refund' }]
  }
  if (line.kind === 'dispute' || line.kind === 'dispute_reversal') return postingsForDisputeLine(line)
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

/** The gateway kept the amount and its fee out of the payout when it was opened; won, the amount comes back. */
function postingsForDisputeLine(line: SettlementLine): readonly Posting[] {
  const kept = add(line.fee, line.gst)
  const isBack = line.kind === 'dispute_reversal'
  const paid: Posting = isBack
    ? {
        debit: 'bank',
        credit: 'gateway_receivable',
        amount: subtract(line.gross, kept),
        reason: 'settlement_dispute_reversal',
      }
    : { debit: 'gateway_receivable', credit: 'bank', amount: add(line.gross, kept), reason: 'settlement_dispute' }
  const fees: readonly Posting[] = [
    { debit: 'dispute_fee', credit: 'gateway_receivable', amount: line.fee, reason: 'settlement_dispute_fee' },
    { debit: 'gst_on_fee', credit: 'gateway_receivable', amount: line.gst, reason: 'settlement_dispute_gst' },
  ]
  return [paid, ...fees].filter((posting) => isPositive(posting.amount))
}

const negate = (amount: Money) => subtract(subtract(amount, amount), amount)
