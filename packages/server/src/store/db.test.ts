// Transactions and snapshots on a real database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'
import type { Tx } from './db.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const addCustomer = (tx: Tx, id: string) =>
  tx.query('insert into customers (merchant_id, mode, id, created_at) values ($1, $2, $3, $4)', [
    tx.tenant.merchantId,
    tx.tenant.mode,
    id,
    tx.now,
  ])
const countCustomers = async (tx: Tx) => (await tx.query('select from customers')).rowCount

describe('a snapshot', () => {
  test('tells two reads of one moment, whatever is committed between them', async () => {
    const { store } = server.runtime.deps
    const seen = await store.inSnapshot(server.tenant, async (tx) => {
      const before = await countCustomers(tx)
      await store.inTransaction(server.tenant, (other) => addCustomer(other, 'cus_between'))
      return [before, await countCustomers(tx)]
    })
    expect(seen).toEqual([0, 0])
    expect(await store.inSnapshot(server.tenant, countCustomers)).toBe(1)
  })

  test('cannot write', async () => {
    const writing = server.runtime.deps.store.inSnapshot(server.tenant, (tx) => addCustomer(tx, 'cus_never'))
    await expect(writing).rejects.toThrow(/read-only/)
  })
})

describe('a transaction', () => {
  test('leaves nothing behind when its work throws, and its tenant is forgotten with it', async () => {
    const { store } = server.runtime.deps
    const failing = store.inTransaction(server.tenant, async (tx) => {
      await addCustomer(tx, 'cus_rolled_back')
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(await store.inSnapshot(server.tenant, countCustomers)).toBe(1)
    const left = await server.db.pools.app.query(`select current_setting('app.merchant', true) as merchant`)
    expect(left.rows[0].merchant ?? '').toBe('')
  })

  test('whose statement failed is never taken for committed, even if the failure is swallowed', async () => {
    const swallowing = server.runtime.deps.store.inTransaction(server.tenant, async (tx) => {
      await tx.query('select 1 / 0').catch(() => undefined)
    })
    await expect(swallowing).rejects.toMatchObject({ code: 'internal_error' })
  })

  test('runs on the merchant’s test clock in test mode, and on real time in live mode', async () => {
    const { store } = server.runtime.deps
    await server.db.pools.owner.query(`update merchants set clock_offset = '40 days' where id = $1`, [
      server.merchantId,
    ])
    const test = await store.inSnapshot(server.tenant, async (tx) => tx.now)
    const live = await store.inSnapshot({ ...server.tenant, mode: 'live' }, async (tx) => tx.now)
    expect(Math.round((test.getTime() - live.getTime()) / 86_400_000)).toBe(40)
  })
})
