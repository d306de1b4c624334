import { expect, test } from 'vitest'
import { testsWithoutDatabase } from './tests-without-database.mjs'

test('takes what only computes and leaves what leads to Postgres', () => {
  const found = testsWithoutDatabase()
  expect(found).toContain('packages/server/src/kernel/money.test.ts')
  expect(found).toContain('tools/phase.test.mjs')
  expect(found).not.toContain('packages/server/src/store/events.test.ts')
  expect(found).not.toContain('packages/server/src/store/embedded/start.test.ts')
})
