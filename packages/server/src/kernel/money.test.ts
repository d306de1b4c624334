import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CURRENCY_CODES, exponentOf } from './currencies.ts'
import {
  MAX_MINOR,
  add,
  allocate,
  equals,
  formatDecimal,
  formatForPeople,
  isGreater,
  isPositive,
  isZero,
  money,
  parseDecimal,
  parseMinor,
  subtract,
  sum,
  zero,
} from './money.ts'

// The same cases on every run.
fc.configureGlobal({ seed: 4217 })

const eur = (minor: bigint) => money(minor, 'EUR')
const refused = (details: object) => expect.objectContaining({ code: 'amount_invalid', details })
const ourBug = expect.objectContaining({ code: 'internal_error' })

describe('reading a decimal', () => {
  test.each([
    ['12.5', 'EUR', 1250n],
    ['12.50', 'EUR', 1250n],
    ['12', 'EUR', 1200n],
    ['0.01', 'EUR', 1n],
    ['0', 'EUR', 0n],
    ['0.00', 'EUR', 0n],
    ['007.10', 'EUR', 710n],
    ['50.0000000000', 'INR', 5000n],
    ['1250', 'JPY', 1250n],
    ['1250.000', 'JPY', 1250n],
    ['1.234', 'KWD', 1234n],
    ['1.2340', 'KWD', 1234n],
    ['0.0001', 'CLF', 1n],
    ['100000000000.00', 'EUR', MAX_MINOR],
  ] as const)('%s %s', (text, currency, minor) => {
    expect(parseDecimal(text, currency)).toEqual(money(minor, currency))
  })

  test('refuses more decimals than the currency has, and says how many it has', () => {
    expect(() => parseDecimal('12.345', 'EUR')).toThrow(refused({ field: 'amount', currency: 'EUR', exponent: 2 }))
    expect(() => parseDecimal('0.1', 'JPY')).toThrow(refused({ field: 'amount', currency: 'JPY', exponent: 0 }))
    expect(() => parseDecimal('1.2345', 'KWD', 'total')).toThrow(
      refused({ field: 'total', currency: 'KWD', exponent: 3 }),
    )
  })

  test.each([
    '',
    ' ',
    '.5',
    '5.',
    '.',
    '-1',
    '+1',
    '-0',
    '1e3',
    '1E3',
    '1.5e1',
    '1,000',
    '1,5',
    '1 000',
    ' 1',
    '1 ',
    '1\n',
    '1_000',
    '0x10',
    '１２',
    '१२',
    '١٢',
    '12٫5',
    'Infinity',
    'NaN',
    'null',
    '1.2.3',
    '1\u0000',
    '1234567890123456',
    '0000000000000001',
  ])('refuses %j', (text) => {
    expect(() => parseDecimal(text, 'EUR')).toThrow(refused({ field: 'amount', currency: 'EUR', exponent: 2 }))
  })

  test('refuses what is larger than an amount may be', () => {
    const maximum = { field: 'amount', currency: 'EUR', exponent: 2, maximum: '10000000000000' }
    expect(() => parseDecimal('100000000000.01', 'EUR')).toThrow(refused(maximum))
    expect(() => parseDecimal('999999999999999', 'EUR')).toThrow(refused(maximum))
  })

  test('reads a megabyte of zeros in linear time', () => {
    expect(parseDecimal(`1.${'0'.repeat(1_000_000)}`, 'EUR')).toEqual(eur(100n))
    expect(() => parseDecimal(`1.${'0'.repeat(1_000_000)}1`, 'EUR')).toThrow('The amount is not valid')
  })
})

describe('writing a decimal', () => {
  test.each([
    [0n, 'EUR', '0.00'],
    [1n, 'EUR', '0.01'],
    [1250n, 'EUR', '12.50'],
    [1250n, 'JPY', '1250'],
    [0n, 'JPY', '0'],
    [5n, 'KWD', '0.005'],
    [10_000n, 'UYW', '1.0000'],
    [9_007_199_254_740_993n, 'INR', '90071992547409.93'],
  ] as const)('%s %s is %s', (minor, currency, text) => {
    expect(formatDecimal(money(minor, currency))).toBe(text)
  })

  test('never writes a negative amount', () => {
    expect(() => formatDecimal(eur(-1n))).toThrow(ourBug)
  })

  test.each(CURRENCY_CODES)('is read back as it was: %s', (currency) => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_MINOR }), (minor) => {
        const text = formatDecimal(money(minor, currency))
        const decimals = text.split('.')[1] ?? ''
        return decimals.length === exponentOf(currency) && parseDecimal(text, currency).minor === minor
      }),
      { numRuns: 300 },
    )
  })
})

