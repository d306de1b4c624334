// A clone of the migrated template for whoever knows where the cluster is: test-database.ts asks Vitest for it, a
// program of its own (the planted bugs) is told by its starter.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createPool, createStore } from '../store/db.ts'
import type { ConnectionOptions, Store } from '../store/db.ts'

export type ClusterAddress = { readonly host: string; readonly port: number; readonly superuser: string }

export const TEMPLATE = 'purser_template'

export type TestDatabase = {
  readonly name: string
  readonly address: ClusterAddress
  readonly store: Store
  readonly options: ConnectionOptions
  /** `owner` is the superuser: it sees everything, for looking and for breaking things on purpose. */
  readonly pools: { readonly app: pg.Pool; readonly queue: pg.Pool; readonly sandbox: pg.Pool; readonly owner: pg.Pool }
  close(): Promise<void>
}

export async function openDatabaseAt(
  address: ClusterAddress,
  poolSize = 10,
  template = TEMPLATE,
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onMaintenance(address, `create database ${name} template ${template}`)
  const options: ConnectionOptions = {
    host: address.host,
    port: address.port,
    database: name,
    login: 'as_role',
    prepare: true,
    poolSize,
  }
  const store = createStore(options)
  const owner = new pg.Pool({
    host: address.host,
    port: address.port,
    database: name,
    user: address.superuser,
    max: 4,
    // oxlint-disable-next-line typescript/no-misused-promises -- pg-pool waits for it; its types do not say so
    onConnect: setSearchPath,
  })
  const pools = {
    app: createPool(options, 'purser_app', 'purser'),
    queue: createPool(options, 'purser_queue', 'purser'),
    sandbox: createPool(options, 'purser_sandbox', 'sandbox'),
    owner,
  }
  return {
    name,
    address,
    store,
    options,
    pools,
    close: async () => {
      await store.close()
      await Promise.all(Object.values(pools).map((pool) => pool.end()))
      // Not forced: a connection left open is a leak, and a leak is a bug worth seeing.
      await onMaintenance(address, `drop database if exists ${name}`)
    },
  }
}

export async function onMaintenance(address: ClusterAddress, sql: string): Promise<void> {
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: 'postgres',
    user: address.superuser,
  })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function setSearchPath(client: pg.ClientBase): Promise<void> {
  await client.query('set search_path = purser')
}
