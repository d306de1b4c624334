import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { startReceiver } from '../../testing/webhook-setup.ts'
import type { Receiver } from '../../testing/webhook-setup.ts'
import { DELAYS_MS } from './webhooks.ts'

let server: TestServer
let juspay: JuspayClient
let receiver: Receiver
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
  receiver = await startReceiver()
  receiver.answer((_, response) => void response.writeHead(200).end())
  const custom = { 'custom_headers.x-shop': 'tea' }
  await subscribe('/all', custom)
  await subscribe('/named', { events: 'ORDER_CREATED,ORDER_VOIDED' })
})

afterAll(async () => {
  await server.close()
  await receiver.close()
})

const freshId = () => `HOOK${String((count += 1)).padStart(6, '0')}`

async function subscribe(path: string, more: Record<string, string> = {}): Promise<Loose> {
  const form = { url: receiver.url(path), username: 'shop', password: 'open sesame', ...more }
  const reply = await juspay.post('/juspay/settings/webhooks', { form })
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

async function pay(more: Record<string, string>): Promise<Loose> {
  const order_id = freshId()
  await juspay.post('/orders', { form: { order_id, amount: '20.00' } })
  const form = { order_id, payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json', ...more }
  return (await juspay.post('/txns', { form })).body
}

async function deliveriesTo(path: string): Promise<Loose[]> {
  const { rows } = await server.db.pools.owner.query(
    `select d.status, count(a.*)::int as recorded
       from deliveries d join webhook_endpoints w on w.id = d.endpoint_id left join delivery_attempts a on a.delivery_id = d.id
      where w.url = $1 group by d.id, d.status`,
    [receiver.url(path)],
  )
  return rows
}

const bodiesFor = (path: string, orderId: string): Loose[] =>
  receiver.received
    .filter((one) => one.path === path)
    .map(({ body }) => JSON.parse(body))
    .filter(({ content }) => (content.order ?? content.txn).order_id === orderId)

/** Waits until the order was told of by all of these names, each once. */
async function told(path: string, orderId: string, names: readonly string[]): Promise<Loose[]> {
  await expect
    .poll(
      () =>
        bodiesFor(path, orderId)
          .map(({ event_name }): string => event_name)
          .toSorted((a, b) => (a < b ? -1 : 1)),
      { timeout: 10_000 },
    )
    .toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
  return bodiesFor(path, orderId)
}

describe('Webhooks in this shape', () => {
  test('tell of a charge and of its refunds, with Basic auth, own headers and the whole order', async () => {
    const { order_id } = await pay({})
    await told('/all', order_id, ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED'])
    const refund = { unique_request_id: 'WR1', amount: '20.00' }
    expect((await juspay.post(`/orders/${order_id}/refunds`, { form: refund })).status).toBe(200)
    const names = ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED', 'REFUND_INITIATED', 'ORDER_REFUNDED']
    const bodies = await told('/all', order_id, names)
    const succeeded = bodies.find(({ event_name }) => event_name === 'ORDER_SUCCEEDED')
    expect(succeeded).toEqual({
      id: expect.stringMatching(/^evt_V2_/),
      event_name: 'ORDER_SUCCEEDED',
      date_created: expect.stringMatching(/Z$/),
      content: { order: expect.objectContaining({ order_id, status: 'CHARGED', status_id: 21, amount: 20 }) },
    })
    const charged = bodies.find(({ event_name }) => event_name === 'TXN_CHARGED')
    expect(charged.content.txn).toMatchObject({ status: 'CHARGED', status_id: 21, txn_amount: 20, gateway: 'DUMMY' })
    const { headers } = receiver.received.find(({ path }) => path === '/all') ?? { headers: {} }
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from('shop:open sesame').toString('base64')}`,
      'x-shop': 'tea',
    })
    expect(headers).not.toHaveProperty('webhook-signature')
  })

  test('tell of failures and holds; names that no sample confirms go to those who asked for them', async () => {
    const failed = await pay({ card_token: 'tok_decline_insufficient_funds' })
    await told('/all', failed.order_id, ['TXN_CREATED', 'TXN_FAILED', 'ORDER_FAILED'])
    const held = await pay({ pre_auth_enabled: 'true' })
    await juspay.post(`/v2/txns/${held.txn_uuid}/void`)
    await told('/named', held.order_id, ['ORDER_CREATED', 'ORDER_VOIDED'])
    const names = bodiesFor('/all', held.order_id).map(({ event_name }) => event_name)
    expect(names).not.toContain('ORDER_CREATED')
    expect(names).not.toContain('ORDER_VOIDED')
  })

  test('come again with the same text until the answer is 200, and then no more', async () => {
    await subscribe('/picky', { events: 'ORDER_SUCCEEDED' })
    receiver.answer((request, response) => void response.writeHead(request.path === '/picky' ? 204 : 200).end())
    const { order_id } = await pay({})
    await told('/picky', order_id, ['ORDER_SUCCEEDED'])
    // Its next try is due from when the answer was recorded: only then may the clock go on.
    await expect.poll(() => deliveriesTo('/picky'), { timeout: 10_000 }).toEqual([{ status: 'pending', recorded: 1 }])
    receiver.answer((_, response) => void response.writeHead(200).end())
    await server.db.pools.owner.query(`update merchants set clock_offset = '62 seconds' where id = $1`, [
      server.merchantId,
    ])
    await expect.poll(() => bodiesFor('/picky', order_id).length, { timeout: 10_000 }).toBe(2)
    const [first, second] = bodiesFor('/picky', order_id)
    expect(second).toEqual(first)
    await expect.poll(() => deliveriesTo('/picky'), { timeout: 10_000 }).toEqual([{ status: 'delivered', recorded: 2 }])
  })

  test('are tried 16 more times over a day', () => {
    expect(DELAYS_MS).toHaveLength(16)
    expect(DELAYS_MS.reduce((total, delay) => total + delay, 0) / 60_000).toBe(1_441)
  })

  test('refuse names that nobody knows and headers that are ours', async () => {
    const form = { url: receiver.url('/x'), username: 'a', password: 'b' }
    for (const more of [{ events: 'ORDER_EATEN' }, { 'custom_headers.Authorization': 'x' }]) {
      const reply = await juspay.post('/juspay/settings/webhooks', { form: { ...form, ...more } })
      expect([reply.status, reply.body.error_info.code]).toEqual([400, 'INVALID_INPUT'])
    }
  })
})
