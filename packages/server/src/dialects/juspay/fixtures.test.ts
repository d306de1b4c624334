import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiReply, Loose } from '../../testing/api-setup.ts'
import { gatewayVoice } from '../../testing/gateway-voice.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayCall } from '../../testing/juspay-client.ts'
import { merchantClient } from '../../testing/merchant-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { advanceClock, eventually, runDue } from '../../testing/virtual-time.ts'

// Golden exchanges, written by hand from the description of the wire: what was there, what was asked, and the whole
// answer. fixtures/README.md says which section each is from. `{order}` is an order id of the fixture's own;
// `{merchant}` and `{base}` are the server's; `{txn_uuid}` is kept from the last step that told one. What nobody can
// know beforehand is a kind: `{id}`, `{time}`, `{token}`.
type Call = JuspayCall & { readonly method: 'GET' | 'POST'; readonly path: string }
/** Besides calls: time passes, the order is given up, the gateway finds that a refused payment was paid. */
type Event =
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'cancel' }
  | { readonly do: 'payAfterAll' }
type Step = Call | Event
type Fixture = {
  readonly about: string
  /** Sections of the description. */
  readonly wire: string
  readonly given: readonly Step[]
  readonly request: Call
  readonly response: { readonly status: number; readonly body: Loose }
}

const FOLDER = new URL('./fixtures/', import.meta.url)
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

const PAGE = /^http:\/\/127\.0\.0\.1:\d+\/v2\/pay\//.source
const KINDS: Readonly<Record<string, RegExp>> = {
  '{start}': new RegExp(`${PAGE}start/mer_[0-9a-z]+/pay_[0-9a-z]+$`),
  '{finish}': new RegExp(`${PAGE}finish/mer_[0-9a-z]+/pay_[0-9a-z]+/[A-Z0-9]+$`),
  '{ctkn}': /^ctkn_[a-z0-9]{20}$/,
  '{automatic}': /^AR[0-9a-z]{19}$/,
  '{arn}': /^[0-9A-Za-z]{10,40}$/,
  '{code}': /^[0-9A-Z]{1,10}$/,
  '{vpa}': /^[\w.-]+@[\w.-]+$/,
  '{mcc}': /^(?:\d{4})?$/,
  '{name}': /^.+$/,
  '{id}': /^[a-z]{2,5}_[0-9a-zA-Z_]{16,64}$/,
  '{time}': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '{token}': /^[a-z_]{3,24}[0-9a-f]{32,64}$/,
  '{hex}': /^[0-9a-f]{32}$/,
  '{number}': /^\d{1,20}$/,
  '{link}': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+$/,
  '{link}?mobile=true': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+\?mobile=true$/,
}

let server: TestServer
let count = 0

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

function fill<T>(value: T, words: Readonly<Record<string, string>>): T {
  const text = JSON.stringify(value).replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole)
  return JSON.parse(text) as T
}

function send({ method, path, ...call }: Call): Promise<ApiReply> {
  const client = createJuspayClient(server.runtime.app, server.secretKey)
  return method === 'GET' ? client.get(path, call) : client.post(path, call)
}

async function happen(event: Event, words: Readonly<Record<string, string>>): Promise<void> {
  if (event.do === 'advance') return advanceClock(server, event.seconds)
  const merchant = merchantClient(server)
  if (event.do === 'cancel') {
    const { body } = await merchant.get(`/v1/orders/by-reference/${words['order']}`)
    expect((await merchant.post(`/v1/orders/${String(body['id'])}/cancel`)).status).toBe(200)
    return
  }
  const gateway = await gatewayVoice(server)
  const payment = words['txn_uuid'] ?? ''
  await gateway.payAfterAll(payment)
  expect(await gateway.notify(await gateway.payment(payment))).toBe(200)
  await runDue(server)
  await eventually(async () => {
    await advanceClock(server, 10)
    const { body } = await merchant.get(`/v1/payments/${payment}`)
    return body['amount_refunded'] === body['amount'] ? body : undefined
  }, 'the money to be given back')
}

/** The answer with every value that fits the kind asked for in its place replaced by the kind's name. */
function veiled(actual: Loose, expected: Loose): Loose {
  const kind = typeof expected === 'string' ? KINDS[expected] : undefined
  if (kind?.test(String(actual))) return expected
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.map((item, index) => veiled(item, expected[index]))
  if (typeof actual !== 'object' || actual === null || typeof expected !== 'object') return actual
  return Object.fromEntries(Object.entries(actual).map(([name, item]) => [name, veiled(item, expected?.[name])]))
}

describe('The table of golden exchanges', () => {
  const table = readFileSync(new URL('README.md', FOLDER), 'utf8')
  const listed = [...table.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)]

  test('names every file, its sections and what it shows, and nothing else', () => {
    const titles = names.map((name) => name.replace('.json', '')).toSorted()
    const expected = titles.map((title) => {
      const { wire, about } = JSON.parse(readFileSync(new URL(`${title}.json`, FOLDER), 'utf8')) as Fixture
      return [title, wire, about]
    })
    expect(listed.map(([, name, wire, about]) => [name, wire, about])).toEqual(expected)
  })
})

describe('A golden exchange', () => {
  test.each(names)('%s', async (name) => {
    const fixture = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture
    const order = `GOLD${String((count += 1)).padStart(6, '0')}`
    let words: Record<string, string> = { order, merchant: server.merchantId, base: server.baseUrl }
    for (const step of fixture.given) {
      if ('do' in step) {
        await happen(step, words)
        continue
      }
      const { body, text, status } = await send(fill(step, words))
      expect(status, text).toBe(200)
      if (typeof body.txn_uuid === 'string') words = { ...words, txn_uuid: body.txn_uuid }
    }
    const reply = await send(fill(fixture.request, words))
    const expected = fill(fixture.response, words)
    expect(reply.headers['content-type']).toBe('application/json')
    expect({ status: reply.status, body: veiled(reply.body, expected.body) }).toEqual(expected)
  })
})
