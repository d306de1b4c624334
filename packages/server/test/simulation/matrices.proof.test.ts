// Every cell of every matrix of the domain: asked, done on Postgres, and held against what is drawn by hand.
import { reachEveryCell } from '../../src/testing/simulation/matrices/index.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { openTestDatabase } from '../../src/testing/test-database.ts'

// How many there are at least; that it is all of them, the suite finds out by itself.
const CELLS = 420

proof('matrices', { push: CELLS, nightly: CELLS, release: CELLS }, async (run) => {
  const db = await openTestDatabase(10)
  try {
    const reached = await reachEveryCell(db, run.seed)
    const cells = reached.cells()
    const faults = cells < run.goal ? [...reached.faults, `Only ${cells} cells were reached.`] : reached.faults
    if (faults.length > 0) throw violation('matrices', run.seed, faults)
    return { counts: { cells, onPostgres: reached.onPostgres(), byMatrix: reached.counts() }, seeds: 1 }
  } finally {
    await db.close()
  }
})
