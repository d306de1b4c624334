import { describe, expect, test } from 'vitest'
import { CURRENCIES, CURRENCY_CODES, exponentOf, isCurrency, parseCurrency } from './currencies.ts'

type Row = {
  code: string
  numeric: string
  exponent: number | null
  name: string
  validFrom?: string
  validTo?: string
}
const rows: Row[] = Object.values(CURRENCIES)
const active = rows.filter((row) => row.validTo === undefined)
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

const exponents = (codes: string): (number | null | undefined)[] =>
  codes.split(' ').map((code) => rows.find((row) => row.code === code)?.exponent)
const allOf = (codes: string, exponent: number | null) => codes.split(' ').map(() => exponent)

describe('the table', () => {
  test('keeps every entry under its own code of three capitals', () => {
    for (const [key, row] of Object.entries<Row>(CURRENCIES)) {
      expect(row.code).toBe(key)
      expect(row.code).toMatch(/^[A-Z]{3}$/)
      expect(row.numeric).toMatch(/^\d{3}$/)
      expect(row.name.trim()).not.toBe('')
    }
  })

  test('gives no numeric code to two currencies that are current', () => {
    expect(new Set(active.map((row) => row.numeric)).size).toBe(active.length)
    // A withdrawn code may only share its number with the one that replaced it.
    const shared = rows.filter((row) => rows.some((other) => other !== row && other.numeric === row.numeric))
    expect(shared.map((row) => row.code).sort()).toEqual(['ANG', 'XCG'])
  })

  test('is the whole of list one: 178 current codes, 13 of them without a minor unit', () => {
    expect(active).toHaveLength(178)
    expect(active.filter((row) => row.exponent === null)).toHaveLength(13)
    expect(CURRENCY_CODES).toHaveLength(165)
  })

  test('dates what it dates by the calendar', () => {
    for (const row of rows) {
      for (const day of [row.validFrom, row.validTo]) if (day !== undefined) expect(day).toMatch(DAY)
    }
  })
})

describe('exponents', () => {
  test('are the ones of ISO where ICU shows none', () => {
    const icuSaysZero = 'AFN ALL AMD COP CRC HUF IDR IRR KPW LAK LBP MGA MMK PKR RSD SOS SYP TZS UZS YER'
    expect(exponents(icuSaysZero)).toEqual(allOf(icuSaysZero, 2))
    expect(exponentOf('IQD')).toBe(3)
    expect(exponentOf('UYW')).toBe(4)
  })

  test('are nothing for the currencies without a minor unit', () => {
    const codes = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
    expect(exponents(codes)).toEqual(allOf(codes, 0))
    expect(active.filter((row) => row.exponent === 0)).toHaveLength(17)
  })

  test('are three for the dinars and the rial of Oman, four for two units of account', () => {
    const three = 'BHD IQD JOD KWD LYD OMR TND'
    expect(exponents(three)).toEqual(allOf(three, 3))
    expect(active.filter((row) => row.exponent === 3)).toHaveLength(7)
    expect(exponents('CLF UYW')).toEqual([4, 4])
    expect(active.filter((row) => row.exponent === 4)).toHaveLength(2)
  })

  test('are two for funds codes, and absent for metals and test codes', () => {
    const funds = 'BOV CHE CHW COU MXV USN XAD'
    expect(exponents(funds)).toEqual(allOf(funds, 2))
    const none = 'XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'
    expect(exponents(none)).toEqual(allOf(none, null))
  })
})

describe('a currency that money can be in', () => {
  test.each(['EUR', 'INR', 'XCG', 'XAD', 'ZWG', 'SLE', 'VED', 'VES', 'BYN', 'MRU', 'STN', 'CLF'])(
    '%s is one',
    (code) => {
      expect(isCurrency(code)).toBe(true)
      expect(parseCurrency(code)).toBe(code)
    },
  )

  test.each(['ANG', 'BGN', 'HRK', 'SLL', 'VEF', 'CUC', 'ZWL', 'XAU', 'XDR', 'XTS', 'XXX'])('%s is not one', (code) => {
    expect(Object.hasOwn(CURRENCIES, code)).toBe(true)
    expect(isCurrency(code)).toBe(false)
  })

  test.each(['eur', 'EU', 'EURO', ' EUR', '', 'ABC', '978', 'toString', 'constructor', '__proto__', 'ＥＵＲ'])(
    '%j is not one',
    (text) => {
      expect(isCurrency(text)).toBe(false)
    },
  )

  test.each([undefined, null, 978, ['EUR'], { code: 'EUR' }, 'BGN'])('refuses %j by the name of its field', (value) => {
    const refusal = { code: 'currency_unknown', details: { field: 'order.currency' } }
    expect(() => parseCurrency(value, 'order.currency')).toThrow(expect.objectContaining(refusal))
  })
})
