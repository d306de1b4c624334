// Writes packages/server/src/store/schema.sql: node --import tsx -C source tools/dump-schema.ts
// Migrates an empty database of its own and prints its catalogue; the embedded PostgreSQL brings no pg_dump.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startEmbeddedPostgres } from '../packages/server/src/store/embedded/index.ts'
import { migrate } from '../packages/server/src/store/migrate.ts'
import { printSchema } from '../packages/server/src/testing/print-schema.ts'

const TARGET = fileURLToPath(new URL('../packages/server/src/store/schema.sql', import.meta.url))

const home = await mkdtemp(join(tmpdir(), 'purser-schema-'))
const cluster = await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), settings: { fsync: 'off' } })
try {
  const target = { host: cluster.host, port: cluster.port, user: cluster.superuser, database: 'postgres' }
  await migrate(target)
  const client = new pg.Client(target)
  await client.connect()
  await writeFile(TARGET, await printSchema(client))
  await client.end()
  process.stdout.write('Written: packages/server/src/store/schema.sql\n')
} finally {
  await cluster.stop()
  await rm(home, { recursive: true, force: true })
}
