// A refund beyond the threshold needs a second person: its amount is reserved, nothing is sent, and whoever asked for
// it cannot be the one who approves. The database says the same to whoever gets past the program.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKeys } from '../../src/operations/create-merchant.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let maker: MerchantClient
let checker: MerchantClient

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  maker = merchantClient(server)
  const { secretKey } = await createApiKeys(server.runtime.deps, server.tenant, 'second person')
  checker = merchantClient({ ...server, secretKey })
  expect((await maker.post('/v1/refund-approval-thresholds', { amount: 10_000, currency: 'INR' })).status).toBe(200)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const read = async (path: string) => (await maker.get(path)).body
const refund = (paymentId: string, amount: number, key?: string) =>
  maker.post(`/v1/payments/${paymentId}/refunds`, { amount, reason: 'other' }, key)

async function waiting(amount = 10_001): Promise<{ paymentId: string; refundId: string }> {
  const { paymentId } = await maker.pay()
  const { status, body } = await refund(paymentId, amount)
  expect([status, body['status']]).toEqual([201, 'awaiting_approval'])
  return { paymentId, refundId: String(body['id']) }
}

async function sentToGateway(paymentId: string): Promise<number> {
  const { rows } = await server.db.pools.owner.query(
    'select count(*)::int as n from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id where p.reference = $1',
    [paymentId],
  )
  return rows[0].n
}

describe('a refund beyond the threshold', () => {
  test('waits, holds its part of the balance, and nothing is sent, however long it waits', async () => {
    const { paymentId, refundId } = await waiting(40_000)
    await advanceClock(server, 30 * 86_400)
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({ amount_refund_pending: 40_000, amount_refunded: 0 })
    expect(await refund(paymentId, 10_001)).toMatchObject({ status: 422, body: { code: 'refund_exceeds_captured' } })
    expect(await sentToGateway(paymentId)).toBe(0)
    const list = await read('/v1/refunds?status=awaiting_approval')
    expect(list['items']).toContainEqual(
      expect.objectContaining({ id: refundId, requested_by: `key:${server.actor.id}`, decided_by: null }),
    )
    expect((await read('/v1/events?type=refund.awaiting_approval'))['items']).toContainEqual(
      expect.objectContaining({ object_id: refundId }),
    )
  })

  test('goes once a second person approves, and the audit names both', async () => {
    const { paymentId, refundId } = await waiting()
    const answer = await checker.post(`/v1/refunds/${refundId}/approve`, { note: 'Called back.' })
    expect(answer.status).toBe(200)
    const done = await eventually(async () => {
      await advanceClock(server, 60)
      const body = await read(`/v1/refunds/${refundId}`)
      return body['status'] === 'succeeded' ? body : undefined
    }, 'the refund to go through')
    expect(done['decided_by']).not.toBe(done['requested_by'])
    expect(await sentToGateway(paymentId)).toBe(1)
    const { rows } = await server.db.pools.owner.query(
      `select actor, details from audit where action = 'refund.approved' and object_id = $1`,
      [refundId],
    )
    expect(rows).toEqual([
      { actor: done['decided_by'], details: { requested_by: `key:${server.actor.id}`, note: 'Called back.' } },
    ])
  })

  test('is not sent when a second person rejects it, and its amount can be refunded again', async () => {
    const { paymentId, refundId } = await waiting(50_000)
    const answer = await checker.post(`/v1/refunds/${refundId}/reject`, {})
    expect(answer).toMatchObject({ status: 200, body: { status: 'rejected' } })
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({ amount_refund_pending: 0 })
    expect((await refund(paymentId, 10_000)).body['status']).not.toBe('awaiting_approval')
    expect((await read('/v1/events?type=refund.rejected'))['items']).toContainEqual(
      expect.objectContaining({ object_id: refundId }),
    )
  })

  test.each(['approve', 'reject'])('cannot be decided by who asked for it: %s', async (verb) => {
    const { paymentId, refundId } = await waiting()
    const answer = await maker.post(`/v1/refunds/${refundId}/${verb}`, {})
    expect(answer).toMatchObject({ status: 403, body: { code: 'second_person_needed' } })
    expect(await sentToGateway(paymentId)).toBe(0)
  })

  test('is sent once by twenty who approve at the same instant', async () => {
    const { paymentId, refundId } = await waiting()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => checker.post(`/v1/refunds/${refundId}/approve`, {})),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ code: 'refund_state_conflict' })
    }
    expect(await sentToGateway(paymentId)).toBe(1)
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({ amount_refund_pending: 10_001 })
  })

  test('is decided one way when one approves while another rejects', async () => {
    const { paymentId, refundId } = await waiting()
    const answers = await Promise.all(
      ['approve', 'reject', 'approve', 'reject'].map((verb) => checker.post(`/v1/refunds/${refundId}/${verb}`, {})),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const { status } = await read(`/v1/refunds/${refundId}`)
    expect(await sentToGateway(paymentId)).toBe(status === 'rejected' ? 0 : 1)
  })

  test('answers the same key with the same bytes', async () => {
    const { refundId } = await waiting()
    const key = randomUUID()
    const first = await checker.post(`/v1/refunds/${refundId}/approve`, {}, key)
    const again = await checker.post(`/v1/refunds/${refundId}/approve`, {}, key)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(again.body).toEqual(first.body)
  })
})

