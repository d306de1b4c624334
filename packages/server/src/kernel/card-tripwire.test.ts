import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCardNumber } from './card-numbers.ts'
import { assertNoCardNumbers, findCardNumber, redactCardNumbers } from './card-tripwire.ts'
import { AppError } from './errors.ts'
import { CustomerId, OrderId, PaymentId } from './ids.ts'

// The same cases on every run.
fc.configureGlobal({ seed: 7812 })

const VISA = '4111111111111111'
const AMEX = '378282246310005'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const percent = (text: string) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join('')
const escaped = (text: string) =>
  Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
/** The digits of another script, from its zero on. */
const inScript = (zero: number, digits: string) =>
  digits.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(zero + digit.charCodeAt(0) - 0x30))
const withCheckDigit = (digits: string) =>
  Array.from('0123456789', (check) => digits + check).find((number) => luhn(number)) ?? ''
// Written differently from the code under test on purpose.
const luhn = (number: string) =>
  Array.from(number)
    .toReversed()
    .map((digit, index) => (index % 2 === 0 ? Number(digit) : ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(digit)] ?? 0)))
    .reduce((sum, value) => sum + value, 0) %
    10 ===
  0

describe('a card number', () => {
  test.each([
    ['Visa', VISA],
    ['Visa', '4242424242424242'],
    ['Visa of 13', '4222222222222'],
    ['Visa of 19', '4000000000000000006'],
    ['Mastercard', '5555555555554444'],
    ['Mastercard', '5243681100075285'],
    ['Mastercard, first of the 2-series', '2221000000000009'],
    ['Mastercard, last of the 2-series', '2720990000000007'],
    ['American Express', AMEX],
    ['American Express', '340000000000009'],
    ['RuPay 60', withCheckDigit('607482000000000')],
    ['RuPay 65', withCheckDigit('652150000000000')],
    ['RuPay 81', '8171999927660000'],
    ['RuPay 82', withCheckDigit('820000000000000')],
    ['RuPay 508', withCheckDigit('508126000000000')],
    ['RuPay 353', withCheckDigit('353600000000000')],
    ['RuPay 356', withCheckDigit('356000000000000')],
    ['Discover', '6011111111111117'],
    ['Discover 644', '6440000000000005'],
    ['Diners Club', '30569309025904'],
    ['Diners Club 36', '36227206271667'],
    ['Diners Club 38', '38520000023237'],
    ['JCB', '3530111333300000'],
    ['UnionPay', '6200000000000005'],
    ['UnionPay of 17', withCheckDigit('6250000000000000')],
    ['UnionPay of 18', withCheckDigit('62500000000000000')],
    ['UnionPay of 19', '6205500000000000004'],
    ['Maestro', '6759649826438453'],
    ['Maestro', '6304000000000000'],
    ['Maestro of 19', '6799990100000000019'],
    ['Maestro of 12', '501800000009'],
  ])('of %s is found: %s', (_brand, number) => {
    expect(luhn(number)).toBe(true)
    expect(findCardNumber(number)).toBe(true)
    expect(findCardNumber(`paid with ${number}, thanks`)).toBe(true)
    expect(isCardNumber(`${number.slice(0, -1)}${number.endsWith('0') ? 1 : 0}`)).toBe(false)
  })

  test.each([
    ['spaces', '4111 1111 1111 1111'],
    ['dashes', '4111-1111-1111-1111'],
    ['dots', '4111.1111.1111.1111'],
    ['no-break spaces', '4111\u00a01111\u00a01111\u00a01111'],
    ['narrow spaces', '4111\u202f1111\u202f1111\u202f1111'],
    ['typographic dashes', '4111\u20131111\u20131111\u20131111'],
    ['spaced dashes', '4111 - 1111 - 1111 - 1111'],
    ['mixed separators', '4111-1111 1111.1111'],
    ['zero-width spaces', Array.from(VISA).join('\u200b')],
    ['a space after every digit', Array.from(VISA).join(' ')],
    ['a dot after every digit', Array.from(VISA).join('.')],
    ['separators anywhere', '4-11 11-1111 111 - 1111'],
    ['pairs', '41-11-11-11-11-11-11-11'],
    ['halves', '41111111 11111111'],
    ['the groups of American Express', '3782 822463 10005'],
    ['the groups of Diners Club', '3056-930902-5904'],
    ['an expiry date and a code behind it', '4111 1111 1111 1111 12/29 123'],
    ['an expiry date right behind it', '4111 1111 1111 1111 1229'],
    ['a number before it', 'order 12 4111 1111 1111 1111'],
    ['punctuation around it', '(4111111111111111).'],
    ['an underscore before it', `card_${VISA}`],
    ['an equals sign', `pan=${VISA}&cvv=123`],
    ['a word of another script right before it', `कार्ड${VISA}`],
    ['Chinese around it', `卡号${VISA}，谢谢`],
    ['lines around it', `a\n${VISA}\nb`],
    ['full-width digits', inScript(0xff10, VISA)],
    ['Devanagari digits', inScript(0x0966, VISA)],
    ['Arabic digits', inScript(0x0660, VISA)],
    ['Persian digits', inScript(0x06f0, VISA)],
    ['Bengali digits in groups', inScript(0x09e6, '4111 1111 1111 1111')],
    ['mathematical digits', inScript(0x1d7ce, VISA)],
    ['mathematical monospace digits in groups', inScript(0x1d7f6, '4111 1111 1111 1111')],
    ['digits of two scripts', inScript(0xff10, VISA.slice(0, 8)) + VISA.slice(8)],
    ['keycaps', Array.from(VISA, (digit) => `${digit}\ufe0f\u20e3`).join('')],
    ['base64', base64(VISA)],
    ['base64 without padding', base64(VISA).replace(/=+$/, '')],
    ['base64 of a sentence', base64(`my card is ${VISA}, ok?`)],
    ['base64url', Buffer.from(`ÿ? ${VISA} ÿ?`).toString('base64url')],
    ['base64 in a path', `/cards/${base64(VISA)}/pay`],
    ['base64 of another script', base64(inScript(0x0966, VISA))],
    ['base64 twice', base64(base64(VISA))],
    ['percent-encoding', percent(VISA)],
    ['percent-encoded spaces', '4111%201111%201111%201111'],
    ['percent-encoding twice', percent(percent(VISA))],
    ['a form', 'a=1&card=4111+1111+1111+1111&b=2'],
    ['percent-encoded full-width digits', encodeURIComponent(inScript(0xff10, VISA))],
    ['base64 of percent-encoding', base64(percent(VISA))],
    ['percent-encoded base64', encodeURIComponent(base64(`n: ${VISA}`))],
    ['JSON in a string', JSON.stringify({ card: { number: VISA } })],
    ['JSON in JSON in a string', JSON.stringify(JSON.stringify({ number: VISA }))],
    ['escapes', escaped(VISA)],
    ['escapes in JSON in JSON', JSON.stringify(JSON.stringify(escaped(VISA)))],
    ['base64 of JSON', base64(JSON.stringify({ number: VISA }))],
  ])('is found with %s', (_way, text) => {
    expect(findCardNumber(text)).toBe(true)
    expect(redactCardNumbers(text)).not.toContain(VISA)
    expect(findCardNumber(redactCardNumbers(text))).toBe(false)
  })
})

