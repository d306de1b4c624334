import { expect, test } from 'vitest'
import { nextGiveBackMs } from './give-back-again.ts'

test('A refused give-back is tried four more times within five days, ever later, and then a person is asked', () => {
  const hours = [1, 2, 3, 4, 5, 6].map((refused) => {
    const waitMs = nextGiveBackMs(refused)
    return waitMs === null ? null : waitMs / 3_600_000
  })
  expect(hours).toEqual([1, 6, 24, 72, null, null])
})
