// The quick suites that planted bugs have to be caught by, as a program of its own: it runs from a copy of the sources
// (test/planted), on a cluster that it is told of. Ends with 1 at the first violation, with 0 when there is none.
import { openDatabaseAt } from '../open-database.ts'
import type { ClusterAddress, TestDatabase } from '../open-database.ts'
import { DRILLS } from './drills/index.ts'
import { playDrill } from './drills/stage.ts'
import { runInterleaved } from './interleaved.ts'
import { runPostgresStreams } from './postgres-streams.ts'
import { runStream } from './stream.ts'
import { runWorld } from './world.ts'

const WORLDS = 2_500
const STREAMS = 3_000
const RUNS = 14
const STREAMS_AT_ONCE = 60

type Found = { readonly suite: string; readonly seed: number; readonly violation: string }

function inMemory(): Found | undefined {
  for (let seed = 1; seed <= STREAMS; seed += 1) {
    const [violation] = runStream(seed).violations
    if (violation !== undefined) return { suite: 'streams', seed, violation }
  }
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const [violation] = runWorld(seed).violations
    if (violation !== undefined) return { suite: 'simulation', seed, violation }
  }
  return undefined
}

async function onPostgres(db: TestDatabase): Promise<Found | undefined> {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const [violation] = (await runInterleaved(db, seed)).violations
    if (violation !== undefined) return { suite: 'interleaved', seed, violation }
  }
  // After the seeded runs: here it is the machine that decides who comes first.
  const streams = await runPostgresStreams(db, 1, STREAMS_AT_ONCE)
  if (streams.violations[0] !== undefined)
    return { suite: 'postgres-streams', seed: 1, violation: streams.violations[0] }
  return undefined
}

async function inDrills(db: TestDatabase): Promise<Found | undefined> {
  for (const drill of DRILLS) {
    const [violation] = await playDrill(db, drill)
    if (violation !== undefined) return { suite: `drills (${drill.name})`, seed: 1, violation }
  }
  return undefined
}

async function main(suite: string, address: string): Promise<Found | undefined> {
  if (suite === 'memory') return inMemory()
  const db = await openDatabaseAt(JSON.parse(address) as ClusterAddress, 30)
  try {
    return suite === 'drills' ? await inDrills(db) : await onPostgres(db)
  } finally {
    await db.close()
  }
}

const [, , suite = 'memory', address = ''] = process.argv
const found = await main(suite, address).catch((error: unknown) => {
  // What a suite does not expect to be thrown is a violation as well; a program that cannot start is not.
  return { suite, seed: 1, violation: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
})
process.stdout.write(
  found === undefined ? 'No violation.\n' : `${found.suite}, seed ${found.seed}: ${found.violation}\n`,
)
process.exit(found === undefined ? 0 : 1)
