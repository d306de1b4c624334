// What a payment becomes when gateways misbehave, told through the API of the whole server: nothing is charged twice,
// nothing is given up, nothing is decided by a timer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const statusOf = async (paymentId: string) => (await merchant.get(`/v1/payments/${paymentId}`)).body['status']
const whenStatus = (paymentId: string, status: string) =>
  eventually(async () => ((await statusOf(paymentId)) === status ? true : undefined), `${paymentId} ${status}`)

async function chargesAtGateway(reference: string): Promise<number> {
  const { rows } = await server.db.pools.owner.query('select 1 from sandbox.payments where reference = $1', [reference])
  return rows.length
}

describe('a payment', () => {
  test('is captured at once, and its order is paid', async () => {
    const { orderId, paymentId, status } = await merchant.pay()
    expect(status).toBe('captured')
    expect((await merchant.get(`/v1/orders/${orderId}`)).body).toMatchObject({
      status: 'paid',
      amount_captured: 50_000,
    })
    expect(await chargesAtGateway(paymentId)).toBe(1)
  })

  test('that is declined says why in plain words, and the order can be paid another way', async () => {
    const orderId = await merchant.order()
    const declined = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_decline_insufficient_funds' },
    })
    expect(declined.body).toMatchObject({ status: 'declined', decline: { code: 'insufficient_funds' } })
    expect((declined.body['decline'] as { message: string }).message).toMatch(/not enough money/i)
    const again = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(again.body['status']).toBe('captured')
  })

  test('whose reply is lost after the gateway applied it ends captured, once, without anyone’s help', async () => {
    const { orderId, paymentId, status } = await merchant.pay({ token: 'tok_lost_reply' })
    // The notification may already have told the outcome; until something does, it is unknown, never failed.
    expect(['unknown', 'captured']).toContain(status)
    await advanceClock(server, 60)
    await whenStatus(paymentId, 'captured')
    expect((await merchant.get(`/v1/orders/${orderId}`)).body['status']).toBe('paid')
    expect(await chargesAtGateway(paymentId)).toBe(1)
  })

  test('that the gateway certainly did not apply is failed after asking, and the order can be paid again', async () => {
    const { orderId, paymentId } = await merchant.pay({ token: 'tok_http_500_not_applied' })
    expect(await statusOf(paymentId)).toBe('unknown')
    const refused = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(refused).toMatchObject({ status: 409, body: { code: 'payment_unknown' } })
    for (let day = 0; day < 2; day += 1) await advanceClock(server, 3_600)
    await whenStatus(paymentId, 'failed')
    const again = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(again.body['status']).toBe('captured')
  })

  test('that was pending hears of its end, by notification or by asking', async () => {
    const approved = await merchant.pay({ token: 'tok_pending_approve' })
    const declined = await merchant.pay({ token: 'tok_pending_decline' })
    expect([approved.status, declined.status]).toEqual(['processing', 'processing'])
    await advanceClock(server, 60)
    await whenStatus(approved.paymentId, 'captured')
    await whenStatus(declined.paymentId, 'declined')
  })

  test('told twice and late changes once', async () => {
    const { paymentId } = await merchant.pay({ token: 'tok_duplicate_notice' })
    await eventually(async () => {
      const { rows } = await server.db.pools.owner.query(
        `select 1 from purser.notifications where status = 'applied' and convert_from(body, 'UTF8') like $1`,
        [`%${paymentId}%`],
      )
      return rows.length > 0 ? true : undefined
    }, 'the notification')
    const timeline = await merchant.get(`/v1/payments/${paymentId}/timeline`)
    expect(timeline.body['postings']).toHaveLength(1)
  })
})
