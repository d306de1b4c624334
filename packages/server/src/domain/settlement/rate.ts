// What was agreed with a gateway about its fee, and what that makes of an amount: exact, halves rounded up.
import { money } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'

export type AgreedRate = {
  /** Hundredths of a per cent of the captured amount. */
  readonly feeBps: bigint
  /** Minor units per capture. */
  readonly feeFixedMinor: bigint
  /** Hundredths of a per cent of the fee. */
  readonly gstBps: bigint
  /** Hundredths of a per cent of the captured amount, withheld as tax. */
  readonly tdsBps: bigint
}

const GST_BPS = 1_800n
const WHOLE_BPS = 10_000n

/** From `settings.settlement` of a gateway account; undefined where nothing was agreed, and so nothing is checked. */
export function readAgreedRate(settings: Readonly<Record<string, unknown>>): AgreedRate | undefined {
  const given = settings['settlement']
  if (typeof given !== 'object' || given === null) return undefined
  const whole = (name: string): bigint | undefined => {
    const value = (given as Record<string, unknown>)[name]
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  }
  const feeBps = whole('fee_bps')
  if (feeBps === undefined) return undefined
  return {
    feeBps,
    feeFixedMinor: whole('fee_fixed') ?? 0n,
    gstBps: whole('gst_bps') ?? GST_BPS,
    tdsBps: whole('tds_bps') ?? 0n,
  }
}

export function agreedFee(rate: AgreedRate, gross: Money): Money {
  return money(share(gross.minor, rate.feeBps) + rate.feeFixedMinor, gross.currency)
}

/** On the fee that was taken, agreed or not. */
export function agreedGst(rate: AgreedRate, fee: Money): Money {
  return money(share(fee.minor, rate.gstBps), fee.currency)
}

export function agreedTds(rate: AgreedRate, gross: Money): Money {
  return money(share(gross.minor, rate.tdsBps), gross.currency)
}

function share(minor: bigint, bps: bigint): bigint {
  return (minor * bps + WHOLE_BPS / 2n) / WHOLE_BPS
}
