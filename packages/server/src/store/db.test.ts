// Transactions and snapshots on a real database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MerchantId } from '../kernel/ids.ts'
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

  test('sends writes in their order, and commits only when all of them were taken', async () => {
    const { store } = server.runtime.deps
    const name = 'update customers set name = $4 where merchant_id = $1 and mode = $2 and id = $3'
    const { merchantId, mode } = server.tenant
    await store.inTransaction(server.tenant, async (tx) => {
      await addCustomer(tx, 'cus_written')
      tx.write(name, [merchantId, mode, 'cus_written', 'first'])
      tx.write(name, [merchantId, mode, 'cus_written', 'second'])
    })
    const { rows } = await server.db.pools.owner.query(`select name from customers where id = 'cus_written'`)
    expect(rows).toEqual([{ name: 'second' }])
  })

  test.each([
    ['and nothing comes after it', async () => {}],
    ['and a later statement fails because of it', (tx: Tx) => tx.query('select 1')],
    ['and its work gives up for a reason of its own', () => Promise.reject(new Error('on purpose'))],
  ])('fails with the error of a write that failed, %s', async (_, afterwards) => {
    const failing = server.runtime.deps.store.inTransaction(server.tenant, async (tx) => {
      await addCustomer(tx, 'cus_never_written')
      tx.write('select 1 / $1::int', [0])
      await afterwards(tx)
    })
    await expect(failing).rejects.toThrow('division by zero')
    const { rows } = await server.db.pools.owner.query(`select from customers where id = 'cus_never_written'`)
    expect(rows).toHaveLength(0)
  })

  test('of a merchant that does not exist is refused in test mode, where its clock would be asked', async () => {
    const nobody = { merchantId: MerchantId.create(new Date(0)), mode: 'test' } as const
    const refused = server.runtime.deps.store.inTransaction(nobody, countCustomers)
    await expect(refused).rejects.toMatchObject({ code: 'credentials_invalid' })
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
