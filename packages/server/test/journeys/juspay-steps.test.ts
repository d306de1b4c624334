// The steps of the vendor's integration (prefetch to refund; its list has no step 8) in one go, as the demo tells them,
// against a started server; then the two halves that a merchant may leave out: never asking for the status, and never
// receiving a webhook. All three end with the same truth.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../../cli/src/demo/api.ts'
import { createJuspayApi } from '../../../cli/src/demo/juspay-api.ts'
import { tellJuspayStory } from '../../../cli/src/demo/juspay-story.ts'
import { createNarrator } from '../../../cli/src/demo/narrator.ts'
import { addJuspayKeys } from '../../src/demo-juspay.ts'
import type { Loose } from '../../src/testing/api-setup.ts'
import { createJuspayClient } from '../../src/testing/juspay-client.ts'
import type { JuspayClient } from '../../src/testing/juspay-client.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'
import { startReceiver } from '../../src/testing/webhook-setup.ts'
import type { Receiver } from '../../src/testing/webhook-setup.ts'

let server: TestServer
let juspay: JuspayClient
let receiver: Receiver

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
  receiver = await startReceiver()
  receiver.answer((_, response) => void response.writeHead(200).end())
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
  await receiver.close()
})

describe('The vendor’s steps', () => {
  test('1 to 7 and 9 to 11: every claim of the demo holds, and the app hears the events in order', async () => {
    let told = ''
    const narrator = createNarrator((text) => (told += text), false)
    const { demo, merchantId } = server
    const keys = await addJuspayKeys(server.runtime, demo)
    const events = await tellJuspayStory({
      narrator,
      merchant: createJuspayApi(demo, demo.secret_key, narrator),
      app: createJuspayApi(demo, undefined, narrator),
      native: createApi(demo.base_url, demo.secret_key, narrator),
      merchantId,
      responseKey: keys.response_key,
      clientId: keys.payment_page_client_id,
      orderId: 'SEED004',
    })
    expect(narrator.failures(), told).toBe(0)
    expect([...told.matchAll(/^(\d+)\. /gm)].map(([, number]) => number)).toEqual('0 1 2 3 4 5 7 9 10 11'.split(' '))
    expect(told).toContain('(6. The events')
    expect(told.match(/✓/g)?.length).toBe(16)
    expect(events.map(({ event, payload, error }) => [event, payload['status'], error])).toEqual([
      ['initiate_result', 'success', false],
      ['show_loader', undefined, false],
      ['hide_loader', undefined, false],
      ['process_result', 'charged', false],
    ])
    // It cleans up after itself.
    expect((await merchantClient(server).get('/v1/webhook-endpoints')).body['items']).not.toContainEqual(
      expect.objectContaining({ url: expect.stringMatching(/127\.0\.0\.1:\d+\/webhooks$/) }),
    )
  })
})

const pay = async (order_id: string, card_token: string): Promise<Loose> => {
  await juspay.post('/orders', { form: { order_id, amount: '100.00' } })
  const form = { order_id, payment_method_type: 'CARD', card_token, format: 'json' }
  const { status, body, text } = await juspay.post('/txns', { form })
  expect(status, text).toBe(200)
  return body
}

const giveBack = async (order_id: string, id: string, amount: string) => {
  const reply = await juspay.post(`/orders/${order_id}/refunds`, { form: { unique_request_id: id, amount } })
  expect(reply.status, reply.text).toBe(200)
}

/** A merchant's book that is kept from webhooks alone: the last word on each order, told once, in whatever order. */
function bookOf(path: string, orderId: string): Loose {
  const book: Loose = { seen: [], state: 'NEW', refunds: {} }
  for (const { body } of receiver.received.filter((one) => one.path === path)) {
    const { id, event_name, content } = JSON.parse(body)
    if ((content.order ?? content.txn).order_id !== orderId || book.seen.includes(id)) continue
    book.seen.push(id)
    if (event_name === 'ORDER_SUCCEEDED') book.state = 'PAID'
    if (event_name === 'ORDER_FAILED' && book.state === 'NEW') book.state = 'FAILED'
    for (const { unique_request_id: name, status } of content.order?.refunds ?? []) {
      // A later event may come first: what is settled stays settled.
      if (book.refunds[name] === undefined || book.refunds[name] === 'PENDING') book.refunds[name] = status
    }
  }
  return book
}

describe('A merchant', () => {
  test('that never asks for the status knows everything from webhooks alone', async () => {
    const url = receiver.url('/alone')
    const reply = await juspay.post('/juspay/settings/webhooks', { form: { url, username: 'shop', password: 'tea' } })
    expect(reply.status, reply.text).toBe(200)
    await pay('HOOKS1', 'tok_pending_approve')
    await pay('HOOKS2', 'tok_decline_do_not_honor')
    await advanceClock(server, 10)
    await eventually(async () => (bookOf('/alone', 'HOOKS1').state === 'PAID' ? true : undefined), 'the webhook')
    await giveBack('HOOKS1', 'HR1', '30.00')
    await eventually(
      async () => (bookOf('/alone', 'HOOKS1').refunds['HR1'] === 'SUCCESS' ? true : undefined),
      'the refund',
    )
    await eventually(async () => (bookOf('/alone', 'HOOKS2').state === 'FAILED' ? true : undefined), 'the refusal')
    expect(bookOf('/alone', 'HOOKS1')).toMatchObject({ state: 'PAID', refunds: { HR1: 'SUCCESS' } })
    const asked = await server.db.pools.owner.query(
      `select o.reference, o.status, p.amount_captured, p.amount_refunded
         from orders o join payments p on p.order_id = o.id where o.reference like 'HOOKS%' order by 1`,
    )
    expect(asked.rows).toMatchObject([
      { reference: 'HOOKS1', status: 'paid', amount_captured: '10000', amount_refunded: '3000' },
      { reference: 'HOOKS2', status: 'open', amount_captured: '0' },
    ])
  })

  test('that never receives a webhook knows everything by asking', async () => {
    const heard = receiver.received.length
    const { rows } = await server.db.pools.owner.query(
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'requested' returning id`,
    )
    expect(rows.length).toBeGreaterThan(0)
    await pay('ASKS1', 'tok_pending_approve')
    await pay('ASKS2', 'tok_decline_do_not_honor')
    const statusOf = async (id: string): Promise<Loose> => (await juspay.get(`/orders/${id}`)).body
    expect((await statusOf('ASKS1')).status).toBe('AUTHORIZING')
    expect((await statusOf('ASKS2')).status).toBe('AUTHORIZATION_FAILED')
    await advanceClock(server, 10)
    await eventually(async () => ((await statusOf('ASKS1')).status === 'CHARGED' ? true : undefined), 'the charge')
    await giveBack('ASKS1', 'AR1', '30.00')
    await eventually(
      async () => ((await statusOf('ASKS1')).refunds[0].status === 'SUCCESS' ? true : undefined),
      'the refund',
    )
    expect(await statusOf('ASKS1')).toMatchObject({
      status: 'CHARGED',
      amount: 100,
      amount_refunded: 30,
      refunds: [{ unique_request_id: 'AR1', amount: 30, status: 'SUCCESS' }],
    })
    expect(receiver.received).toHaveLength(heard)
  })
})
