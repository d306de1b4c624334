// What a gateway says it has paid out: files of lines, each about one capture, refund or dispute, and one credit to the
// bank account under one UTR. Amounts are minor units of the line's currency.
import type { Currency, Money } from '../../kernel/money.ts'

export type SettlementSummary = {
  readonly gatewaySettlementId: string
  readonly utr: string
  readonly currency: Currency
  readonly createdAt: Date
  /** What the bank says it credited under this UTR; null while it says nothing. May be negative. */
  readonly bankCredit: { readonly amountMinor: bigint; readonly at: Date } | null
}

export const LINE_KINDS = [
  'capture',
  'refund',
  'dispute', // Kept out of the payout when it was opened, with its fee.
  'dispute_reversal', // Won: it comes back.
] as const
export type LineKind = (typeof LINE_KINDS)[number]

/** Whether a line of this kind adds its amount to the payout. */
export function isIncome(kind: LineKind): boolean {
  return kind === 'capture' || kind === 'dispute_reversal'
}

export type SettlementLine = {
  /** Its place in the file, from 1. */
  readonly line: number
  readonly kind: LineKind
  /** The gateway's own id of the capture, the refund or the dispute. */
  readonly gatewayObjectId: string
  readonly gatewayPaymentId: string
  /** Ours: the refund's for a refund, else the payment's. */
  readonly reference: string
  /** What the gateway believes the payment is for. */
  readonly paymentAmount: Money
  readonly gross: Money
  readonly fee: Money
  readonly gst: Money
  readonly tds: Money
  /** What it adds to the payout; less than nothing for a refund and a dispute. */
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
  unknown_object: 'The file names a capture, a refund or a dispute that we do not have.',
  amount_differs: 'The file names another amount or currency than we have.',
  duplicate_line: 'This capture, refund or dispute was settled before, in this file or another.',
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
