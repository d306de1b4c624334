// Whoever gets past the program still meets the database: as the application role, direct SQL cannot over-refund, edit
// a fact, skip a state, or see another merchant's rows.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { money } from '../../src/kernel/money.ts'
import type { PaymentId } from '../../src/kernel/ids.ts'
import { askBank } from '../../src/testing/gateway-bank.ts'
import { givenRefund } from '../../src/testing/given-payment.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { createMerchant } from '../../src/operations/create-merchant.ts'
import { eventually, runDue } from '../../src/testing/virtual-time.ts'

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
function asApp(who: Who | undefined, sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  return inTransaction(who, (client) => client.query(sql, values))
}

/** The same for several, and asks for what a commit would ask for. */
function commitAsApp(...statements: readonly string[]): Promise<unknown> {
  return inTransaction(us(), async (client) => {
    for (const statement of statements) await client.query(statement)
    await client.query('set constraints all immediate')
  })
}

async function inTransaction<T>(who: Who | undefined, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await server.db.pools.app.connect()
  try {
    await client.query('begin')
    if (who !== undefined) {
      await client.query(`select set_config('app.merchant', $1, true), set_config('app.mode', $2, true)`, [
        who.merchantId,
        who.mode,
      ])
    }
    return await work(client)
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

describe('direct SQL about what was given back', () => {
  const PENDING = 3_000
  const DISPUTED = 1_000
  let held: string
  let succeeded: string
  let pending: string
  let dispute: string

  beforeAll(async () => {
    const merchant = merchantClient(server)
    held = (await merchant.pay({ amount: 10_000 })).paymentId
    const asked = await merchant.post(`/v1/payments/${held}/refunds`, { amount: 4_000, reason: 'other' })
    succeeded = String(asked.body['id'])
    await eventually(async () => {
      const { body: refunded } = await merchant.get(`/v1/refunds/${succeeded}`)
      return refunded['status'] === 'succeeded' ? true : undefined
    }, 'the refund')
    const body = { payment: held, amount: '10.00', currency: 'INR' }
    expect((await askBank(server, '/disputes', body)).status).toBe(201)
    dispute = await eventually(async () => {
      const { items } = (await merchant.get(`/v1/disputes?payment_id=${held}`)).body as { items: { id: string }[] }
      return items[0]?.id
    }, 'the dispute')
    const amount = money(BigInt(PENDING), 'INR')
    pending = (await givenRefund(server.db, server.tenant, held as PaymentId, { amount, status: 'pending' })).id
  })

  const pay = (change: string) => `update payments set ${change}, version = version + 1 where id = '${held}'`
  const move = (id: string, change: string) => `update refunds set ${change}, version = version + 1 where id = '${id}'`
  const refund = (status: string, amount: number) =>
    `insert into refunds (merchant_id, mode, id, payment_id, order_id, reference, gateway_account_id, status, currency,
       amount, reason, created_at, updated_at)
     select merchant_id, mode, 'ref_sql', id, order_id, 'ref_sql', gateway_account_id, '${status}', currency, ${amount},
            'other', now(), now()
       from payments where id = '${held}'`
  const letGo = (change: string) => `update disputes set ${change}, version = version + 1 where id = '${dispute}'`
  const another = (sum: string) => [pay(sum), refund('pending', 2_000)]

  test('may do what adds up: this is what the refusals below are measured against', async () => {
    await commitAsApp(...another('amount_refund_pending = amount_refund_pending + 2000'))
    await commitAsApp(
      pay(`amount_refund_pending = 0, amount_refunded = amount_refunded + ${PENDING}`),
      move(pending, `status = 'succeeded', succeeded_at = now()`),
    )
    await commitAsApp(pay('amount_refund_pending = 0'), move(pending, `status = 'failed'`))
    await commitAsApp(
      pay(`amount_disputed = amount_disputed - ${DISPUTED}`),
      letGo(`status = 'won', amount_reserved = 0, decided_at = now(), due_at = null, pending_action = null`),
    )
  })

  test.each([
    ['forget what is reserved', () => [pay('amount_refund_pending = 0')]],
    ['forget it and refund again', () => another('amount_refund_pending = 2000')],
    ['lower what is refunded', () => [pay('amount_refunded = amount_refunded - 1')]],
    ['lower it and refund again', () => another('amount_refunded = 0, amount_refund_pending = 5000')],
    ['lower what is disputed', () => [pay('amount_disputed = 0')]],
    ['lower it and refund again', () => another('amount_disputed = 0, amount_refund_pending = 5000')],
    ['raise a sum that no row makes', () => [pay('amount_refunded = amount_refunded + 1')]],
    ['add a refund that no sum carries', () => [refund('pending', 1)]],
    ['add a succeeded one that no sum carries', () => [refund('succeeded', 1)]],
    ['count a refund in the wrong sum', () => [pay('amount_refunded = amount_refunded + 1'), refund('pending', 1)]],
    ['let a refund succeed beside the sum', () => [move(pending, `status = 'succeeded', succeeded_at = now()`)]],
    ['let a refund fail beside the sum', () => [move(pending, `status = 'failed'`)]],
    [
      'let a dispute be won beside the sum',
      () => [letGo(`status = 'won', amount_reserved = 0, decided_at = now(), due_at = null, pending_action = null`)],
    ],
    [
      'hide it by a change of tenant before the commit',
      () => [pay('amount_refund_pending = 0'), `select set_config('app.merchant', '', true)`],
    ],
    [
      'hide it behind temporary tables',
      () => [
        pay('amount_refund_pending = 0'),
        `create temp table refunds on commit drop as
           select * from purser.refunds where id = '${succeeded}'`,
      ],
    ],
  ])('cannot %s', async (_what, statements) => {
    await expect(commitAsApp(...statements())).rejects.toMatchObject({ code: 'PU010' })
  })

  test.each([
    ['make a refund smaller', () => [pay('amount_refunded = 1'), move(succeeded, 'amount = 1')]],
    ['move a refund to another payment', () => [move(succeeded, `payment_id = '${paymentId}'`)]],
    [
      'raise the amount that caps all',
      () => [pay('amount = 20000, amount_authorized = 20000, amount_captured = 20000')],
    ],
    ['let go of a dispute that is not won', () => [pay('amount_disputed = 0'), letGo('amount_reserved = 0')]],
  ])('cannot %s, though it would add up', async (_what, statements) => {
    await expect(commitAsApp(...statements())).rejects.toMatchObject({ code: 'PU011' })
  })

  test('cannot take a success back, whatever it puts in the way of the table of transitions', async () => {
    const back = [pay('amount_refunded = 0'), move(succeeded, `status = 'failed'`)]
    await expect(commitAsApp(...back)).rejects.toMatchObject({ code: 'PU002' })
    const shadow = `create temp table allowed_transitions on commit drop as
      select 'refund' as noun, 'succeeded' as from_status, 'failed' as to_status`
    await expect(commitAsApp(shadow, ...back)).rejects.toMatchObject({ code: 'PU002' })
  })

  test.each(['payments', 'refunds', 'disputes'])('cannot delete from %s', async (table) => {
    await expect(commitAsApp(`delete from ${table}`)).rejects.toThrow(/permission denied/)
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
