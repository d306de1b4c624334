// What the holder of a client token reads, on a real database.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SessionId } from '../kernel/ids.ts'
import { merchantClient } from '../testing/merchant-client.ts'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'
import { readSession } from './read-session.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('the order is told as its attempts stand, also when they moved between the two reads', async () => {
  const merchant = merchantClient(server)
  const orderId = await merchant.order()
  const session = await merchant.post(`/v1/orders/${orderId}/sessions`, {})
  await merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token: 'tok_approve' } })
  // What a reader sees who read the order just before the capture was committed, and the payments just after.
  await server.db.pools.owner.query("update purser.orders set status = 'processing' where id = $1", [orderId])
  const actor = {
    tenant: server.tenant,
    kind: 'session',
    id: SessionId.parse(String(session.body['id'])),
    requestId: null,
    scopes: ['session'],
  } as const
  const view = await readSession(server.runtime.deps, actor)
  expect(view.payments.map(({ status }) => status)).toEqual(['captured'])
  expect({ status: view.order.status, canPay: view.canPay }).toEqual({ status: 'paid', canPay: false })
})
