import { describe, expect, test } from 'vitest'
import { countTests, summarize } from './phase.mjs'

const tests = (...statuses) => statuses.map((status) => ({ status }))
const file = (status, ...statuses) => ({ status, assertionResults: tests(...statuses) })

describe('counting', () => {
  test('adds up what passed, failed and was left out', () => {
    const found = { testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'passed', 'failed')] }
    expect(countTests(found, false)).toEqual({ passed: 3, failed: 1, skipped: 1 })
  })

  test('a file that could not be loaded is a failure', () => {
    const found = { testResults: [file('passed', 'passed'), file('failed')] }
    expect(countTests(found, false)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  test.each([
    ['nothing was reported', undefined, false],
    ['it ended badly after every test passed', { testResults: [file('passed', 'passed')] }, false],
    ['there was nothing to run', { testResults: [] }, true],
  ])('a run counts as one failure when %s', (_, found, ok) => {
    expect(countTests(found, ok).failed).toBe(1)
  })
})

describe('the summary', () => {
  const phase = { name: 'a', passed: 2, failed: 0, skipped: 0, seconds: '1.0', failures: [] }

  test('ends with the sum, as a line of its own', () => {
    const { text, ok } = summarize([phase, { ...phase, name: 'b', passed: 5 }])
    expect(text.endsWith('\n7 passed, 0 failed\n')).toBe(true)
    expect(ok).toBe(true)
  })

  test('names every failure after the table and before the sum', () => {
    const failures = ['a.test.ts > it holds: expected 1 to be 2']
    const { text } = summarize([phase, { ...phase, name: 'b', failed: 1, failures }])
    expect(text).toMatch(/\nb .*\n\n✗ a\.test\.ts > it holds: expected 1 to be 2\n\n4 passed, 1 failed\n$/)
  })

  test('does not hold with one failure', () => {
    expect(summarize([phase, { ...phase, failed: 1 }]).ok).toBe(false)
  })
})
