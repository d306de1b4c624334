// What a payer's page hears of its payment without asking.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayVoice } from '../testing/gateway-voice.ts'
import { merchantClient } from '../testing/merchant-client.ts'
import type { MerchantClient } from '../testing/merchant-client.ts'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'

let server: TestServer
let merchant: MerchantClient
let closed = false

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  if (!closed) await server.close()
})

async function listen(orderId: string, paymentId: string): Promise<Response> {
  const session = await merchant.post(`/v1/orders/${orderId}/sessions`)
  return fetch(`${server.baseUrl}/sdk/v1/payments/${paymentId}/events`, {
    headers: { authorization: `Bearer ${String(session.body['client_token'])}` },
  })
}
const statusesIn = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '').status)

test('a page hears how its payment stands, then the outcome, and the stream ends', async () => {
  const { orderId, paymentId } = await merchant.pay({ token: 'tok_3ds_approve' })
  const stream = await listen(orderId, paymentId)
  expect(stream.headers.get('content-type')).toContain('text/event-stream')
  expect(stream.headers.get('cache-control')).toBe('no-store')
  const gateway = await gatewayVoice(server)
  await gateway.payAfterAll(paymentId)
  expect(await gateway.notify(await gateway.payment(paymentId))).toBe(200)
  expect(statusesIn(await stream.text())).toEqual(['requires_action', 'captured'])
})

test('a payment of somebody else is not there', async () => {
  const mine = await merchant.pay({ token: 'tok_3ds_approve' })
  const other = await merchant.pay({ token: 'tok_3ds_approve' })
  const answer = await listen(mine.orderId, other.paymentId)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'payment_not_found' })
})

test('a server that stops does not wait for its listeners', async () => {
  const { orderId, paymentId } = await merchant.pay({ token: 'tok_3ds_approve' })
  const stream = await listen(orderId, paymentId)
  const text = stream.text()
  closed = true
  await server.close()
  expect(statusesIn(await text)).toEqual(['requires_action'])
})
