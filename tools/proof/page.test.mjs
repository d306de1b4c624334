import { describe, expect, test } from 'vitest'
import { GOALS, proofPage, totalOf } from './page.mjs'

const line = (suite, more) => ({ suite, seconds: 60, ...more })

describe('The page of proofs', () => {
  test('adds the slices of a suite up', () => {
    const lines = [line('streams', { streams: 5 }), line('streams', { streams: 7 }), line('kills', { kills: 1 })]
    expect(totalOf('streams', lines)).toEqual({ reached: 12, seconds: 120, slices: 2 })
  })

  test('says plainly what was not reached', () => {
    const page = proofPage(undefined, { nightly: [line('kills', { kills: 400 })], release: [] }, ['01-a-bug.patch'])
    expect(page).toContain('kills (400 of 1,000)')
    expect(page).toContain('- 01-a-bug')
  })

  test('says so when all of it was', () => {
    const suites = Object.entries(GOALS).map(([suite, { counts, push }]) => line(suite, { [counts]: push }))
    expect(proofPage({ machine: '2 x any', suites }, { nightly: [], release: [] }, [])).toContain(
      'All of it was reached.',
    )
  })
})
