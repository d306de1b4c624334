// Stories in which somebody comes too late: played in order, so that they end the same way every time, whatever the
// seed of their ids and tokens.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DRILLS } from '../../src/testing/simulation/drills/index.ts'
import { playDrill } from '../../src/testing/simulation/drills/stage.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'
import type { TestDatabase } from '../../src/testing/test-database.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await openTestDatabase(20)
})
afterAll(() => db.close())

describe('Nothing is done twice, undone or lost by', () => {
  test.each(DRILLS)('$name', async (drill) => {
    for (let seed = 1; seed <= 3; seed += 1) expect(await playDrill(db, drill, seed)).toEqual([])
  })
})
