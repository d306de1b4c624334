// The calendar of mandates by example, and by property over thousands of days: periods of one frequency tile the
// calendar, and the days that a rule leaves always lie inside their period.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, dayOf, daysAllowed, isDay, periodOf, startOf } from './calendar.ts'
import { DAY_RULES, FREQUENCIES } from './mandate.ts'

describe('A day', () => {
  test('is the one in the merchant’s zone', () => {
    const instant = new Date('2026-11-20T18:30:00Z')
    expect(dayOf('Asia/Kolkata', instant)).toBe('2026-11-21')
    expect(dayOf('UTC', instant)).toBe('2026-11-20')
    expect(startOf('Asia/Kolkata', '2026-11-21').toISOString()).toBe('2026-11-20T18:30:00.000Z')
  })

  test('begins at the first instant that exists where a clock change swallows midnight', () => {
    expect(startOf('America/Sao_Paulo', '2018-11-04').toISOString()).toBe('2018-11-04T03:00:00.000Z')
  })

  test.each([
    ['2028-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-1-1', false],
    ['today', false],
  ])('%s exists: %s', (text, exists) => expect(isDay(text)).toBe(exists))
})

describe('The period of a day', () => {
  test.each([
    ['one_time', '2026-11-20', 'once', '0001-01-01', '9999-12-31'],
    ['daily', '2026-11-20', '2026-11-20', '2026-11-20', '2026-11-20'],
    ['weekly', '2026-11-20', '2026-W47', '2026-11-16', '2026-11-22'],
    ['weekly', '2027-01-01', '2026-W53', '2026-12-28', '2027-01-03'],
    ['weekly', '2024-12-31', '2025-W01', '2024-12-30', '2025-01-05'],
    ['fortnightly', '2026-02-15', '2026-02-F1', '2026-02-01', '2026-02-15'],
    ['fortnightly', '2026-02-16', '2026-02-F2', '2026-02-16', '2026-02-28'],
    ['monthly', '2026-11-20', '2026-11', '2026-11-01', '2026-11-30'],
    ['bimonthly', '2026-11-20', '2026-B6', '2026-11-01', '2026-12-31'],
    ['quarterly', '2026-11-20', '2026-Q4', '2026-10-01', '2026-12-31'],
    ['half_yearly', '2026-06-30', '2026-H1', '2026-01-01', '2026-06-30'],
    ['yearly', '2026-11-20', '2026', '2026-01-01', '2026-12-31'],
  ] as const)('%s of %s is %s', (frequency, day, key, first, last) => {
    expect(periodOf(frequency, day)).toEqual({ key, first, last })
  })

  test('does not exist for as_presented', () => expect(periodOf('as_presented', '2026-11-20')).toBeNull())
})

describe('The days that a rule leaves', () => {
  const days = (
    frequency: (typeof FREQUENCIES)[number],
    rule: (typeof DAY_RULES)[number],
    day: number,
    of: string,
    firstDay = '2026-01-10',
  ) => {
    const period = periodOf(frequency, of)
    const { first, last } = daysAllowed(frequency, { rule, day }, firstDay, period ?? { key: '', first: of, last: of })
    return `${first}..${last}`
  }

  test.each([
    ['monthly', 'on', 31, '2026-02-10', '2026-02-28..2026-02-28'],
    ['monthly', 'on', 31, '2028-02-10', '2028-02-29..2028-02-29'],
    ['monthly', 'before', 5, '2026-11-20', '2026-11-01..2026-11-05'],
    ['monthly', 'after', 30, '2026-02-10', '2026-02-28..2026-02-28'],
    ['weekly', 'on', 1, '2026-11-20', '2026-11-16..2026-11-16'],
    ['weekly', 'after', 7, '2026-11-20', '2026-11-22..2026-11-22'],
    ['fortnightly', 'on', 16, '2026-02-20', '2026-02-28..2026-02-28'],
    ['fortnightly', 'before', 3, '2026-02-20', '2026-02-16..2026-02-18'],
    ['yearly', 'on', 15, '2026-11-20', '2026-01-15..2026-01-15'],
  ] as const)('%s %s %i around %s: %s', (frequency, rule, day, of, expected) => {
    expect(days(frequency, rule, day, of)).toBe(expected)
  })

  test('lie in the month that stands where the mandate’s first one stood in its period', () => {
    expect(days('quarterly', 'on', 31, '2026-11-20', '2025-02-03')).toBe('2026-11-30..2026-11-30')
    expect(days('yearly', 'on', 29, '2026-11-20', '2024-02-29')).toBe('2026-02-28..2026-02-28')
    expect(days('bimonthly', 'after', 10, '2026-11-20', '2025-06-01')).toBe('2026-12-10..2026-12-31')
  })
})

const day = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1990-01-01', days))
const periodic = fc.constantFrom(...FREQUENCIES.filter((one) => one !== 'as_presented' && one !== 'one_time'))

const ruled = periodic.filter((one) => one !== 'daily')

test('Periods of one frequency tile the calendar: each day in one, each followed by another', () => {
  fc.assert(
    fc.property(periodic, day, (frequency, of) => {
      const period = periodOf(frequency, of)
      expect(period).not.toBeNull()
      if (period === null) return
      expect(period.first <= of && of <= period.last).toBe(true)
      expect(periodOf(frequency, period.first)).toEqual(period)
      expect(periodOf(frequency, period.last)).toEqual(period)
      expect(periodOf(frequency, addDays(period.last, 1))?.first).toBe(addDays(period.last, 1))
      expect(periodOf(frequency, addDays(period.last, 1))?.key).not.toBe(period.key)
    }),
    { numRuns: 600 },
  )
})

test('A rule always leaves at least one day, and none outside the period', () => {
  const rules = fc.record({ rule: fc.constantFrom(...DAY_RULES), day: fc.integer({ min: 1, max: 31 }) })
  fc.assert(
    fc.property(ruled, rules, day, day, (frequency, rule, first, of) => {
      const period = periodOf(frequency, of)
      if (period === null) return
      const days = daysAllowed(frequency, rule, first, period)
      expect(period.first <= days.first && days.first <= days.last && days.last <= period.last).toBe(true)
    }),
    { numRuns: 600 },
  )
})
