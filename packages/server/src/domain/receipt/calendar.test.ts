import { describe, expect, test } from 'vitest'
import { dayForPeople, dayIn, financialYear, instantForPeople } from './calendar.ts'
import { receiptNumber } from './number.ts'

const KOLKATA = 'Asia/Kolkata'
const at = (text: string) => new Date(text)

describe('financialYear', () => {
  test.each([
    ['2026-03-31T23:59:59.999+05:30', '2025-26'],
    ['2026-04-01T00:00:00.000+05:30', '2026-27'],
    ['2026-03-31T18:29:59.999Z', '2025-26'],
    ['2026-03-31T18:30:00.000Z', '2026-27'],
    ['2026-01-01T00:00:00.000+05:30', '2025-26'],
    ['2026-12-31T23:59:59.999+05:30', '2026-27'],
    ['2099-04-01T00:00:00.000+05:30', '2099-00'],
  ])('turns at midnight of 1 April in the zone of the merchant: %s is in %s', (instant, year) => {
    expect(financialYear(KOLKATA, 4, at(instant))).toBe(year)
  })

  test('is the calendar year where it starts in January', () => {
    expect(financialYear('UTC', 1, at('2026-12-31T23:59:59Z'))).toBe('2026')
    expect(financialYear('UTC', 1, at('2027-01-01T00:00:00Z'))).toBe('2027')
  })

  test('follows the zone and not the server: one instant is in two years', () => {
    const instant = at('2026-03-31T20:00:00Z')
    expect(financialYear(KOLKATA, 4, instant)).toBe('2026-27')
    expect(financialYear('America/New_York', 4, instant)).toBe('2025-26')
  })
})

describe('receiptNumber', () => {
  test.each([
    ['receipt', '2026-27', 1n, 'R/26-27/000001'],
    ['refund_voucher', '2026-27', 42n, 'V/26-27/000042'],
    ['receipt', '2026', 1n, 'R/26/000001'],
    ['receipt', '2026-27', 99_999_999n, 'R/26-27/99999999'],
  ] as const)('of a %s in %s, number %d, is %s', (kind, year, count, number) => {
    expect(receiptNumber(kind, year, count)).toBe(number)
    expect(number).toMatch(/^[A-Za-z0-9/-]{1,16}$/)
  })

  test('never grows beyond sixteen characters', () => {
    expect(() => receiptNumber('receipt', '2026-27', 100_000_000n)).toThrow('Something went wrong')
  })
})

describe('Days and times', () => {
  test('are those of the merchant', () => {
    expect(dayIn(KOLKATA, at('2026-06-11T18:30:00Z'))).toBe('2026-06-12')
    expect(dayIn('America/New_York', at('2026-06-12T01:00:00Z'))).toBe('2026-06-11')
    expect(dayForPeople('2026-06-02')).toBe('2 June 2026')
    expect(instantForPeople(KOLKATA, '2026-06-11T18:35:00.000Z')).toBe('12 June 2026, 00:05 (UTC+05:30)')
    expect(instantForPeople('UTC', '2026-06-11T18:35:00.000Z')).toBe('11 June 2026, 18:35 (UTC)')
    expect(instantForPeople('America/New_York', '2026-01-02T03:04:05.999Z')).toBe('1 January 2026, 22:04 (UTC-05:00)')
  })
})
