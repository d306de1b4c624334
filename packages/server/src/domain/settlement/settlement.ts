// What a gateway says it has paid out: files of lines, each about one capture or one refund, and one credit to the bank
// account under one UTR. Amounts are minor units of the line's currency.
import type { Currency, Money } from '../../kernel/money.ts'

export type SettlementSummary = {
  readonly gatewaySettlementId: string
  readonly utr: string
  readonly currency: Currency
  readonly createdAt: Date
  /** What the bank says it credited under this UTR; null while it says nothing. May be negative. */
  readonly bankCredit: { readonly amountMinor: bigint; readonly at: Date } | null
}

export type SettlementLine = {
  /** Its place in the file, from 1. */
  readonly line: number
  readonly kind: 'capture' | 'refund'
  /** The gateway's own id of the capture or the refund. */
  readonly gatewayObjectId: string
  readonly gatewayPaymentId: string
  /** Ours: the payment's for a capture, the refund's for a refund. */
  readonly reference: string
  /** What the gateway believes the payment is for. */
  readonly paymentAmount: Money
  readonly gross: Money
  readonly fee: Money
  readonly gst: Money
  readonly tds: Money
  /** What it adds to the payout; less than nothing for a refund. */
  readonly netMinor: bigint
  /** When the gateway captured or returned it. */
  readonly at: Date
}

export type SettlementFile = {
  readonly gatewaySettlementId: string
  readonly utr: string
  readonly lines: readonly SettlementLine[]
}

export const BREAK_REASONS = {
  unknown_object: 'The file names a capture or a refund that we do not have.',
  amount_differs: 'The file names another amount or currency than we have.',
  duplicate_line: 'This capture or refund was settled before, in this file or another.',
  sum_differs: 'The parts of the line do not add up to what it says it pays.',
  fee_differs: 'The fee is not the agreed one.',
  tax_differs: 'GST or TDS is not what the agreed rate makes it.',
  bank_credit_missing: 'The bank has credited nothing under this UTR.',
  bank_credit_differs: 'The bank credited another amount than the file adds up to.',
  missing_from_settlement:
    'No file has it although it should have been settled. That proves nothing; somebody should ask.',
  file_changed: 'The gateway now gives another file under the id of one that was imported.',
  file_unreadable: 'The file cannot be read.',
} as const
export type BreakReason = keyof typeof BREAK_REASONS