describe('reading minor units', () => {
  test.each([
    [1, 1n],
    [1250, 1250n],
    [100.0, 100n],
    ['1', 1n],
    ['1250', 1250n],
    [10_000_000_000_000, MAX_MINOR],
    ['10000000000000', MAX_MINOR],
  ] as [unknown, bigint][])('%j', (value, minor) => {
    expect(parseMinor(value, 'EUR')).toEqual(eur(minor))
  })

  test.each<unknown>([
    0,
    -0,
    -1,
    0.5,
    12.5,
    19.99 * 100,
    10_000_000_000_001,
    2 ** 53,
    2 ** 53 + 2,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MIN_VALUE,
    '0',
    '00',
    '-0',
    '-1',
    '+1',
    '01',
    '1.0',
    '12.50',
    '1e2',
    '',
    ' 1',
    '1 ',
    '1\n',
    '0x1',
    '１',
    '१',
    '10000000000001',
    '99999999999999',
    '1'.repeat(400),
    10n,
    null,
    undefined,
    true,
    [1],
    ['1'],
    {},
    { valueOf: () => 1 },
    new String('1'),
  ])('refuses %s', (value) => {
    const details = { field: 'order.amount', currency: 'EUR', minimum: '1', maximum: '10000000000000' }
    expect(() => parseMinor(value, 'EUR', 'order.amount')).toThrow(refused(details))
  })

  test('takes every whole number in range, as number and as text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAX_MINOR }), (minor) => {
        const asNumber = parseMinor(JSON.parse(minor.toString()), 'INR').minor
        return asNumber === minor && parseMinor(minor.toString(), 'INR').minor === minor
      }),
      { numRuns: 5_000 },
    )
  })

  test('never takes a number that is not whole', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        fc.pre(!Number.isSafeInteger(value))
        expect(() => parseMinor(value, 'EUR')).toThrow('The amount is not valid')
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('arithmetic', () => {
  test('adds, subtracts and sums', () => {
    expect(add(eur(1n), eur(2n))).toEqual(eur(3n))
    expect(subtract(eur(1n), eur(2n))).toEqual(eur(-1n))
    expect(sum([eur(1n), eur(2n), eur(3n)], 'EUR')).toEqual(eur(6n))
    expect(sum([], 'JPY')).toEqual(zero('JPY'))
  })

  test('compares', () => {
    expect([isGreater(eur(2n), eur(1n)), isGreater(eur(1n), eur(1n)), isGreater(eur(0n), eur(1n))]).toEqual([
      true,
      false,
      false,
    ])
    expect([isZero(zero('EUR')), isZero(eur(1n)), isZero(eur(-1n))]).toEqual([true, false, false])
    expect([isPositive(eur(1n)), isPositive(zero('EUR')), isPositive(eur(-1n))]).toEqual([true, false, false])
    expect([equals(eur(1n), eur(1n)), equals(eur(1n), eur(2n)), equals(eur(1n), money(1n, 'USD'))]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('never mixes currencies', () => {
    for (const combine of [add, subtract, isGreater]) {
      expect(() => combine(eur(1n), money(1n, 'USD'))).toThrow(ourBug)
    }
    expect(() => sum([eur(1n)], 'USD')).toThrow(ourBug)
  })
})

describe('allocating', () => {
  const parts = (minor: bigint, weights: bigint[]) => allocate(eur(minor), weights).map((part) => part.minor)

  test.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [5n, [3n, 7n], [2n, 3n]],
    [10n, [0n, 1n], [0n, 10n]],
    [1n, [1n, 1n], [1n, 0n]],
    [0n, [1n, 2n], [0n, 0n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [100n, [1n, 2n, 4n], [14n, 29n, 57n]],
    [7n, [5n], [7n]],
  ] as [bigint, bigint[], bigint[]][])('%s by %s', (minor, weights, expected) => {
    expect(parts(minor, weights)).toEqual(expected)
  })

  test('loses and makes nothing, and gives no part more than one unit too much', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 12 })
      .filter((list) => list.some((weight) => weight > 0n))
    fc.assert(
      fc.property(fc.bigInt({ min: -MAX_MINOR, max: MAX_MINOR }), weights, (minor, list) => {
        const split = allocate(eur(minor), list)
        const totalWeight = list.reduce((total, weight) => total + weight, 0n)
        const off = split.map((part, index) => part.minor * totalWeight - minor * (list[index] ?? 0n))
        return (
          equals(sum(split, 'EUR'), eur(minor)) &&
          split.every((part, index) => list[index] !== 0n || isZero(part)) &&
          off.every((distance) => distance < totalWeight && distance > -totalWeight)
        )
      }),
      { numRuns: 20_000 },
    )
  })

  test.each([[[]], [[0n, 0n]], [[1n, -1n]], [[2n, -1n]]])('has no answer for the weights %s', (weights) => {
    expect(() => allocate(eur(10n), weights)).toThrow(ourBug)
  })
})

describe('for people', () => {
  test.each([
    [123_456_789n, 'INR', 'en-IN', '₹12,34,567.89'],
    [10_000_000_000_000n, 'INR', 'en-IN', '₹1,00,00,00,00,000.00'],
    [9_007_199_254_740_993n, 'USD', 'en-US', '$90,071,992,547,409.93'],
    [90_071_992_547_409_931n, 'USD', 'en-US', '$900,719,925,474,099.31'],
    [-1250n, 'USD', 'en-US', '-$12.50'],
    [0n, 'USD', 'en-US', '$0.00'],
    [1250n, 'JPY', 'en-US', '¥1,250'],
    [1250n, 'EUR', 'de-DE', '12,50\u00a0€'],
    [1250n, 'HUF', 'en-US', 'HUF\u00a012.50'],
    [1250n, 'IQD', 'en-US', 'IQD\u00a01.250'],
    [1250n, 'CLF', 'en-US', 'CLF\u00a00.1250'],
    [1n, 'KWD', 'en-US', 'KWD\u00a00.001'],
  ] as const)('%s %s in %s', (minor, currency, locale, text) => {
    expect(formatForPeople(money(minor, currency), locale)).toBe(text)
  })

  test.each(['', '*', 'not a locale', 'en_US', 'x'.repeat(100)])('shows English for the locale %j', (locale) => {
    expect(formatForPeople(money(123_456n, 'USD'), locale)).toBe('$1,234.56')
  })

  test('shows every digit, and the decimals of ISO, whatever Intl thinks of the currency', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.constantFrom(...CURRENCY_CODES), (minor, currency) => {
        const amount = money(minor, currency)
        const [shown] = /[0-9][0-9.,]*/.exec(formatForPeople(amount, 'en-US')) ?? []
        return shown?.replaceAll(',', '') === formatDecimal(amount)
      }),
      { numRuns: 5_000 },
    )
  })
})
