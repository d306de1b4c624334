// What a settlement file says, and how its amounts come about: whole minor units, halves rounded up, nothing estimated.
import { formatDecimal } from '../../kernel/money.ts'
import type { Currency } from '../../kernel/money.ts'
import type { Rates, Unsettled } from '../store/settlements.ts'

/** On the fee, in hundredths of a per cent. */
export const GST_BPS = 1_800n

const WHOLE_BPS = 10_000n

export type SettledLine = Unsettled & {
  readonly fee: bigint
  readonly gst: bigint
  readonly tds: bigint
  /** What the merchant gets of it; less than nothing for a refund. */
  readonly net: bigint
}

/** A fee is taken from captures and disputes; what goes back is netted in full, and the fee stays taken. */
export function settleLine(line: Unsettled, rates: Rates): SettledLine {
  if (line.kind === 'refund') return { ...line, fee: 0n, gst: 0n, tds: 0n, net: -line.amount }
  if (line.kind === 'chargeback_reversal') return { ...line, fee: 0n, gst: 0n, tds: 0n, net: line.amount }
  if (line.kind === 'chargeback') {
    const kept = { fee: rates.disputeFee, gst: share(rates.disputeFee, GST_BPS) }
    return { ...line, ...kept, tds: 0n, net: -line.amount - kept.fee - kept.gst }
  }
  const fee = share(line.amount, rates.feeBps) + rates.feeFixed
  const gst = share(fee, GST_BPS)
  const tds = share(line.amount, rates.tdsBps)
  return { ...line, fee, gst, tds, net: line.amount - fee - gst - tds }
}

function share(amount: bigint, bps: bigint): bigint {
  return (amount * bps + WHOLE_BPS / 2n) / WHOLE_BPS
}

export const CSV_COLUMNS = [
  'settlement_id',
  'utr',
  'line',
  'type',
  'id',
  'payment_id',
  'reference',
  'currency',
  'payment_amount',
  'gross',
  'fee',
  'gst',
  'tds',
  'net',
  'at',
] as const

/** RFC 4180 with a head line. No field needs quotes: ids, references, decimals and times have no comma. */
export function writeCsv(file: { readonly id: string; readonly utr: string }, lines: readonly SettledLine[]): string {
  const rows = lines.map((line, index) => {
    const decimal = (minor: bigint) => signedDecimal(minor, line.currency)
    return [
      file.id,
      file.utr,
      String(index + 1),
      line.kind.toUpperCase(),
      line.id,
      line.paymentId,
      line.reference,
      line.currency,
      decimal(line.paymentAmount),
      decimal(line.amount),
      decimal(line.fee),
      decimal(line.gst),
      decimal(line.tds),
      decimal(line.net),
      line.at.toISOString(),
    ].join(',')
  })
  return `${[CSV_COLUMNS.join(','), ...rows].join('\r\n')}\r\n`
}

export function signedDecimal(minor: bigint, currency: Currency): string {
  return minor < 0n ? `-${formatDecimal({ minor: -minor, currency })}` : formatDecimal({ minor, currency })
}
