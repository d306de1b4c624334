// A part of a payment applied to an order or to an invoice of the merchant's own billing. Nothing is edited: what is
// taken back is a row of its own, with a minus, that names the row it corrects. What of a payment is not applied is
// credit of whoever paid it.
import type { AllocationId, OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
import { add, isPositive, money, subtract, zero } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { PaymentRecord } from '../payment/record.ts'

export const ALLOCATION_REASONS = [
  'applied',
  'withdrawn', // By a person: applied by mistake.
  'reversed', // The payment was recorded in error, or bounced.
  'refunded', // Given back: what it paid stays paid.
] as const
export type AllocationReason = (typeof ALLOCATION_REASONS)[number]

export type AllocationTarget =
  | { readonly kind: 'order'; readonly orderId: OrderId }
  /** The merchant's own id. */
  | { readonly kind: 'invoice'; readonly invoiceId: string }

export type Allocation = {
  readonly id: AllocationId
  readonly paymentId: PaymentId
  readonly target: AllocationTarget
  /** Negative where it takes an earlier one back. */
  readonly amount: Money
  readonly reason: AllocationReason
  /** The row that it takes back. */
  readonly corrects: AllocationId | null
  /** The refund that took it back. */
  readonly refundId: RefundId | null
  readonly note: string
  readonly createdBy: string
  readonly at: Date
}

/** One row to write. */
export type AllocationLine = Pick<Allocation, 'target' | 'amount' | 'corrects'> & {
  /** Where somebody has named it already. */
  readonly id?: AllocationId
}

/** What the merchant's billing asked for, as far as it was told. Amounts as of an order. */
export type Invoice = {
  readonly id: string
  readonly amount: Money
  readonly amountAllocated: Money
  /** Of that: given back since. What it paid stays paid. */
  readonly amountAllocatedRefunded: Money
  readonly version: number
}

type Amounts = Pick<
  PaymentRecord,
  'amountCaptured' | 'amountAllocated' | 'amountRefunded' | 'amountRefundPending' | 'amountDisputed' | 'amountReversed'
>

/** What of a payment may still be applied: neither applied, nor going back, nor in dispute. Never below zero. */
export function unapplied(payment: Amounts): Money {
  const { amountRefunded, amountRefundPending, amountDisputed, amountReversed, amountAllocated } = payment
  const gone = [amountRefunded, amountRefundPending, amountDisputed, amountReversed, amountAllocated]
  const left = gone.reduce((rest, amount) => subtract(rest, amount), payment.amountCaptured)
  return isPositive(left) ? left : zero(left.currency)
}

/** By how much more is applied than the payment has: what a refund has to take back. Never below zero. */
export function overAllocated(payment: Amounts): Money {
  const held = subtract(subtract(payment.amountCaptured, payment.amountRefunded), payment.amountReversed)
  const over = subtract(payment.amountAllocated, held)
  return isPositive(over) ? over : zero(over.currency)
}

/** What is left of each row that applied something, oldest first; rows with nothing left are left out. */
export function standing(
  rows: readonly Allocation[],
): readonly { readonly applied: Allocation; readonly left: Money }[] {
  return rows
    .filter(({ reason }) => reason === 'applied')
    .map((applied) => ({ applied, left: leftOf(applied, rows) }))
    .filter(({ left }) => isPositive(left))
}

export function leftOf(applied: Allocation, rows: readonly Allocation[]): Money {
  return rows
    .filter(({ corrects }) => corrects === applied.id)
    .reduce((left, { amount }) => add(left, amount), applied.amount)
}

/** Takes `amount` back from the newest allocations first. It must not be more than is applied. */
export function takeBack(rows: readonly Allocation[], amount: Money): readonly AllocationLine[] {
  const lines: AllocationLine[] = []
  let missing = amount.minor
  for (const { applied, left } of standing(rows).toReversed()) {
    if (missing === 0n) break
    const taken = left.minor < missing ? left.minor : missing
    missing -= taken
    lines.push({ target: applied.target, amount: money(-taken, amount.currency), corrects: applied.id })
  }
  return lines
}
