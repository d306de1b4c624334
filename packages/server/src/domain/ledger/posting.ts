// Which postings a change of money makes. One posting is one row with a debit, a credit and an amount, so every
// transaction sums to zero by its shape. Corrections are new postings; nothing is ever edited.
import { isPositive, subtract } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { Payment } from '../payment/payment.ts'
import { isReserving } from '../refund/states.ts'
import type { RefundStatus } from '../refund/states.ts'
import type { LedgerAccount } from './accounts.ts'

export type Posting = {
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amount: Money
  readonly reason: 'capture' | 'refund_reserved' | 'refund_succeeded' | 'refund_released'
}

/** A capture: the gateway owes us what the payer paid. Only the growth of the total is posted. */
export function postingsForCapture(before: Payment, after: Payment): readonly Posting[] {
  const growth = subtract(after.amountCaptured, before.amountCaptured)
  if (!isPositive(growth)) return []
  return [{ debit: 'gateway_receivable', credit: 'sales_clearing', amount: growth, reason: 'capture' }]
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
