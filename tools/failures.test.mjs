import { describe, expect, test } from 'vitest'
import { failuresIn, line, shown } from './failures.mjs'

const failed = (title, ...failureMessages) => ({
  status: 'failed',
  ancestorTitles: ['A refund'],
  title,
  failureMessages,
})

describe('what failed', () => {
  test('is told by file, full name and the first line of the error', () => {
    const passed = { status: 'passed', ancestorTitles: ['A refund'], title: 'is made', failureMessages: [] }
    const found = {
      testResults: [
        {
          name: '/here/packages/a.test.ts',
          status: 'failed',
          assertionResults: [
            passed,
            failed('is counted', '\u001b[31mError: expected 1 to be 2\u001b[39m\n    at a.ts:3:1'),
          ],
        },
        { name: '/here/b.test.ts', status: 'passed', assertionResults: [passed] },
      ],
    }
    expect(failuresIn(found, '/here')).toEqual([
      'packages/a.test.ts > A refund > is counted: Error: expected 1 to be 2',
    ])
  })

  test('is the file where it could not be loaded', () => {
    const unread = { name: '/here/c.test.ts', status: 'failed', message: '\nCannot find x\n  at', assertionResults: [] }
    expect(failuresIn({ testResults: [unread] }, '/here')).toEqual(['c.test.ts: Cannot find x'])
  })

  test('is nothing where there is no report', () => {
    expect(failuresIn(undefined, '/here')).toEqual([])
  })

  test('fits the end of a log', () => {
    expect(line('a', 'x'.repeat(10_000)).length).toBeLessThan(1_000)
    expect(line('a', '')).toBe('a: it failed without a word')
    const many = shown(Array.from({ length: 4_272 }, (_, at) => `test ${at}`))
    expect(many.length).toBeLessThan(100)
    expect(many.at(-1)).toBe('… and 4212 more')
  })
})
