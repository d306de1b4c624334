// Stopping an attempt that waits for its payer: only the gateway's word ends it, and the payer is never left with two.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { gatewayVoice } from '../testing/gateway-voice.ts'
import type { GatewayVoice } from '../testing/gateway-voice.ts'
import { merchantClient } from '../testing/merchant-client.ts'
import type { MerchantClient } from '../testing/merchant-client.ts'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'

let server: TestServer
let merchant: MerchantClient
let gateway: GatewayVoice

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  gateway = await gatewayVoice(server)
})
afterEach(() => faults('DELETE'))
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

async function faults(method: 'POST' | 'DELETE', body?: object): Promise<void> {
  const { account_id, admin_token } = server.demo.sandbox
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}/faults`, {
    method,
    headers: {
      authorization: `Bearer ${admin_token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(response.ok, await response.clone().text()).toBe(true)
}
const trouble = (call: string, fault: string, times: number | null = 1) =>
  faults('POST', { match: { call }, fault, times })

const waiting = () => merchant.pay({ token: 'tok_3ds_approve' })
const cancel = (paymentId: string, key?: string) => merchant.post(`/v1/payments/${paymentId}/cancel`, {}, key)
const statusOf = async (paymentId: string) => (await merchant.get(`/v1/payments/${paymentId}`)).body['status']

describe('an attempt that waits for its payer', () => {
  test('is canceled at the gateway and here, and the order can be paid in another way', async () => {
    const { orderId, paymentId, status } = await waiting()
    expect(status).toBe('requires_action')
    const canceled = await cancel(paymentId)
    expect(canceled).toMatchObject({ status: 200, body: { status: 'canceled', action: null } })
    expect(await gateway.payment(paymentId)).toMatchObject({ status: 'CANCELLED' })
    const second = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(second.body).toMatchObject({ status: 'captured' })
    expect((await merchant.get(`/v1/orders/${orderId}`)).body).toMatchObject({ status: 'paid' })
  })

  test('is canceled once, however often it is asked', async () => {
    const { paymentId } = await waiting()
    expect((await cancel(paymentId)).body['status']).toBe('canceled')
    expect((await cancel(paymentId)).body['status']).toBe('canceled')
    const { body } = await merchant.get(`/v1/payments/${paymentId}/timeline`)
    const changes = body['transitions'] as readonly { to: string }[]
    expect(changes.filter(({ to }) => to === 'canceled')).toHaveLength(1)
  })

  test('that the payer approved a moment earlier is paid, not canceled', async () => {
    const { paymentId } = await waiting()
    await gateway.payAfterAll(paymentId)
    expect(await cancel(paymentId)).toMatchObject({ status: 200, body: { status: 'captured' } })
  })

  test('stays as it is where the gateway says nothing, and blocks a second one', async () => {
    const { orderId, paymentId } = await waiting()
    await trouble('cancel', 'lost_request')
    await trouble('query', 'lost_request')
    expect(await cancel(paymentId)).toMatchObject({ status: 200, body: { status: 'requires_action' } })
    const again = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(again).toMatchObject({ status: 409, body: { code: 'payment_alive' } })
    expect(await statusOf(paymentId)).toBe('requires_action')
  })

  test('is known to be canceled although the gateway’s answer was lost: it is asked', async () => {
    const { paymentId } = await waiting()
    await trouble('cancel', 'lost_reply')
    expect(await cancel(paymentId)).toMatchObject({ status: 200, body: { status: 'canceled' } })
  })

  test('of another amount, by the gateway’s word, is not believed to be canceled', async () => {
    const { paymentId } = await waiting()
    await trouble('cancel', 'wrong_amount')
    expect((await cancel(paymentId)).body['status']).toBe('unknown')
  })
})

test('what waits for nobody is refused by name', async () => {
  const { paymentId } = await merchant.pay()
  expect(await cancel(paymentId)).toMatchObject({
    status: 409,
    body: { code: 'payment_state_conflict', details: { status: 'captured' } },
  })
})

test('the payer’s page stops an attempt of its own order and of no other', async () => {
  const { orderId, paymentId } = await waiting()
  const stranger = await waiting()
  const opened = await merchant.post(`/v1/orders/${orderId}/sessions`)
  const ask = (id: string, key: string) =>
    fetch(`${server.baseUrl}/sdk/v1/payments/${id}/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(opened.body['client_token'])}`, 'idempotency-key': key },
    })
  expect((await ask(stranger.paymentId, 'cancel-of-a-stranger')).status).toBe(404)
  expect(await statusOf(stranger.paymentId)).toBe('requires_action')
  const answer = await ask(paymentId, 'cancel-of-my-own')
  expect(answer.status, await answer.clone().text()).toBe(200)
  expect(await answer.json()).toMatchObject({ id: paymentId, status: 'canceled' })
})
