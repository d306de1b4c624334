// Whether a line of a settlement file is about money that we have, complete and pure. A line that fits is posted as
// the gateway says it; a line that does not is a break with one reason, and posts nothing. A wrong fee is both: the
// money has moved, and somebody must ask for it.
import { equals } from '../../kernel/money.ts'
import type { Currency } from '../../kernel/money.ts'
import { agreedFee, agreedGst, agreedTds } from './rate.ts'
import type { AgreedRate } from './rate.ts'
import { isIncome } from './settlement.ts'
import type { BreakReason, SettlementLine } from './settlement.ts'

export type LineBreak = { readonly reason: BreakReason; readonly details: Readonly<Record<string, string>> }

export type LineMatch = {
  readonly outcome: 'matched' | 'broken'
  readonly break: LineBreak | null
}

/** What we have of what the line is about; undefined where we have nothing. */
export type LineFacts = {
  readonly currency: Currency
  /** Captured in all for a capture, the refund's amount for a succeeded refund (0 while it has not succeeded). */
  readonly movedMinor: bigint
  /** What earlier lines settled of that. */
  readonly settledMinor: bigint
  /** A line about this very capture or refund of the gateway's was matched before. */
  readonly isSettled: boolean
  /** Amounts of the single captures, where there was more than one. */
  readonly partsMinor: readonly bigint[]
}

export function matchLine(line: SettlementLine, facts: LineFacts | undefined, rate: AgreedRate | undefined): LineMatch {
  const broken = refusal(line, facts)
  if (broken !== undefined) return { outcome: 'broken', break: broken }
  return { outcome: 'matched', break: line.kind === 'capture' ? wrongFee(line, rate) : null }
}

function refusal(line: SettlementLine, facts: LineFacts | undefined): LineBreak | undefined {
  if (facts === undefined) return { reason: 'unknown_object', details: { gross: text(line.gross.minor) } }
  const left = facts.movedMinor - facts.settledMinor
  if (facts.isSettled || (left === 0n && facts.movedMinor > 0n)) {
    return { reason: 'duplicate_line', details: { gross: text(line.gross.minor), settled: text(facts.settledMinor) } }
  }
  const fits = line.gross.minor === left || facts.partsMinor.includes(line.gross.minor)
  if (line.gross.currency !== facts.currency || line.gross.minor > left || !fits) {
    return {
      reason: 'amount_differs',
      details: {
        ours: text(left),
        our_currency: facts.currency,
        theirs: text(line.gross.minor),
        their_currency: line.gross.currency,
      },
    }
  }
  const deducted = line.fee.minor + line.gst.minor + line.tds.minor
  const net = isIncome(line.kind) ? line.gross.minor - deducted : -line.gross.minor - deducted
  // Tax is withheld from sales; a dispute is none.
  const isOdd = line.kind !== 'capture' && line.kind !== 'refund' && line.tds.minor > 0n
  if (net !== line.netMinor || isOdd) {
    return { reason: 'sum_differs', details: { parts: text(net), net: text(line.netMinor) } }
  }
  return undefined
}

function wrongFee(line: SettlementLine, rate: AgreedRate | undefined): LineBreak | null {
  if (rate === undefined) return null
  const fee = agreedFee(rate, line.gross)
  if (!equals(fee, line.fee)) {
    return { reason: 'fee_differs', details: { agreed: text(fee.minor), taken: text(line.fee.minor) } }
  }
  const gst = agreedGst(rate, line.fee)
  const tds = agreedTds(rate, line.gross)
  if (equals(gst, line.gst) && equals(tds, line.tds)) return null
  return {
    reason: 'tax_differs',
    details: {
      agreed_gst: text(gst.minor),
      taken_gst: text(line.gst.minor),
      agreed_tds: text(tds.minor),
      taken_tds: text(line.tds.minor),
    },
  }
}

const text = (minor: bigint) => minor.toString()

export type NetFacts = {
  /** Of every line. */
  readonly allMinor: bigint
  /** Of the lines that may be no business of ours: duplicates and what we do not have. */
  readonly disputedMinor: bigint
  readonly bankCredit: { readonly amountMinor: bigint } | null
}

/** One UTR, one credit: what the file adds up to is what the bank got, with or without the lines in dispute. */
export function matchNet({ allMinor, disputedMinor, bankCredit }: NetFacts): LineBreak | null {
  if (bankCredit === null) return { reason: 'bank_credit_missing', details: { file: text(allMinor) } }
  const credited = bankCredit.amountMinor
  if (credited === allMinor || credited === allMinor - disputedMinor) return null
  return { reason: 'bank_credit_differs', details: { file: text(allMinor), bank: text(credited) } }
}