describe('what is no card number', () => {
  test.each([
    ['nothing', ''],
    ['a wrong check digit', '4111111111111112'],
    ['Luhn without a brand', '1234567812345670'],
    ['a brand at another length', '41111111111111'],
    ['digits behind a letter', `x${VISA}`],
    ['digits before a letter', `${VISA}x`],
    ['digits inside a longer run', `9${VISA}`],
    ['digits inside a longer run', `${VISA}0`],
    ['a masked number', '411111******1111'],
    ['a masked number', 'XXXX-XXXXXXXX-1449'],
    ['digits on several lines', '4111\n1111\n1111\n1111'],
    ['numbers in a list', '4111, 1111, 1111, 1111'],
    ['a fraction', '0.4111111111111111'],
    ['an amount', '4111111111111111.00'],
    ['coordinates', '48.85661 2.35222'],
    ['a card among other numbers that is not printed as one', '7 41 1 11111111 1 11 11 7'],
    ['more numbers in a row than a card has digits', '4 '.repeat(30)],
    ['a phone number', '+4222222222222'],
    ['a phone number in groups', '+42 222 222 222 22'],
    ['an IBAN', 'DE89 4111 1111 1111 1111 00'],
    ['a British IBAN', 'GB29 LOYD 3056 9309 0259 04'],
    ['a UPI reference', '630412345682'],
    ['a time', '30112026140050'],
    ['an address', '192.168.100.200'],
    ['a UUID', '41111111-1111-1111-8111-111111111111'],
    ['a UUID that ends in a card', 'abcdefab-cdef-4111-a111-501800000009'],
  ])('%s: %s', (_what, text) => {
    expect(findCardNumber(text)).toBe(false)
    expect(redactCardNumbers(text)).toBe(text)
  })

  test('a time of 2020 to 2035 in seconds, milliseconds, microseconds or nanoseconds', () => {
    const from = 1_577_836_800_000
    const to = 2_082_758_400_000
    fc.assert(
      fc.property(fc.integer({ min: 0, max: to - from }), fc.integer({ min: 0, max: 999_999 }), (offset, small) => {
        const milliseconds = String(from + offset)
        const rest = String(small).padStart(6, '0')
        const times = [milliseconds.slice(0, -3), milliseconds, milliseconds + rest.slice(3), milliseconds + rest]
        assertNoCardNumbers({ number: from + offset, times })
        return !times.some((time) => findCardNumber(time) || findCardNumber(`{"at":${time}}`))
      }),
      { numRuns: 20_000 },
    )
  })

  test('a UPI reference of any day of 2026 to 2029', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 9 }), fc.integer({ min: 1, max: 366 }), fc.nat(99_999_999), (...parts) => {
        const [year, day, rest] = parts.map(String)
        return !findCardNumber(`${year}${day?.padStart(3, '0')}${rest?.padStart(8, '0')}`)
      }),
      { numRuns: 20_000 },
    )
  })

  test('a token of 64 hex digits, a UUID, or random base64url', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((drawn) => Buffer.from(drawn))
    fc.assert(
      fc.property(bytes, (random) => {
        const hex = random.toString('hex')
        const uuid = hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
        const texts = [hex, `sk_test_${hex}`, hex.toUpperCase(), uuid, random.toString('base64url')]
        return !texts.some((text) => findCardNumber(text))
      }),
      { numRuns: 20_000 },
    )
  })

  test('an id of ours', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (now) => {
        const ids = [OrderId.create(now), PaymentId.create(now), CustomerId.create(now)]
        return !ids.some((id) => findCardNumber(id))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('refusing', () => {
  const fieldOf = (value: unknown): unknown => {
    try {
      assertNoCardNumbers(value)
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain(VISA)
      return error instanceof AppError && error.code === 'card_number_refused' ? error.details['field'] : error
    }
    return 'accepted'
  }

  test.each([
    [{ customer: { notes: ['fine', `no: ${VISA}`] } }, 'customer.notes.1'],
    [{ metadata: { card: 4111111111111111 } }, 'metadata.card'],
    [[{ a: base64(VISA) }], '0.a'],
    [{ a: { [VISA]: 'x' } }, 'a.(key)'],
    [{ 4111: { 1111: { 1111: { 1111: VISA } } } }, '[card ****1111]'],
    [VISA, 'body'],
    [4111111111111111, 'body'],
  ])('names the field and not the number: %j', (value, field) => {
    expect(fieldOf(value)).toBe(field)
  })

  test('reads big integers too', () => {
    expect(fieldOf({ card: 4111111111111111n, amount: 4n })).toBe('card')
  })

  test.each([
    null,
    undefined,
    true,
    0,
    12.5,
    0.4111111111111111,
    4.111111111111111e300,
    -4111111111111111,
    '',
    [],
    {},
    { amount: 125000, currency: 'INR', reference: 'inv-2026-000123', phone: '+91 98765 43210', at: 1_795_000_000_000 },
    { token: 'a'.repeat(64), note: 'Zahlung für März, 12.50 €', list: [1, 2, 3, null, false] },
  ])('lets through %j', (value) => {
    expect(fieldOf(value)).toBe('accepted')
  })

  test('finds a card wherever it stands in a value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(fc.constantFrom('a', 'b', 'list'), { maxLength: 4 }),
        (...drawn) => {
          const [noise, path] = drawn
          const value = path.reduceRight<unknown>((inner, key) => ({ noise, [key]: inner }), { end: AMEX })
          expect(fieldOf(value)).not.toBe('accepted')
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('redacting', () => {
  test.each([
    [`card ${VISA} declined`, 'card [card ****1111] declined'],
    ['4111-1111-1111-1111 and 3782 822463 10005', '[card ****1111] and [card ****0005]'],
    [`{"pan":"${VISA}","rrn":"630412345682"}`, '{"pan":"[card ****1111]","rrn":"630412345682"}'],
    [`{"pan":"${inScript(0xff10, VISA)}","ok":true}`, '{"pan":"[card ****1111]","ok":true}'],
    [`{"blob":"${base64(VISA)}","ok":true}`, '{"blob":"[card]==","ok":true}'],
    [`pan=${percent(VISA)}&amount=100`, 'pan=[card]&amount=100'],
    [`pan=4111%201111%201111%201111&amount=100`, 'pan=[card]&amount=100'],
    ['\\u0034111 1111 1111 1111 in words', '[card]'],
  ])('%s', (text, redacted) => {
    expect(redactCardNumbers(text)).toBe(redacted)
  })

  test('leaves no card behind, and nothing else changed, whatever stands around it', () => {
    const around = fc.string({ unit: 'grapheme', maxLength: 20 })
    const card = fc.constantFrom(VISA, AMEX, '4111 1111 1111 1111', base64(VISA), percent(AMEX), escaped(VISA))
    fc.assert(
      fc.property(around, card, around, (before, number, after) => {
        const redacted = redactCardNumbers(`${before} ${number} ${after}`)
        return !findCardNumber(redacted) && !redacted.includes(number)
      }),
      { numRuns: 5_000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        return findCardNumber(text) || redactCardNumbers(text) === text
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('cost', () => {
  const size = 256_000
  test.each([
    ['one word', 'a'.repeat(size)],
    ['one run of digits', '4'.repeat(size)],
    ['digits with spaces', '4 '.repeat(size / 2)],
    ['groups of four', '4111 '.repeat(size / 5)],
    ['digits with a separator too many', '4    '.repeat(size / 5)],
    ['hex tokens', `${'0123456789abcdef'.repeat(4)} `.repeat(size / 65)],
    ['dashes', '-'.repeat(size)],
    ['percent signs', '%25'.repeat(size / 3)],
    ['backslashes', '\\'.repeat(size)],
    ['backslashes before an escape', `${'\\'.repeat(size)} \\u0034`],
    ['escapes', '\\u0034'.repeat(size / 6)],
    ['full-width digits', '４'.repeat(size)],
    ['short base64', 'QUJDREVGR0hJSktM/'.repeat(size / 17)],
  ])('256 kB of %s are read in linear time', (_what, text) => {
    const before = process.hrtime.bigint()
    redactCardNumbers(text)
    expect(process.hrtime.bigint() - before).toBeLessThan(2_000_000_000n)
  })
})
