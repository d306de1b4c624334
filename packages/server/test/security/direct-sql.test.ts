// Whoever gets past the program still meets the database: as the application role, direct SQL cannot over-refund, edit
// a fact, skip a state, or see another merchant's rows.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { createMerchant } from '../../src/operations/create-merchant.ts'
import { runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let paymentId: string

beforeAll(async () => {
  server = await startTestServer()
  const merchant = merchantClient(server)
  const paid = await merchant.pay({ amount: 10_000 })
  paymentId = paid.paymentId
  await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 4_000, reason: 'other' })
  await runDue(server)
})
afterAll(() => server.close())

type Who = { readonly merchantId: string; readonly mode: string }

/** Runs one statement as purser_app, in a transaction of `who` that is rolled back. */
async function asApp(who: Who | undefined, sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = await server.db.pools.app.connect()
  try {
    await client.query('begin')
    if (who !== undefined) {
      await client.query(`select set_config('app.merchant', $1, true), set_config('app.mode', $2, true)`, [
        who.merchantId,
        who.mode,
      ])
    }
    return await client.query(sql, values)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

const us = (): Who => server.tenant

describe('direct SQL as the application role', () => {
  test.each([
    ['refund more than was captured', 'amount_refunded = amount_captured + 1', /refunds_within_captured/],
    ['reserve more than is left', 'amount_refund_pending = amount_captured + 1', /refunds_within_captured/],
    ['capture more than is held', 'amount_captured = amount_authorized + 1', /captured_within_authorized/],
    ['hold more than the amount', 'amount_authorized = amount + 1', /authorized_within_amount/],
    [
      'forget captured money',
      'amount_captured = 0, amount_refunded = 0, amount_refund_pending = 0',
      /captured_has_money/,
    ],
  ])('cannot %s', async (_what, change, refusal) => {
    const sql = `update payments set ${change}, version = version + 1 where id = $1`
    await expect(asApp(us(), sql, [paymentId])).rejects.toThrow(refusal)
  })

  test('cannot skip a state, nor change one without its version', async () => {
    const skip = `update payments set status = 'processing', version = version + 1 where id = $1`
    await expect(asApp(us(), skip, [paymentId])).rejects.toThrow(/may not go from captured to processing/)
    const silent = `update payments set updated_at = now() where id = $1`
    await expect(asApp(us(), silent, [paymentId])).rejects.toThrow(/must grow by one/)
  })

  test.each(['postings', 'payment_transitions', 'events', 'exchanges', 'receipts', 'audit', 'delivery_attempts'])(
    'cannot edit or delete rows of %s',
    async (table) => {
      await expect(asApp(us(), `update ${table} set merchant_id = merchant_id`)).rejects.toThrow(/permission denied/)
      await expect(asApp(us(), `delete from ${table}`)).rejects.toThrow(/permission denied/)
    },
  )

  test('even the owner cannot edit a posting: a trigger stands behind the grant', async () => {
    const edit = server.db.pools.owner.query('update postings set amount = amount + 1')
    await expect(edit).rejects.toThrow(/append-only/)
  })

  test('cannot put a refund in another currency than its payment', async () => {
    const sql = `insert into refunds (merchant_id, mode, id, payment_id, order_id, reference, gateway_account_id, status,
        currency, amount, reason, created_at, updated_at)
      select merchant_id, mode, 'ref_x', id, order_id, 'ref_x', gateway_account_id, 'pending', 'USD', 1, 'other', now(), now()
        from payments where id = $1`
    await expect(asApp(us(), sql, [paymentId])).rejects.toThrow(/foreign key/)
  })

  test('cannot start a second live attempt beside one, whoever asks', async () => {
    const sql = `insert into payments (merchant_id, mode, id, order_id, gateway_account_id, origin, reference, status,
        currency, amount, capture, method, created_at, updated_at)
      select merchant_id, mode, x.id, order_id, gateway_account_id, 'ours', x.id, 'processing', currency, amount,
             'automatic', 'card', now(), now()
        from payments, (values ('pay_a'), ('pay_b')) as x (id) where payments.id = $1`
    await expect(asApp(us(), sql, [paymentId])).rejects.toThrow(/payments_one_alive/)
  })

  test('sees nothing as another merchant, as the other mode, as nobody, and as the empty string', async () => {
    const other = await createMerchant(server.runtime.deps, { name: 'Other' })
    const strangers: (Who | undefined)[] = [
      { merchantId: other, mode: 'test' },
      { merchantId: server.merchantId, mode: 'live' },
      { merchantId: '', mode: '' },
      undefined,
    ]
    for (const who of strangers) {
      for (const table of ['orders', 'payments', 'refunds', 'postings', 'events', 'credentials', 'notifications']) {
        expect((await asApp(who, `select from ${table}`)).rowCount, `${table} as ${JSON.stringify(who)}`).toBe(0)
      }
    }
    expect((await asApp(us(), 'select from payments')).rowCount).toBe(1)
  })

  test('cannot write a row for another merchant', async () => {
    const sql = `insert into customers (merchant_id, mode, id, created_at) values ('mer_other', 'test', 'cus_x', now())`
    await expect(asApp(us(), sql)).rejects.toThrow(/row-level security/)
  })

  test('cannot become the owner or switch the policies off', async () => {
    await expect(asApp(us(), 'set local role purser_owner')).rejects.toThrow(/permission denied/)
    await expect(asApp(us(), 'alter table payments disable row level security')).rejects.toThrow(/must be owner/)
  })
})

describe('the network', () => {
  test('is out of reach while a transaction is open, and in reach again afterwards', async () => {
    const { deps } = server.runtime
    const request = { method: 'GET', url: `${server.baseUrl}/health/live`, headers: {} } as const
    const inside = deps.store.inTransaction(server.tenant, () => deps.sendToMerchant(request))
    await expect(inside).rejects.toMatchObject({
      code: 'internal_error',
      internal: expect.stringMatching(/No network call/),
    })
    expect(await deps.sendToMerchant(request)).toMatchObject({ kind: 'reply', status: 200 })
  })
})
