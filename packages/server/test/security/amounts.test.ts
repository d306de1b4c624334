// Every way to write an amount that is not one, on every field that takes one. Refused means: 4xx, a code, the field,
// and no trace in the database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nativeRoutes } from '../../src/dialects/native/routes.ts'
import { callApp, freshKey } from '../../src/testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../src/testing/api-setup.ts'
import { complaintAboutError } from '../../src/testing/check-reply.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let onDelivery: string
let open: string
let held: string
let captured: string
let mandate: string
let offline: string

const call = (request: ApiRequest): Promise<ApiReply> =>
  callApp(server.runtime.app, { token: server.secretKey, ...request })

async function post(path: string, body: object): Promise<Loose> {
  const { status, body: made, text } = await call({ method: 'POST', path, body })
  if (status !== 201) throw new Error(text)
  return made
}

beforeAll(async () => {
  server = await startTestServer()
  const order = (more: object) =>
    post('/v1/orders', { reference: freshKey(), amount: 50_000, currency: 'INR', ...more })
  const pay = async (more: object) =>
    (
      await post(`/v1/orders/${(await order(more)).id}/payments`, {
        instrument: { method: 'card', token: 'tok_approve' },
      })
    ).id
  open = (await order({})).id
  held = await pay({ capture: 'manual' })
  captured = await pay({})
  const cash = { instrument: { method: 'cash_on_delivery' } }
  onDelivery = (await post(`/v1/orders/${(await order({})).id}/payments`, cash)).id
  const recorded = { amount: 500, currency: 'INR', method: 'cash', received_at: '2026-01-01T00:00:00Z' }
  offline = (await post('/v1/offline-payments', recorded)).id
  const terms = { max_amount: 100_000, frequency: 'daily', ends_at: '2090-01-01T00:00:00Z' }
  const registered = await order({ mandate: terms })
  const instrument = { method: 'card', token: 'tok_approve' }
  await post(`/v1/orders/${registered.id}/payments`, { instrument })
  mandate = registered.mandate_id
})

afterAll(() => server.close())

// As they stand in the body. Those that are no JSON at all are refused as that.
const NO_JSON = [
  'NaN',
  'Infinity',
  '-Infinity',
  '+1',
  '01',
  '.5',
  '5.',
  '0x10',
  '1_000',
  '1,000',
  '１００',
  "'1'",
  'undefined',
  '--1',
  '1e',
  '1e999',
  '\\u0031',
]
const NUMBERS = [
  '0',
  '-0',
  '-1',
  '-0.5',
  '0.1',
  '1.5',
  '100.0',
  '1e2',
  '1E2',
  '1e+2',
  '1e-2',
  '10e-1',
  '0e5',
  '1e0',
  '100e0',
  '1.0e2',
  '99999999999999.99',
  '0.30000000000000004',
  '10000000000001',
  '99999999999999',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551616',
  '123456789012345678901234567890',
  '1e13',
  '1e14',
  '1e308',
  '-1e2',
  '0.0',
  '1.0000000000000001',
  '5e-324',
]
const TEXTS = [
  '',
  ' ',
  '0',
  '-0',
  '-1',
  '+1',
  '00',
  '01',
  '007',
  '1.0',
  '1.5',
  '.5',
  '5.',
  '1e2',
  '1E2',
  '1e+2',
  ' 1',
  '1 ',
  '1 000',
  '1,000',
  '1_000',
  '0x10',
  '0b1',
  '0o7',
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'true',
  'ten',
  '₹100',
  '100 INR',
  'INR 100',
  '१००',
  '１００',
  '٣',
  '1\\u0000',
  '1\\n',
  '\\t1',
  '1\\u200b',
  '10000000000001',
  '99999999999999',
  '100000000000000',
  '9007199254740993',
  '1'.repeat(15),
  '9'.repeat(400),
  "1' or '1'='1",
  '1;--',
  '--1',
  '1/*',
  '{}',
  '[1]',
  '$1',
  '1n',
]
const OTHERS = [
  'null',
  'true',
  'false',
  '[]',
  '[100]',
  '[[100]]',
  '{}',
  '{"value":100}',
  '{"minor":"100"}',
  '{"amount":100}',
  '["100"]',
]

const SPELLINGS: readonly (readonly [literal: string, code: string])[] = [
  ...NO_JSON.map((literal) => [literal, 'json_malformed'] as const),
  ...NUMBERS.map((literal) => [literal, 'amount_invalid'] as const),
  ...TEXTS.map((text) => [`"${text}"`, 'amount_invalid'] as const),
  ...OTHERS.map((literal) => [literal, 'amount_invalid'] as const),
]