describe('the threshold', () => {
  test('itself needs nobody, and one that was decided or never waited cannot be decided', async () => {
    const { paymentId } = await maker.pay()
    const { body } = await refund(paymentId, 10_000)
    expect(body['status']).not.toBe('awaiting_approval')
    const answer = await checker.post(`/v1/refunds/${String(body['id'])}/approve`, {})
    expect(answer).toMatchObject({ status: 409, body: { code: 'refund_state_conflict' } })
  })

  test('is listed, replaced and removed, for one currency at a time', async () => {
    const set = (amount: number) => maker.post('/v1/refund-approval-thresholds', { amount, currency: 'USD' })
    expect(await set(5)).toMatchObject({ status: 200, body: { currency: 'USD', amount: 5 } })
    expect(await set(6)).toMatchObject({ body: { amount: 6 } })
    const items = (await read('/v1/refund-approval-thresholds'))['items']
    expect(items).toMatchObject([
      { currency: 'INR', amount: 10_000 },
      { currency: 'USD', amount: 6 },
    ])
    const removed = await fetch(`${server.baseUrl}/v1/refund-approval-thresholds/USD`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.secretKey}`, 'idempotency-key': randomUUID() },
    })
    expect([removed.status, await removed.json()]).toEqual([
      200,
      { object: 'refund_approval_threshold', currency: 'USD', deleted: true },
    ])
    expect((await read('/v1/refund-approval-thresholds'))['items']).toHaveLength(1)
    const bad = await maker.post('/v1/refund-approval-thresholds', { amount: 5, currency: 'XXQ' })
    expect(bad).toMatchObject({ status: 422, body: { code: 'currency_unknown', field: 'currency' } })
  })
})

describe('direct SQL as the application role', () => {
  async function asApp(sql: string, values: unknown[]): Promise<unknown> {
    const client = await server.db.pools.app.connect()
    try {
      await client.query('begin')
      await client.query(`select set_config('app.merchant', $1, true), set_config('app.mode', $2, true)`, [
        server.merchantId,
        'test',
      ])
      return await client.query(sql, values)
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  test.each([
    ['send it without a second person', `status = 'pending'`, /refund_sent_once_approved/],
    [
      'let the first person be the second',
      `status = 'pending', decided_by = requested_by`,
      /refund_decided_by_another/,
    ],
    ['reject it with nobody', `status = 'rejected'`, /refund_sent_once_approved/],
    ['fail it', `status = 'failed'`, /may not go from awaiting_approval to failed/],
    ['forget that it needs one', `needs_approval = false`, /refund_waits_only_for_approval/],
  ])('cannot %s', async (_what, change, refusal) => {
    const { refundId } = await waiting()
    const sql = `update refunds set ${change}, version = version + 1 where id = $1`
    await expect(asApp(sql, [refundId])).rejects.toThrow(refusal)
  })
})
