// Finds card numbers in plain text: Luhn, and a known brand's prefix at that brand's length, and written the way people
// write them. Each condition alone is worthless here: a tenth of all numbers pass Luhn, and payments are full of long
// numbers that are no cards (bank references, accounts, phone numbers, timestamps), which the comments below name.
// Encodings (base64, percent, escapes) are card-tripwire.ts's business.

/** A stretch of the text, in UTF-16 units, and the digits written there. */
export type CardSpan = { readonly start: number; readonly end: number; readonly digits: string }

type Group = { readonly digits: string; readonly start: number; readonly end: number }

const BRANDS: readonly RegExp[] = [
  /^4(?:\d{12}|\d{15}|\d{18})$/, // Visa
  /^(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}$/, // Mastercard
  /^3[47]\d{13}$/, // American Express
  /^(?:(?:60|65|81|82)\d|508|353|356)\d{13}$/, // RuPay
  /^(?:6011|64[4-9]\d|65\d\d)\d{12}$/, // Discover
  /^3(?:0[0-5]|[68]\d)\d{11}$/, // Diners Club
  /^35(?:2[89]|[3-8]\d)\d{12}$/, // JCB
  /^62\d{14,17}$/, // UnionPay
  // Maestro, wide only at the lengths that are issued. Every UPI payment has a 12-digit reference that begins with the
  // year's last digit and the day of the year (6304... is 31 October 2026), and accounts of a large Indian bank are 14
  // digits beginning with 501 or 502: at other lengths only prefixes that are no such day count, and none at 14.
  /^(?:50|5[6-8]|6\d)(?:\d{14}|\d{16,17})$/,
  /^(?:5018|5020|5038|5893|6390|6759|676[1-3])(?:\d{8,9}|\d{11}|\d{13})$/,
]

// A Diners number of 14 digits can begin with 30, and so does a time written as ddMMyyyyHHmmss once a month.
const DAY_AND_TIME = /^30(?:0[1-9]|1[0-2])20\d\d(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/

/** Whether these digits, and nothing else, could be a card's number. */
export function isCardNumber(digits: string): boolean {
  return BRANDS.some((brand) => brand.test(digits)) && passesLuhn(digits) && !DAY_AND_TIME.test(digits)
}

// Between the digits of one number: what people type (space, dash, dot, in all their shapes), and what cannot be seen.
const UNSEEN = '\u00ad\u200b-\u200d\u2060\ufe0f\ufeff\u20e3'
const SEPARATOR = '\\u0020\u00a0\u2000-\u200a\u202f\u205f\u3000\\-\u2010-\u2015\u2212\uff0d.\uff0e'
const CHAIN = new RegExp(`[0-9](?:[${UNSEEN}${SEPARATOR}]{0,3}[0-9])*`, 'g')
const GROUP = new RegExp(`[0-9](?:[${UNSEEN}]{0,3}[0-9])*`, 'g')

// How cards print their digits. Grouped so, a number counts wherever it stands: an expiry date often follows it.
const PRINTED = new Set(['4-4-4-4', '4-4-4-4-3', '4-6-5', '4-6-4', '4-3-3-3', '6-13', '8-8'])

// Three of a hundred thousand random UUIDs hold groups of digits that add up to a card.
const UUID = /(?<![A-Za-z0-9])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![A-Za-z0-9])/gi
const UUID_BLANK = 'x'.repeat(36)

/** Every card number in the text, left to right, without overlaps. Cheap where there are few digits. */
export function findCardSpans(text: string): CardSpan[] {
  if (text.length < 12) return []
  const digits = withAsciiDigits(text)
  if (!hasTwelveDigits(digits)) return []
  const plain = digits.replaceAll(UUID, UUID_BLANK)
  const spans: CardSpan[] = []
  for (const chain of plain.matchAll(CHAIN)) {
    if (chain[0].length >= 12) collectFromChain(plain, chain[0], chain.index, spans)
  }
  return spans
}

