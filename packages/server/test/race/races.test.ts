// Callers that meet at the same instant. Whatever they do together, the money obeys the cap and the key acts once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { Answer, MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const REASON = 'not_satisfied'
const atOnce = (ways: number, call: () => Promise<Answer>) => Promise.all(Array.from({ length: ways }, call))

describe('refunds that race', () => {
  test('never give back more than was captured, and the legal ones succeed', async () => {
    const { paymentId } = await merchant.pay({ amount: 100_00 })
    // Twenty of 9.00 against 100.00: eleven fit.
    const answers = await atOnce(20, () =>
      merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 900, reason: REASON }),
    )
    const taken = answers.filter((answer) => answer.status === 201)
    const refused = answers.filter((answer) => answer.status === 422)
    expect(taken).toHaveLength(11)
    expect(refused).toHaveLength(9)
    for (const { body } of refused) expect(body).toMatchObject({ code: 'refund_exceeds_captured' })
    await advanceClock(server, 60)
    const payment = await eventually(async () => {
      const { body } = await merchant.get(`/v1/payments/${paymentId}`)
      return body['amount_refund_pending'] === 0 ? body : undefined
    }, 'every refund to settle')
    expect(payment).toMatchObject({ amount_captured: 10_000, amount_refunded: 9_900 })
    const { rows } = await server.db.pools.owner.query(
      'select coalesce(sum(r.amount), 0)::int as total from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id where p.reference = $1',
      [paymentId],
    )
    expect(rows[0].total).toBe(9_900)
  })
})

describe('one Idempotency-Key', () => {
  test('acts once for sixty-four callers at the same instant', async () => {
    const key = randomUUID()
    const reference = `race-${key}`
    const answers = await atOnce(64, () =>
      merchant.post('/v1/orders', { reference, amount: 12_300, currency: 'INR' }, key),
    )
    const made = answers.filter((answer) => answer.status === 201)
    expect(made.length).toBeGreaterThanOrEqual(1)
    expect(new Set(made.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
    for (const answer of answers) expect([201, 409]).toContain(answer.status)
    const later = await merchant.post('/v1/orders', { reference, amount: 12_300, currency: 'INR' }, key)
    expect(later.status).toBe(201)
    expect(later.headers.get('idempotency-replayed')).toBe('true')
  })

  test('starts one payment for sixty-four callers at the same instant', async () => {
    const orderId = await merchant.order()
    const key = randomUUID()
    const answers = await atOnce(64, () =>
      merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token: 'tok_approve' } }, key),
    )
    for (const answer of answers) expect([201, 409]).toContain(answer.status)
    const { body } = await merchant.get(`/v1/orders/${orderId}`)
    expect(body).toMatchObject({ status: 'paid', amount_captured: 50_000 })
    expect(body['payments']).toHaveLength(1)
  })

  test('is refused for another body, and independent on another route', async () => {
    const key = randomUUID()
    const order = { reference: `again-${key}`, amount: 500, currency: 'INR' }
    expect((await merchant.post('/v1/orders', order, key)).status).toBe(201)
    const other = await merchant.post('/v1/orders', { ...order, amount: 501 }, key)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
  })
})

describe('attempts that race', () => {
  test('leave one alive: an order is never charged twice', async () => {
    const orderId = await merchant.order()
    const answers = await atOnce(20, () =>
      merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token: 'tok_approve' } }),
    )
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(['payment_alive', 'order_not_payable']).toContain(answer.body['code'])
    }
  })

  test('at capturing one hold capture it once', async () => {
    const { paymentId, status } = await merchant.pay({ capture: 'manual' })
    expect(status).toBe('authorized')
    const answers = await atOnce(10, () => merchant.post(`/v1/payments/${paymentId}/capture`, {}))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect((await merchant.get(`/v1/payments/${paymentId}`)).body).toMatchObject({
      status: 'captured',
      amount_captured: 50_000,
    })
  })
})
