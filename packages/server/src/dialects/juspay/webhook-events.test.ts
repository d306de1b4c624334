// Every event of this API, by what causes it: the cause is played over HTTP against the sandbox gateway, one event is
// stored with the whole body that the golden file says, and a receiver that answers 200 gets that body once.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Loose } from '../../testing/api-setup.ts'
import { fill, firstWords, goldenPlayer, veiled } from '../../testing/golden-exchange.ts'
import type { GoldenStep, Words } from '../../testing/golden-exchange.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { eventually } from '../../testing/virtual-time.ts'
import { startReceiver } from '../../testing/webhook-setup.ts'
import type { Receiver } from '../../testing/webhook-setup.ts'

// Confirmed by public samples (wire juspay 6.3).
const CONFIRMED = [
  'ORDER_SUCCEEDED',
  'ORDER_FAILED',
  'TXN_CREATED',
  'TXN_CHARGED',
  'TXN_FAILED',
  'REFUND_INITIATED',
  'AUTO_REFUND_INITIATED',
  'ORDER_REFUNDED',
  'ORDER_REFUND_FAILED',
  'REFUND_MANUAL_REVIEW_NEEDED',
  'AUTO_REFUND_SUCCEEDED',
  'AUTO_REFUND_FAILED',
  'MANDATE_CREATED',
  'MANDATE_ACTIVATED',
  'MANDATE_FAILED',
  'MANDATE_REVOKED',
  'MANDATE_PAUSED',
  'MANDATE_EXPIRED',
  'NOTIFICATION_SUCCEEDED',
  'NOTIFICATION_FAILED',
  'ORDER_AUTHORIZED',
] as const
const BY_NAME = [
  'ORDER_CREATED',
  'ORDER_PARTIAL_CHARGED',
  'ORDER_VOIDED',
  'ORDER_VOID_FAILED',
  'ORDER_CAPTURE_FAILED',
] as const

type Golden = { readonly about: string; readonly given: readonly GoldenStep[]; readonly body: Loose }
type Stored = { readonly id: string; readonly status: string; readonly tries: number; readonly body: string }

const FOLDER = new URL('./fixtures/', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'))

let server: TestServer
let receiver: Receiver
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  receiver = await startReceiver()
  receiver.answer((_, response) => void response.writeHead(200).end())
  await subscribe('/confirmed', {})
  await subscribe('/by-name', { events: BY_NAME.join(',') })
})

afterAll(async () => {
  await server.close()
  await receiver.close()
})

async function subscribe(path: string, more: Record<string, string>): Promise<void> {
  const juspay = createJuspayClient(server.runtime.app, server.secretKey)
  const form = { url: receiver.url(path), username: 'shop', password: 'open sesame', ...more }
  const reply = await juspay.post('/juspay/settings/webhooks', { form: { ...form, 'custom_headers.x-shop': 'tea' } })
  expect(reply.status, reply.text).toBe(200)
}

/** `{ like, but }` is the whole order of that golden exchange, with these members instead of its own. */
function unfolded(body: Loose): Loose {
  const { order } = body.content
  if (order?.like === undefined) return body
  const like = read(`${order.like}.json`).response.body
  return { ...body, content: { order: { ...like, ...order.but } } }
}

const subjectOf = ({ order, txn, mandate, notification }: Loose): string =>
  notification === undefined ? (order ?? txn ?? mandate).order_id : notification.object_reference_id.slice(1)

/** Deliveries to this address with this name about this order. */
async function stored(path: string, name: string, words: Words): Promise<readonly Stored[]> {
  const { rows } = await server.db.pools.owner.query<Stored>(
    `select e.id, d.status, d.tries, d.body from deliveries d
       join events e on e.merchant_id = d.merchant_id and e.mode = d.mode and e.id = d.event_id
       join webhook_endpoints w on w.merchant_id = d.merchant_id and w.mode = d.mode and w.id = d.endpoint_id
      where w.url = $1 and d.body::jsonb ->> 'event_name' = $2 order by e.id`,
    [receiver.url(path), name],
  )
  return rows.filter(({ body }) => subjectOf(JSON.parse(body).content) === words['order'])
}

describe('The golden events', () => {
  test('are the 21 that are confirmed and the 5 that are sent by name', () => {
    const files = readdirSync(new URL('webhooks/', FOLDER)).map((file) => file.replace('.json', ''))
    expect(files.toSorted()).toEqual([...CONFIRMED, ...BY_NAME].toSorted())
    expect(CONFIRMED).toHaveLength(21)
  })
})

describe('An event', () => {
  const rows = [
    ...CONFIRMED.map((name) => [name, '/confirmed'] as const),
    ...BY_NAME.map((name) => [name, '/by-name'] as const),
  ]

  test.each(rows)('%s is stored once, in shape, and delivered once', async (name, path) => {
    const golden = read(`webhooks/${name}.json`) as Golden
    const order = `EVT${String((count += 1)).padStart(6, '0')}`
    const words = await goldenPlayer(server).play(golden.given, await firstWords(server, order))

    const delivered = await eventually(async () => {
      const found = await stored(path, name, words)
      return found.some(({ status }) => status === 'delivered') ? found : undefined
    }, `${name} of ${order} at ${path}`)
    expect(delivered).toMatchObject([{ status: 'delivered', tries: 1 }])
    const [{ id, body }] = delivered as [Stored]
    const expected = fill(unfolded(golden.body), words)
    expect(veiled(JSON.parse(body), expected)).toEqual(expected)
    expect(JSON.parse(body).id).toBe(id.replace(/^evt_/, 'evt_V2_'))

    const received = receiver.received.filter((one) => one.path === path && one.body === body)
    expect(received).toHaveLength(1)
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from('shop:open sesame').toString('base64')}`,
      'x-shop': 'tea',
    })
  })

  test('that is sent by name goes to nobody who asked for no names', () => {
    const names = receiver.received
      .filter(({ path }) => path === '/confirmed')
      .map(({ body }): string => JSON.parse(body).event_name)
    expect(names.filter((name) => BY_NAME.some((one) => one === name))).toEqual([])
  })
})
