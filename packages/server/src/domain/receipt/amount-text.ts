// Amounts in digits and in English words, as a receipt says them. Rupees are counted as in India (lakh, crore),
// everything else in thousands, millions and billions. The name of a minor unit is known for the rupee only; other
// currencies say what part it is (hundredths).
import { CURRENCIES, exponentOf } from '../../kernel/currencies.ts'
import { invariant } from '../../kernel/errors.ts'
import { formatForPeople } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'

/** `₹1,23,456.78`, `$1,234.56`. */
export function amountForPeople(amount: Money): string {
  return formatForPeople(amount, amount.currency === 'INR' ? 'en-IN' : 'en')
}

const SMALL = [
  '',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Ten',
  'Eleven',
  'Twelve',
  'Thirteen',
  'Fourteen',
  'Fifteen',
  'Sixteen',
  'Seventeen',
  'Eighteen',
  'Nineteen',
] as const
const TENS = ['', '', 'Twenty', 'Thirty', 'Forty', 'Fifty', 'Sixty', 'Seventy', 'Eighty', 'Ninety'] as const

type Scale = readonly (readonly [size: bigint, name: string])[]

const INDIAN: Scale = [
  [10_000_000n, 'Crore'],
  [100_000n, 'Lakh'],
  [1_000n, 'Thousand'],
  [100n, 'Hundred'],
]
const WESTERN: Scale = [
  [1_000_000_000_000n, 'Trillion'],
  [1_000_000_000n, 'Billion'],
  [1_000_000n, 'Million'],
  [1_000n, 'Thousand'],
  [100n, 'Hundred'],
]

const PARTS = ['', 'Tenth', 'Hundredth', 'Thousandth', 'Ten-Thousandth'] as const

/**
 * `Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Seventy-Eight Only`;
 * `US Dollar One Thousand Two Hundred and Fifty Hundredths Only`. Not for negative amounts.
 */
export function amountInWords({ minor, currency }: Money): string {
  invariant(minor >= 0n, 'A receipt is about an amount that is not negative.')
  const unit = 10n ** BigInt(exponentOf(currency))
  const [major, rest] = [minor / unit, minor % unit]
  if (currency === 'INR') return rupeesInWords(major, rest)
  const whole = `${CURRENCIES[currency].name} ${inWords(major, WESTERN)}`
  if (rest === 0n) return `${whole} Only`
  const part = PARTS[exponentOf(currency)]
  return `${whole} and ${inWords(rest, WESTERN)} ${part}${rest === 1n ? '' : 's'} Only`
}

function rupeesInWords(rupees: bigint, paise: bigint): string {
  const parts: string[] = []
  if (rupees > 0n || paise === 0n) parts.push(`${rupees === 1n ? 'Rupee' : 'Rupees'} ${inWords(rupees, INDIAN)}`)
  if (paise > 0n) parts.push(`${paise === 1n ? 'Paisa' : 'Paise'} ${inWords(paise, INDIAN)}`)
  return `${parts.join(' and ')} Only`
}

function inWords(number: bigint, scale: Scale): string {
  return number === 0n ? 'Zero' : words(number, scale).join(' ')
}

function words(number: bigint, scale: Scale): string[] {
  for (const [size, name] of scale) {
    // The largest name takes as many as there are: ten thousand crore.
    if (number >= size) return [...words(number / size, scale), name, ...words(number % size, scale)]
  }
  if (number === 0n) return []
  if (number < 20n) return [nameIn(SMALL, number)]
  const ten = nameIn(TENS, number / 10n)
  return number % 10n === 0n ? [ten] : [`${ten}-${nameIn(SMALL, number % 10n)}`]
}

function nameIn(names: readonly string[], index: bigint): string {
  return names[Number.parseInt(index.toString(), 10)] ?? ''
}
