import { expect, test } from 'vitest'
import { tableOf, withSection } from './report.mjs'

test('a section is added once and replaced after that; the rest of the page stays', () => {
  const first = withSection('# Page\n', 'orders', 'old')
  const both = withSection(first, 'start', 'start figures')
  const again = withSection(both, 'orders', 'new')
  expect(again).toContain('<!-- bench:orders -->\nnew\n<!-- /bench:orders -->')
  expect(again).toContain('start figures')
  expect(again).not.toContain('old')
  expect(again.startsWith('# Page\n')).toBe(true)
})

test('a table has one line per figure', () => {
  expect(tableOf({ 'orders per second': '8,000' })).toBe('| | |\n|---|---|\n| orders per second | 8,000 |')
})
