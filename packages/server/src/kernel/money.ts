// Money is a whole number of minor units plus its currency; the two never part. Floats never touch it: gateways that
// speak decimals get a decimal string, and a decimal that does not fit the currency is refused, never rounded.
// Sums and differences may leave the range of one amount, and a difference may be negative; what comes from outside
// is held to 0..MAX_MINOR (decimals) or 1..MAX_MINOR (our own API).
import { exponentOf } from './currencies.ts'
import type { Currency } from './currencies.ts'
import { AppError, invariant } from './errors.ts'

export type { Currency } from './currencies.ts'

export type Money = { readonly minor: bigint; readonly currency: Currency }

/** The largest amount that may enter, in minor units; the database repeats it as a constraint. */
export const MAX_MINOR = 10n ** 13n
const MAX_DIGITS = MAX_MINOR.toString()

export function money(minor: bigint, currency: Currency): Money {
  return { minor, currency }
}

export function zero(currency: Currency): Money {
  return money(0n, currency)
}

export function add(a: Money, b: Money): Money {
  assertSameCurrency(a.currency, b.currency)
  return money(a.minor + b.minor, a.currency)
}

/** May be negative: what a negative rest means is for the caller to say. */
export function subtract(a: Money, b: Money): Money {
  assertSameCurrency(a.currency, b.currency)
  return money(a.minor - b.minor, a.currency)
}

/** Takes the currency beside the amounts, so that a sum over nothing has one too. */
export function sum(amounts: Iterable<Money>, currency: Currency): Money {
  let total = zero(currency)
  for (const amount of amounts) total = add(total, amount)
  return total
}

export function isGreater(a: Money, b: Money): boolean {
  assertSameCurrency(a.currency, b.currency)
  return a.minor > b.minor
}

export function isZero(amount: Money): boolean {
  return amount.minor === 0n
}

export function isPositive(amount: Money): boolean {
  return amount.minor > 0n
}

/** Same number and same currency. Unlike a sum, this may be asked of two currencies: they are simply not equal. */
export function equals(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency
}

/**
 * Splits an amount in proportion to whole weights. The parts always sum to the whole: what rounding leaves over goes,
 * one minor unit each, to the largest remainders, the earlier part first when two are equal.
 */
export function allocate(whole: Money, weights: readonly bigint[]): Money[] {
  invariant(
    weights.every((weight) => weight >= 0n),
    'Weights are not negative.',
  )
  const totalWeight = weights.reduce((total, weight) => total + weight, 0n)
  invariant(totalWeight > 0n, 'At least one weight is more than zero.')

  // Worked out without the sign: bigint division rounds towards zero, which would turn the remainders round.
  const sign = whole.minor < 0n ? -1n : 1n
  const size = whole.minor * sign
  const shares = weights.map((weight, index) => ({
    index,
    minor: (size * weight) / totalWeight,
    remainder: (size * weight) % totalWeight,
  }))
  let left = size - shares.reduce((total, share) => total + share.minor, 0n)
  const byRemainder = shares.toSorted((a, b) => {
    if (a.remainder === b.remainder) return a.index - b.index
    return a.remainder > b.remainder ? -1 : 1
  })
  for (const share of byRemainder) {
    if (left === 0n) break
    share.minor += 1n
    left -= 1n
  }
  return shares.map((share) => money(share.minor * sign, whole.currency))
}

/**
 * Reads a decimal in major units: `12.5` EUR becomes 1250 minor units; `12.345` EUR is refused, never rounded. Zeros at
 * the end carry nothing and are fine (`50.0000000000`). No sign, exponent, space or grouping; ASCII digits only.
 * @throws AppError amount_invalid, also above MAX_MINOR
 */
export function parseDecimal(text: string, currency: Currency, field = 'amount'): Money {
  const exponent = exponentOf(currency)
  const [, whole, decimals = ''] = /^([0-9]{1,15})(?:\.([0-9]+))?$/.exec(text) ?? []
  const fraction = withoutTrailingZeros(decimals)
  if (whole === undefined || fraction.length > exponent) {
    throw new AppError('amount_invalid', { field, currency, exponent })
  }
  const minor = BigInt(whole + fraction.padEnd(exponent, '0'))
  if (minor > MAX_MINOR) throw new AppError('amount_invalid', { field, currency, exponent, maximum: MAX_DIGITS })
  return money(minor, currency)
}

/** Exactly as many decimals as the currency has: 1250 EUR is `12.50`, 1250 JPY is `1250`. Not for negative amounts. */
export function formatDecimal({ minor, currency }: Money): string {
  invariant(minor >= 0n, 'Only amounts that are not negative are sent over the wire.')
  const exponent = exponentOf(currency)
  if (exponent === 0) return minor.toString()
  const digits = minor.toString().padStart(exponent + 1, '0')
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/**
 * Reads an amount of our own API: minor units, 1 to MAX_MINOR, as a JSON number or as a string of digits.
 *
 * A number has been through JSON.parse, which rounds: `1e2`, `100.0` and 9007199254740993 can no longer be told from
 * what they became. Where the body is at hand, pass `moneyLiteral(parsed, path)` (json.ts) instead of the value.
 * @throws AppError amount_invalid, naming `field`
 */
export function parseMinor(value: unknown, currency: Currency, field = 'amount'): Money {
  // Negative zero prints as `0`, so zero is refused by the pattern for both.
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text === 'string' && /^[1-9][0-9]{0,13}$/.test(text)) {
    const minor = BigInt(text)
    if (minor <= MAX_MINOR) return money(minor, currency)
  }
  throw new AppError('amount_invalid', { field, currency, minimum: '1', maximum: MAX_DIGITS })
}

/**
 * For eyes only, never for a wire: ₹12,34,567.89. Exact at any size, negative amounts included: Intl is given the
 * decimal as text, and our own number of decimals, because its own table differs from ISO.
 * A locale that is not a well-formed BCP 47 tag shows as English: locales come from browsers, and a page must not fail.
 */
export function formatForPeople({ minor, currency }: Money, locale: string): string {
  const decimal = formatDecimal(money(minor < 0n ? -minor : minor, currency))
  return formatterFor(locale, currency).format(`${minor < 0n ? '-' : ''}${decimal}` as `${number}`)
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatterFor(locale: string, currency: Currency): Intl.NumberFormat {
  const key = `${locale} ${currency}`
  const known = formatters.get(key)
  if (known !== undefined) return known
  const digits = exponentOf(currency)
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  const formatter = new Intl.NumberFormat(isLocale(locale) ? locale : 'en', options)
  // Making one costs a hundred times more than using it; the bound is there because locales come from outside.
  if (formatters.size >= 500) formatters.clear()
  formatters.set(key, formatter)
  return formatter
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

// A loop, not /0+$/: that pattern takes quadratic time on a long run of zeros with another digit behind it.
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

function assertSameCurrency(a: Currency, b: Currency): void {
  invariant(a === b, `Cannot combine ${a} with ${b}.`)
}