const FIELDS: readonly (readonly [route: string, path: () => string, rest: string])[] = [
  ['POST /v1/orders', () => '/v1/orders', `"currency":"INR"`],
  ['POST /v1/orders/:id', () => `/v1/orders/${open}`, `"description":"x"`],
  ['POST /v1/mandates/:id/charges', () => `/v1/mandates/${mandate}/charges`, `"reference":"charge"`],
  [
    'POST /v1/mandates/:id/pre-debit-notices',
    () => `/v1/mandates/${mandate}/pre-debit-notices`,
    `"debit_day":"2089-01-01"`,
  ],
  [
    'POST /v1/payments/:id/collect',
    () => `/v1/payments/${onDelivery}/collect`,
    `"collected_at":"2026-01-01T00:00:00Z","collected_by":"Ravi"`,
  ],
  [
    'POST /v1/offline-payments',
    () => '/v1/offline-payments',
    `"currency":"INR","method":"cash","received_at":"2026-01-01T00:00:00Z"`,
  ],
  ['POST /v1/payments/:id/allocations', () => `/v1/payments/${offline}/allocations`, `"invoice_id":"I-1"`],
  ['POST /v1/refund-approval-thresholds', () => '/v1/refund-approval-thresholds', `"currency":"INR"`],
  ['POST /v1/payments/:id/capture', () => `/v1/payments/${held}/capture`, `"final":true`],
  ['POST /v1/payments/:id/refunds', () => `/v1/payments/${captured}/refunds`, `"reason":"other"`],
]

const TAKING_ANY: ReadonlySet<string> = new Set([
  'POST /v1/orders',
  'POST /v1/offline-payments',
  'POST /v1/refund-approval-thresholds',
])

test('The fields below are all that take an amount', () => {
  const taking = nativeRoutes.filter(({ body }) => Object.hasOwn((body as Loose)?.properties ?? {}, 'amount'))
  expect(taking.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(FIELDS.map(([route]) => route).sort())
})

describe.each(FIELDS)('The amount of %s', (route, path, rest) => {
  test('is refused in every spelling that is not a whole number of minor units, and leaves no trace', async () => {
    const keys: string[] = []
    const before = await trace()
    for (const [literal, code] of SPELLINGS) {
      const key = freshKey()
      keys.push(key)
      const reference = route === 'POST /v1/orders' ? `"reference":"${key}",` : ''
      const request = {
        method: 'POST',
        path: path(),
        raw: `{${reference}${rest},"amount":${literal}}`,
        idempotencyKey: key,
      }
      const reply = await call(request)
      const expected = code === 'json_malformed' ? [400, code, undefined] : [422, code, 'amount']
      expect([reply.status, reply.body.code, reply.body.field], literal).toEqual(expected)
      expect(complaintAboutError(reply), literal).toBeUndefined()
    }
    const { rowCount } = await server.db.pools.owner.query(
      `select from idempotency_keys where key = any($1) union all select from orders where reference = any($1)`,
      [keys],
    )
    expect(rowCount).toBe(0)
    expect(await trace()).toEqual(before)
  })

  test('of another currency, or of one that is none, is refused', async () => {
    const before = await trace()
    const takesAny = TAKING_ANY.has(route)
    const known = takesAny ? [] : ['USD', 'JPY']
    for (const currency of ['XXX', 'inr', 'INR ', '', 'IN', 'INRR', '₹', 'ZZZ', 'XAU', 'DEM', ...known]) {
      const reference = route === 'POST /v1/orders' ? `"reference":"${freshKey()}",` : ''
      const fields = rest.replace(/"currency":"INR",?/, '')
      const raw = `{${reference}${fields === '' ? '' : `${fields},`}"amount":100,"currency":${JSON.stringify(currency)}}`
      const reply = await call({ method: 'POST', path: path(), raw })
      expect([reply.status, reply.body.field], currency).toEqual([422, 'currency'])
      expect(complaintAboutError(reply)).toBeUndefined()
    }
    expect(await trace()).toEqual(before)
  })

  test('is refused when it stands there twice', async () => {
    const reference = route === 'POST /v1/orders' ? `"reference":"${freshKey()}",` : ''
    const raw = `{${reference}${rest},"amount":100,"\\u0061mount":1}`
    const { status, body } = await call({ method: 'POST', path: path(), raw })
    expect([status, body.code]).toEqual([400, 'json_duplicate_key'])
  })
})

test('There are more than a hundred spellings', () => {
  expect(new Set(SPELLINGS.map(([literal]) => literal)).size).toBeGreaterThan(100)
})

/** What a capture, a refund, a change or an order would have left behind. */
async function trace(): Promise<unknown> {
  const { rows } = await server.db.pools.owner.query(
    `select (select count(*) from orders) as orders, (select count(*) from refunds) as refunds,
            (select count(*) from operations) as operations, (select count(*) from idempotency_keys) as keys,
            (select sum(amount) from orders) as amount, (select count(*) from audit) as audit`,
  )
  return rows[0]
}
