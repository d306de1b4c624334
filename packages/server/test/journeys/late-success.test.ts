// Money that turns up late, twice, or about something else. What is genuine is compared with our own row before it is
// believed; captured money is followed; a second success is given back once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import type { GatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually, runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient
let gateway: GatewayVoice

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  gateway = await gatewayVoice(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const DECLINED = 'tok_decline_do_not_honor'
const read = async (path: string) => (await merchant.get(path)).body
const pay = (orderId: string, token: string) =>
  merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token } })

async function declinedAttempt(orderId: string): Promise<string> {
  const answer = await pay(orderId, DECLINED)
  expect(answer.body['status']).toBe('declined')
  return String(answer.body['id'])
}

describe('a payment that was declined and turns out paid', () => {
  test('pays its order', async () => {
    const orderId = await merchant.order()
    const paymentId = await declinedAttempt(orderId)
    await gateway.payAfterAll(paymentId)
    expect(await gateway.notify(await gateway.payment(paymentId))).toBe(200)
    await runDue(server)
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'paid', amount_captured: 50_000 })
  })

  test('is given back once when another attempt had paid already, and the order stays paid by that one', async () => {
    const orderId = await merchant.order()
    const first = await declinedAttempt(orderId)
    const second = await pay(orderId, 'tok_approve')
    expect(second.body['status']).toBe('captured')

    await gateway.payAfterAll(first)
    const view = await gateway.payment(first)
    for (let copy = 0; copy < 3; copy += 1) expect(await gateway.notify(view)).toBe(200)
    await runDue(server)
    const payment = await eventually(async () => {
      await advanceClock(server, 10)
      const body = await read(`/v1/payments/${first}`)
      return body['amount_refunded'] === 50_000 ? body : undefined
    }, 'the second success to be given back')

    expect(payment).toMatchObject({ status: 'captured', duplicate: true, amount_refund_pending: 0 })
    const order = await read(`/v1/orders/${orderId}`)
    expect(order).toMatchObject({ status: 'paid', amount_captured: 50_000, amount_refunded: 0 })
    expect(order['refunds']).toMatchObject([
      { automatic: true, payment_id: first, amount: 50_000, status: 'succeeded' },
    ])
    const { rows } = await server.db.pools.owner.query(
      `select count(*)::int as refunds from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id where p.reference = $1`,
      [first],
    )
    expect(rows[0].refunds).toBe(1)
  })

  test('is given back when its order was canceled, and the order stays canceled', async () => {
    const orderId = await merchant.order()
    const paymentId = await declinedAttempt(orderId)
    expect((await merchant.post(`/v1/orders/${orderId}/cancel`)).status).toBe(200)
    await gateway.payAfterAll(paymentId)
    await gateway.notify(await gateway.payment(paymentId))
    await runDue(server)
    await eventually(async () => {
      await advanceClock(server, 10)
      return (await read(`/v1/payments/${paymentId}`))['amount_refunded'] === 50_000 ? true : undefined
    }, 'the money to go back')
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'canceled', amount_captured: 0 })
  })

  test('pays an order that had expired, and says that it was late', async () => {
    const { body } = await merchant.get(`/v1/orders/${await merchant.order()}`)
    const soon = new Date(Date.parse(String(body['created_at'])) + 3_600_000).toISOString()
    const orderId = await merchant.order(50_000, { expires_at: soon })
    const paymentId = await declinedAttempt(orderId)
    await advanceClock(server, 2 * 3_600)
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('expired')
    await gateway.payAfterAll(paymentId)
    await gateway.notify(await gateway.payment(paymentId))
    await runDue(server)
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'paid', paid_late: true })
  })
})

describe('a genuine notification', () => {
  test.each([
    ['one minor unit more', { amount: '500.01' }],
    ['another currency', { currency: 'USD' }],
  ])('about %s is a conflict, and pays nothing', async (_what, change) => {
    const orderId = await merchant.order()
    const paymentId = await declinedAttempt(orderId)
    await gateway.payAfterAll(paymentId)
    await gateway.notify({ ...(await gateway.payment(paymentId)), ...change })
    await runDue(server)
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({ status: 'declined', amount_captured: 0 })
    const timeline = await read(`/v1/payments/${paymentId}/timeline`)
    expect(timeline['conflicts']).toHaveLength(1)
  })

  test('about a payment that nobody knows is kept, tried again, and shown to a person in the end', async () => {
    const { paymentId } = await merchant.pay()
    const view = { ...(await gateway.payment(paymentId)), id: 'sbp_unknown', reference: 'pay_unknown' }
    const eventId = randomUUID()
    expect(await gateway.notify(view, { eventId })).toBe(200)
    const statusNow = async () => {
      const { rows } = await server.db.pools.owner.query(
        'select status from notifications where gateway_event_id = $1',
        [`sbn_${eventId.replaceAll('-', '')}`],
      )
      return rows[0]?.status as string
    }
    await runDue(server)
    expect(await statusNow()).toBe('parked')
    for (let days = 0; days < 3; days += 1) {
      for (let step = 0; step < 8; step += 1) await advanceClock(server, 12 * 3_600)
    }
    expect(await statusNow()).toBe('conflict')
  })

  test('is refused with a wrong signature, or when it is old, and stores nothing', async () => {
    const { paymentId } = await merchant.pay()
    const view = await gateway.payment(paymentId)
    const eventId = randomUUID()
    expect(await gateway.notify(view, { eventId, secret: 'ns_sandbox_'.padEnd(75, '0') })).toBe(401)
    expect(await gateway.notify(view, { eventId, ageSeconds: 301 })).toBe(401)
    const stored = 'select from notifications where gateway_event_id = $1'
    const { rowCount } = await server.db.pools.owner.query(stored, [`sbn_${eventId.replaceAll('-', '')}`])
    expect(rowCount).toBe(0)
  })
})