/** A chain is digits with nothing but separators between them; a number is one group of it, or several in a row. */
function collectFromChain(text: string, chain: string, start: number, spans: CardSpan[]): void {
  if (isAccountNumber(text, start)) return
  const groups: Group[] = []
  for (const group of chain.matchAll(GROUP)) {
    const digits = group[0].replaceAll(/[^0-9]/g, '')
    groups.push({ digits, start: start + group.index, end: start + group.index + group[0].length })
  }
  // A row of more than 19 groups can only hold a number as printed, which is five groups at most.
  const reach = groups.length > 19 ? 5 : groups.length
  for (let first = 0; first < groups.length; first += 1) {
    let digits = ''
    let longest: { span: CardSpan; last: number } | undefined
    for (let last = first; last < Math.min(first + reach, groups.length); last += 1) {
      const group = groups[last] as Group
      digits += group.digits
      if (digits.length > 19) break
      if (digits.length < 12 || !isCardNumber(digits) || !isWrittenAsOne(text, groups, first, last)) continue
      longest = { span: { start: (groups[first] as Group).start, end: group.end, digits }, last }
    }
    if (longest !== undefined) {
      spans.push(longest.span)
      first = longest.last
    }
  }
}

/** Whether the groups `first` to `last` stand by themselves and look like one number. */
function isWrittenAsOne(text: string, groups: readonly Group[], first: number, last: number): boolean {
  const from = (groups[first] as Group).start
  const to = (groups[last] as Group).end
  if (isLetterOrDigit(text[from - 1]) || isLetterOrDigit(text[to])) return false
  const inside = groups.slice(first, last + 1)
  const gaps = inside.slice(1).map((group, index) => text.slice((inside[index] as Group).end, group.start))
  // A phone number: E.164 has a plus and at most 15 digits.
  if (text[from - 1] === '+' && inside.reduce((total, group) => total + group.digits.length, 0) <= 15) return false
  // Half of a decimal fraction: 0.4111111111111111 is a number, not a card.
  const before = first === 0 ? '' : text.slice((groups[first - 1] as Group).end, from)
  const after = last === groups.length - 1 ? '' : text.slice(to, (groups[last + 1] as Group).start)
  if (before === '.' || after === '.') return false
  if (inside.length === 1 || PRINTED.has(inside.map((group) => group.digits.length).join('-'))) return true
  // Any other grouping counts only where nothing else is in the row. A dot may be a decimal point, unless all are dots.
  if (inside.length < groups.length) return false
  return !gaps.includes('.') || (gaps.length > 1 && gaps.every((gap) => gap === '.'))
}

/** An IBAN in groups of four holds what looks like a printed card; its country and check digits give it away. */
function isAccountNumber(text: string, start: number): boolean {
  return /(?:^|[^A-Za-z0-9])[A-Z]{2}(?:[0-9]{2} ?[A-Z]{4} ?)?$/.test(text.slice(Math.max(0, start - 12), start))
}

// Only ASCII: a CJK or Devanagari word runs straight into the number that follows it.
function isLetterOrDigit(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9]/.test(character)
}

function hasTwelveDigits(text: string): boolean {
  let digits = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code >= 0x30 && code <= 0x39) {
      digits += 1
      if (digits === 12) return true
    }
  }
  return false
}

/**
 * The digits of every script as 0 to 9, at the same positions: one of two units becomes a digit and something unseen.
 */
function withAsciiDigits(text: string): string {
  // oxlint-disable-next-line no-control-regex -- this is what ASCII is
  if (/^[\u0000-\u007f]*$/.test(text)) return text
  return text.replaceAll(/\p{Nd}/gu, (digit) => `${valueOf(digit)}${digit.length === 2 ? '\u200b' : ''}`)
}

// Unicode keeps the decimal digits of a script together, zero first; scripts that touch are each ten long.
function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let zero = code
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return (code - zero) % 10
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30
    const doubled = digit * 2
    if (index % 2 === 0) sum += digit
    else sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
