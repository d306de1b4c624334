// Thirty days of silence: the gateway took the call and never answers again. It has a server of its own, because so
// many lost answers open the circuit breaker of the account.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(() => server.close())

async function silence(call: string, times: number | null): Promise<void> {
  const { account_id, admin_token } = server.demo.sandbox
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ match: { call }, fault: 'silent', times }),
  })
  expect(response.status, await response.clone().text()).toBe(201)
}

test('a payment stays unknown through thirty days of silence, is shown as such, and blocks a second charge', async () => {
  await silence('authorize', 1)
  await silence('notification', null)
  await silence('query', null)
  const { orderId, paymentId, status } = await merchant.pay()
  expect(status).toBe('unknown')
  // Nor does a settlement file tell of it.
  await server.db.pools.owner.query(`update sandbox.steps set settlement_id = 'held back'`)

  for (let day = 0; day < 30; day += 1) await advanceClock(server, 86_400)

  const { body } = await merchant.get(`/v1/payments/${paymentId}/timeline`)
  expect(body).toMatchObject({ payment: { status: 'unknown' }, operations: [{ kind: 'authorize', status: 'unknown' }] })
  expect((await merchant.get(`/v1/orders/${orderId}`)).body['status']).toBe('processing')
  const again = await merchant.post(`/v1/orders/${orderId}/payments`, {
    instrument: { method: 'card', token: 'tok_approve' },
  })
  expect(again).toMatchObject({ status: 409, body: { code: 'payment_unknown' } })
  const { rows } = await server.db.pools.owner.query(
    'select asked, escalated_at from operations where payment_id = $1',
    [paymentId],
  )
  // Asked all the while, and a person was told; nobody gave up and nobody guessed.
  expect(rows[0].asked).toBeGreaterThanOrEqual(30)
  expect(rows[0].escalated_at).not.toBeNull()
})
