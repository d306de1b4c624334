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

  test('says how many cells each matrix has', () => {
    const matrices = line('matrices', { cells: 6, onPostgres: 4, byMatrix: { refund: 2, order_status: 4 } })
    const page = proofPage({ machine: '2 x any', suites: [matrices] }, { nightly: [], release: [] }, [])
    expect(page).toContain('| order status | 4 |\n| refund | 2 |')
    expect(page).toContain('Of 6 cells 4 were reached')
  })

  test('says what the generated runs drove', () => {
    const suites = [line('interleaved', { did: { pay: 7 } }), line('postgres-commands', { did: { collect: 1_200 } })]
    const page = proofPage({ machine: '2 x any', suites }, { nightly: [], release: [] }, [])
    expect(page).toContain('| collect |  | 1,200 |\n| pay | 7 |  |')
  })

  test('says so when all of it was', () => {
    const suites = Object.entries(GOALS).map(([suite, { counts, push }]) => line(suite, { [counts]: push }))
    expect(proofPage({ machine: '2 x any', suites }, { nightly: [], release: [] }, [])).toContain(
      'All of it was reached.',
    )
  })
})
