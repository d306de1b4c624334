import { expect, test } from 'vitest'
import { createHistogram } from './histogram.mjs'

test('a percentile is right to 1.6 %, from microseconds to a minute', () => {
  for (const ms of [0.001, 0.05, 0.064, 0.5, 1, 7.77, 100, 1_234.567, 60_000]) {
    const histogram = createHistogram()
    histogram.record(ms)
    expect(histogram.percentile(0.5)).toBeGreaterThanOrEqual(ms - 0.001)
    expect(histogram.percentile(0.5)).toBeLessThanOrEqual(ms * 1.016)
  }
})

test('percentiles fall where they should among many values', () => {
  const histogram = createHistogram()
  for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms)
  expect(histogram.total()).toBe(1_000)
  expect(histogram.percentile(0.5)).toBeGreaterThanOrEqual(500)
  expect(histogram.percentile(0.5)).toBeLessThan(510)
  expect(histogram.percentile(0.99)).toBeGreaterThanOrEqual(990)
  expect(histogram.percentile(0.99)).toBeLessThan(1_007)
  expect(histogram.percentile(1)).toBeGreaterThanOrEqual(1_000)
})

test('what two processes counted adds up', () => {
  const [one, other] = [createHistogram(), createHistogram()]
  one.record(1)
  other.record(1_000)
  one.add(JSON.parse(JSON.stringify(other.counts)))
  expect(one.total()).toBe(2)
  expect(one.percentile(1)).toBeGreaterThanOrEqual(1_000)
})

test('nothing recorded has no percentile', () => {
  expect(createHistogram().percentile(0.5)).toBeNaN()
})
