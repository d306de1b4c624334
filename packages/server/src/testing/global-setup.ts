// Started once per test run: a private Postgres cluster and the migrated template that every test database clones.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrateSandbox } from '../sandbox-gateway/index.ts'
import { startEmbeddedPostgres } from '../store/embedded/index.ts'
import { migrate } from '../store/migrate.ts'
import { TEMPLATE } from './test-database.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'purser-test-'))
  const cluster = await startEmbeddedPostgres({
    dataDir: join(home, 'postgres'),
    // Tests of durability run clusters of their own; here many databases are made and thrown away.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  })
  const target = { host: cluster.host, port: cluster.port, user: cluster.superuser }
  const maintenance = new pg.Client({ ...target, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`create database ${TEMPLATE}`)
  await maintenance.end()
  await migrate({ ...target, database: TEMPLATE })
  const template = new pg.Pool({ ...target, database: TEMPLATE, max: 1 })
  await migrateSandbox(template)
  await template.end()
  project.provide('cluster', { host: cluster.host, port: cluster.port, superuser: cluster.superuser })
  return async () => {
    await cluster.stop()
    await rm(home, { recursive: true, force: true })
  }
}
