// kill -9 of the server a hundred times under load, and of Postgres five times, on one database that keeps its promises
// to the disk. The shop keeps a book of what was acknowledged; after every kill the next start must have all of it, and
// at the end both judges look at what there is.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { judge } from '../../src/testing/simulation/judge.ts'
import { readBooks } from '../../src/testing/simulation/postgres-books.ts'
import { proof, violation } from '../../src/testing/simulation/proof.ts'
import { seededChance } from '../../src/testing/simulation/seeded-chance.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded/index.ts'
import type { EmbeddedCluster } from '../../src/store/embedded/index.ts'
import { verifyAll } from '../../src/verify/verify.ts'
import { servePurser } from './served-purser.ts'
import { findDifferences, openShop } from './shop.ts'
import type { Shop } from './shop.ts'

const CUSTOMERS = 4
const EVERY_POSTGRES = 20
const DATABASE = 'purser'

proof('kills', { push: 100, nightly: 1_000, release: 10_000 }, async (run) => {
  const home = await mkdtemp(join(tmpdir(), 'purser-kills-'))
  const chance = seededChance(run.seed)
  const count = { kills: 0, postgresKills: 0, acknowledged: 0 }
  let cluster = await startCluster(home)
  try {
    await createDatabase(cluster)
    // One shop per kill: each looks after what was acknowledged to it, before and after the next start.
    let last: Shop | undefined
    while (count.kills < run.goal && !run.isOver()) {
      const server = await servePurser(join(home, 'server'), urlOf(cluster))
      const faults = last === undefined ? [] : await findDifferences(last, server)
      if (faults.length > 0)
        throw violation('kills', run.seed, [`after kill ${count.kills}: ${JSON.stringify(faults[0])}`])
      last = openShop()
      const shift = last.open(server, CUSTOMERS)
      await shift.served(1)
      await sleep(chance.between(5, 300))
      const isPostgresToo = count.kills % EVERY_POSTGRES === EVERY_POSTGRES - 1
      if (isPostgresToo) process.kill(cluster.pid, 'SIGKILL')
      await server.kill()
      await shift.stop()
      if (isPostgresToo) {
        // It is dead; this lets go of its directory.
        await cluster.stop()
        cluster = await startCluster(home)
        count.postgresKills += 1
      }
      count.kills += 1
      count.acknowledged += last.acknowledged.payments.length
      run.progress(`${count.kills} kills, ${count.acknowledged} payments acknowledged`)
    }
    const faults = await judgeAll(home, cluster, last)
    if (faults.length > 0) throw violation('kills', run.seed, faults)
  } finally {
    await cluster.stop()
    await rm(home, { recursive: true, force: true })
  }
  return { counts: count, seeds: 1 }
})

const startCluster = (home: string) => startEmbeddedPostgres({ dataDir: join(home, 'database', 'postgres') })

function urlOf({ host, port, superuser, password }: EmbeddedCluster): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return `postgres://${superuser}${secret}@/${DATABASE}?host=${encodeURIComponent(host)}&port=${port}`
}

async function createDatabase(cluster: EmbeddedCluster): Promise<void> {
  const { host, port, superuser: user, password } = cluster
  const client = new pg.Client({
    host,
    port,
    user,
    database: 'postgres',
    ...(password === undefined ? {} : { password }),
  })
  await client.connect()
  await client.query(`create database ${DATABASE}`)
  await client.end()
}

/** What was left open is asked about by the next start; then nothing may be missing in either judge's eyes. */
async function judgeAll(home: string, cluster: EmbeddedCluster, last: Shop | undefined): Promise<string[]> {
  const server = await servePurser(join(home, 'server'), urlOf(cluster))
  const owner = new pg.Pool({ connectionString: urlOf(cluster), max: 8 })
  try {
    const differences = last === undefined ? [] : await findDifferences(last, server)
    const books = await readBooks(owner, server.merchantId)
    const client = await owner.connect()
    const report = await verifyAll(client).finally(() => client.release())
    return [
      ...differences.map((difference) => JSON.stringify(difference)),
      ...judge(books),
      ...report.violations.map(({ invariant, object, what }) => `${invariant} ${object}: ${what}`),
    ]
  } finally {
    await owner.end()
    await server.kill()
  }
}
