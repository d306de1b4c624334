import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LEAST_DELAYS_MS, LEAST_SPAN_MS, nextDelayMs, readRetryAfterMs, RETRY_AFTER_MAX_MS } from './schedule.ts'

const HOUR_MS = 3_600_000
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** Fails every try of a delivery; returns the age at each try. */
function ageOfTries(fractions: () => number, retryAfterMs?: number): number[] {
  const ages = [0]
  for (;;) {
    const ageMs = ages[ages.length - 1] ?? 0
    const delayMs = nextDelayMs({ tries: ages.length, ageMs, retryAfterMs, fraction: fractions() })
    if (delayMs === undefined) return ages
    ages.push(ageMs + delayMs)
  }
}

describe('nextDelayMs', () => {
  test('makes ten tries over at least 75 hours even when jitter adds nothing', () => {
    const ages = ageOfTries(() => 0)
    expect(ages).toHaveLength(10)
    expect((ages[9] ?? 0) / HOUR_MS).toBeCloseTo(75 + 35 / 60, 1)
  })

  test('makes ten tries over 75 to 95 hours whatever the jitter', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fraction), (fractions) => {
        const ages = ageOfTries(() => fractions.next().value)
        expect(ages).toHaveLength(10)
        expect(ages[9]).toBeGreaterThanOrEqual(LEAST_SPAN_MS)
        expect(ages[9]).toBeLessThan(95 * HOUR_MS)
      }),
    )
  })

  test('draws from the whole width of each step', () => {
    for (const [index, least] of LEAST_DELAYS_MS.entries()) {
      const delay = (fraction: number) =>
        nextDelayMs({ tries: index + 1, ageMs: 0, retryAfterMs: undefined, fraction }) ?? 0
      expect(delay(0)).toBe(least)
      expect(delay(0.5)).toBe(Math.round(least * 1.125))
      expect(delay(0.999_999)).toBeGreaterThan(least * 1.249)
    }
  })

  test('does not give up a young delivery whose tries were used up by crashes', () => {
    const young = { tries: 30, ageMs: HOUR_MS, retryAfterMs: undefined, fraction: 0 }
    expect(nextDelayMs(young)).toBe(24 * HOUR_MS)
    expect(nextDelayMs({ ...young, ageMs: LEAST_SPAN_MS })).toBeUndefined()
  })

  test('waits as long as the receiver asks, up to a cap, and never less than the schedule', () => {
    const first = { tries: 1, ageMs: 0, fraction: 0 }
    expect(nextDelayMs({ ...first, retryAfterMs: 120_000 })).toBe(120_000)
    expect(nextDelayMs({ ...first, retryAfterMs: 1 })).toBe(5_000)
    expect(nextDelayMs({ ...first, retryAfterMs: 1e15 })).toBe(RETRY_AFTER_MAX_MS)
  })
})

describe('readRetryAfterMs', () => {
  const now = new Date('2026-01-02T03:04:05Z')
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:03:05 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['1e9', undefined],
    ['9999999999999', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %o as %o milliseconds', (header, expected) => {
    expect(readRetryAfterMs(header, now)).toBe(expected)
  })
})
