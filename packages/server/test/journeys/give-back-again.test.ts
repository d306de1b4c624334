// A second success that the gateway will not give back at once: tried again later, each time under a new name and never
// for more than there is, a few times; then a person is shown it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { clearFaults, plantFault } from '../../src/testing/gateway-faults.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import type { GatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { advanceClock, eventually, runDue } from '../../src/testing/virtual-time.ts'

type Item = Record<string, unknown>

let server: TestServer
let merchant: MerchantClient
let gateway: GatewayVoice

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  gateway = await gatewayVoice(server)
})
beforeEach(() => clearFaults(server))
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const HOUR = 3_600
const DAY = 24 * HOUR
const pay = (orderId: string, token: string) =>
  merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token } })
const payment = async (id: string) => (await merchant.get(`/v1/payments/${id}`)).body

/** Oldest first. */
async function refundsOf(paymentId: string): Promise<Item[]> {
  const { body } = await merchant.get(`/v1/refunds?payment_id=${paymentId}`)
  return (body['items'] as Item[]).toReversed()
}

/** An attempt of 500.00 INR that was declined and turns out paid, after another one paid the order. */
async function secondSuccess(refusals: number | null): Promise<string> {
  const orderId = await merchant.order()
  const first = String((await pay(orderId, 'tok_decline_do_not_honor')).body['id'])
  await pay(orderId, 'tok_approve')
  await gateway.payAfterAll(first)
  await plantFault(server, 'refund', 'refuse', refusals)
  expect(await gateway.notify(await gateway.payment(first))).toBe(200)
  await runDue(server)
  const look = async () => ((await refundsOf(first))[0]?.['status'] === 'failed' ? true : undefined)
  await eventually(look, 'the first refusal')
  return first
}

test('A give-back that is refused twice is made by the third, under its own name', async () => {
  const paymentId = await secondSuccess(2)
  expect((await refundsOf(paymentId)).map(({ status }) => status)).toEqual(['failed', 'pending'])
  // Held for the next try: nobody else gives it back as well.
  expect(await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 1, reason: 'other' })).toMatchObject({
    status: 422,
    body: { code: 'refund_exceeds_captured' },
  })
  await advanceClock(server, HOUR / 2)
  expect(await refundsOf(paymentId)).toHaveLength(2)
  await advanceClock(server, HOUR)
  expect((await refundsOf(paymentId)).map(({ status }) => status)).toEqual(['failed', 'failed', 'pending'])
  await advanceClock(server, DAY)

  const refunds = await refundsOf(paymentId)
  expect(refunds.map(({ status }) => status)).toEqual(['failed', 'failed', 'succeeded'])
  for (const refund of refunds) expect(refund).toMatchObject({ automatic: true, amount: 50_000 })
  expect(await payment(paymentId)).toMatchObject({ amount_refunded: 50_000, amount_refund_pending: 0 })
  const { rows } = await server.db.pools.owner.query(
    `select reference from refunds where payment_id = $1 and reference in (select reference from sandbox.refunds)`,
    [paymentId],
  )
  expect(rows).toHaveLength(1)
  const names = await server.db.pools.owner.query('select distinct reference from refunds where payment_id = $1', [
    paymentId,
  ])
  expect(names.rows).toHaveLength(3)
  expect((await verifyServer(server)).violations).toEqual([])
})

test('A give-back that is refused five times is shown to a person, once, and its money is free again', async () => {
  const paymentId = await secondSuccess(null)
  await advanceClock(server, 20 * DAY)
  const refunds = await refundsOf(paymentId)
  expect(refunds.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'failed'))
  expect(await payment(paymentId)).toMatchObject({ amount_refunded: 0, amount_refund_pending: 0 })
  const { conflicts } = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
  expect((conflicts as Item[]).filter(({ kind }) => kind === 'give_back_refused')).toMatchObject([
    { details: { refused: '5', not_given_back: '50000', currency: 'INR' } },
  ])
  await clearFaults(server)
  const byHand = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 50_000, reason: 'other' })
  expect(byHand.status).toBe(201)
  await runDue(server)
  expect((await verifyServer(server)).violations).toEqual([])
})
