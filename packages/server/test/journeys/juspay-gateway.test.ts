// Purser in front of Juspay, whose part a second Purser plays: two databases, real HTTP, and lines that fail. However
// the news travels, both books end alike, and no money moves twice.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectGatewayAccount } from '../../src/operations/create-merchant.ts'
import type { Loose } from '../../src/testing/api-setup.ts'
import { startTwoPursers } from '../../src/testing/two-pursers.ts'
import type { TwoPursers } from '../../src/testing/two-pursers.ts'

let two: TwoPursers

beforeAll(async () => {
  two = await startTwoPursers()
}, 60_000)
afterAll(async () => {
  expect(two.shop.errors).toEqual([])
  expect(two.gateway.errors).toEqual([])
  await two.close()
})

const PAGE = { instrument: { method: 'gateway_page' } }
const card = (token: string) => ({ method: 'card', token })

async function opened(amount = 50_000): Promise<Loose> {
  const order = await two.merchant.order(amount)
  const { status, body } = await two.merchant.post(`/v1/orders/${order}/payments`, PAGE)
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}
const payment = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/payments/${id}`)).body
const order = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/orders/${id}`)).body
const attempts = async (orderId: string): Promise<Loose[]> =>
  (await two.merchant.get(`/v1/payments?order_id=${orderId}`)).body['items'] as Loose[]
const refundsThere = async (reference: string): Promise<Loose[]> => (await two.orderThere(reference)).refunds ?? []

async function paid(amount = 50_000): Promise<Loose> {
  const { id, action } = await opened(amount)
  expect((await two.payAt(action.url, card('tok_approve'))).status).toBe('captured')
  await two.advance(15)
  const now = await payment(id)
  expect(now.status).toBe('captured')
  return now
}

/** An order that the gateway holds the money of, as an account with pre-authorisation does. */
async function held(amount = 50_000): Promise<Loose> {
  const { id, reference } = await opened(amount)
  const txn = await two.juspay('POST', '/txns', {
    order_id: reference,
    payment_method_type: 'CARD',
    card_token: 'tok_approve',
    pre_auth_enabled: 'true',
    format: 'json',
  })
  expect(txn.status).toBe('AUTHORIZED')
  await two.advance(15)
  const now = await payment(id)
  expect(now).toMatchObject({ status: 'authorized', amount_authorized: amount, amount_captured: 0 })
  return now
}

async function refunded(of: Loose, amount: number): Promise<Loose> {
  const { body } = await two.merchant.post(`/v1/payments/${of.id}/refunds`, { amount, reason: 'not_satisfied' })
  return body
}
const refund = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/refunds/${id}`)).body

async function booksAgree(): Promise<void> {
  const { shop, gateway } = await two.verify()
  expect(shop.violations).toEqual([])
  expect(gateway.violations).toEqual([])
}

describe('By status alone', () => {
  test('a payment is opened, paid on the gateway’s page, asked for, and captured', async () => {
    const made = await opened()
    expect(made).toMatchObject({ status: 'requires_action', method: 'gateway_page', action: { type: 'redirect' } })
    expect(made.reference).toMatch(/^[0-9a-z]{18}$/)
    expect((await two.payAt(made.action.url, card('tok_approve'))).status).toBe('captured')
    expect((await payment(made.id)).status).toBe('requires_action')
    await two.advance(15)
    expect(await payment(made.id)).toMatchObject({
      status: 'captured',
      amount_captured: 50_000,
      facts: { network: 'visa', last_four: '0001' },
    })
    expect(await order(made.order_id)).toMatchObject({ status: 'paid' })
    await booksAgree()
  })

  test('a refused try is kept beside, once, and the payer tries again on the page', async () => {
    const made = await opened()
    const no = await two.payAt(made.action.url, card('tok_decline_insufficient_funds'))
    expect(no.status).toBe('declined')
    await two.advance(15)
    await two.advance(40)
    expect(await payment(made.id)).toMatchObject({ status: 'requires_action', action: { type: 'redirect' } })
    expect(await order(made.order_id)).toMatchObject({ status: 'processing' })
    const again = await payment(made.id)
    expect((await two.payAt(again.action.url, card('tok_approve'))).status).toBe('captured')
    await two.advance(200)
    expect(await payment(made.id)).toMatchObject({ status: 'captured', amount_captured: 50_000 })
    expect(await attempts(made.order_id)).toMatchObject([
      { origin: 'gateway', status: 'declined', decline: { code: 'insufficient_funds' }, amount_captured: 0 },
      { origin: 'ours', status: 'captured' },
    ])
    await booksAgree()
  })

  test('a page on which nobody pays shuts, and the order can be paid another way', async () => {
    const made = await opened()
    await two.advance(29 * 60)
    expect((await payment(made.id)).status).toBe('requires_action')
    const second = await two.merchant.post(`/v1/orders/${made.order_id}/payments`, PAGE)
    expect([second.status, second.body['code']]).toEqual([409, 'payment_alive'])
    await two.advance(2 * 3_600)
    expect((await payment(made.id)).status).toBe('expired')
    expect((await order(made.order_id)).status).toBe('open')
    const other = await two.merchant.post(`/v1/orders/${made.order_id}/payments`, PAGE)
    expect(other.status).toBe(201)
    await booksAgree()
  })

  test('a capture for later is refused before anything is sent', async () => {
    const id = await two.merchant.order(50_000, { capture: 'manual' })
    const { status, body } = await two.merchant.post(`/v1/orders/${id}/payments`, PAGE)
    expect([status, body['code']]).toEqual([422, 'not_supported_by_gateway'])
    expect(await attempts(id)).toEqual([])
  })
})

describe('An account', () => {
  const good = {
    base_url: 'https://sandbox.juspay.in',
    merchant_id: 'teahouse',
    api_key: '0A1B2C3D4E5F60718293A4B5C6D7E8F9',
    payment_page_client_id: 'picasso',
    webhook_user: 'purser',
    webhook_password: 'only-the-two-of-us-know',
  }
  const connect = (credentials: object) =>
    connectGatewayAccount(two.shop.runtime.deps, two.shop.tenant, { connector: 'juspay', label: 'J', credentials })

  test.each([
    ['credentials.webhook_password', 'malformed', { webhook_password: 'short' }],
    ['credentials.webhook_user', 'malformed', { webhook_user: 'tea house' }],
    ['credentials.api_key', 'malformed', { api_key: 'has:a:colon:in:the:middle' }],
    ['credentials.merchant_id', 'missing', { merchant_id: undefined }],
    ['credentials.password', 'no_such_field', { password: 'x' }],
  ])('is refused by the name of what is wrong: %s', async (field, reason, change) => {
    const refused = await connect(JSON.parse(JSON.stringify({ ...good, ...change }))).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'field_invalid', details: { field, reason } })
    for (const secret of Object.values(change)) expect(JSON.stringify(refused)).not.toContain(`"${String(secret)}"`)
  })

  test.each(['https://10.0.0.1', 'https://metadata.local:25', 'http://169.254.169.254'])(
    'never calls an address that the guard refuses: %s',
    async (base_url) => {
      await expect(connect({ ...good, base_url })).rejects.toMatchObject({ code: 'url_refused' })
    },
  )
})

describe('When the line fails', () => {
  test('a session whose answer was lost is found again: one order there, one page, paid once', async () => {
    two.calls.strike(/^POST \/session/, 'lose_reply')
    const made = await opened()
    expect(made).toMatchObject({ status: 'unknown', action: null })
    await two.advance(15)
    const found = await payment(made.id)
    expect(found).toMatchObject({ status: 'requires_action', action: { type: 'redirect' } })
    expect((await two.payAt(found.action.url, card('tok_approve'))).status).toBe('captured')
    await two.advance(40)
    expect(await payment(made.id)).toMatchObject({ status: 'captured', amount_captured: 50_000 })
    await booksAgree()
  })

  test.each(['lose_request', 'error_before'] as const)(
    'a session that never arrived (%s) is unknown, then failed, and never before its time',
    async (fault) => {
      two.calls.strike(/^POST \/session/, fault)
      const made = await opened()
      expect(made.status).toBe('unknown')
      await two.advance(60)
      expect((await payment(made.id)).status).toBe('unknown')
      await two.advance(900)
      expect((await payment(made.id)).status).toBe('failed')
      expect((await order(made.order_id)).status).toBe('open')
      await booksAgree()
    },
  )

  test('an error after the session was made, and no answer to the first question, change nothing', async () => {
    two.calls.strike(/^POST \/session/, 'error_after')
    const made = await opened()
    expect(made.status).toBe('unknown')
    two.calls.strike(/^GET \/orders/, 'lose_reply')
    await two.advance(700)
    const found = await payment(made.id)
    expect(found.status).toBe('requires_action')
    expect((await two.payAt(found.action.url, card('tok_approve'))).status).toBe('captured')
    await two.advance(3_600)
    expect((await payment(made.id)).status).toBe('captured')
    await booksAgree()
  })
})

describe('A refund', () => {
  test('is pending until the gateway has made it, part by part', async () => {
    const made = await paid()
    const first = await refunded(made, 20_000)
    expect(first).toMatchObject({ status: 'pending', amount: 20_000 })
    expect(first.reference).toMatch(/^[0-9a-z]{18}$/)
    await two.advance(60)
    expect((await refund(first.id)).status).toBe('succeeded')
    const rest = await refunded(made, 30_000)
    await two.advance(60)
    expect((await refund(rest.id)).status).toBe('succeeded')
    expect(await payment(made.id)).toMatchObject({ amount_refunded: 50_000, amount_refund_pending: 0 })
    expect(await refundsThere(made.reference)).toHaveLength(2)
    await booksAgree()
  })

  test.each(['lose_reply', 'error_after', 'twice'] as const)(
    'whose answer is lost (%s) is made once, by one unique_request_id',
    async (fault) => {
      const made = await paid()
      two.calls.strike(/^POST .*\/refunds/, fault)
      const asked = await refunded(made, 20_000)
      expect(asked.status).toBe('unknown')
      await two.advance(120)
      expect((await refund(asked.id)).status).toBe('succeeded')
      expect(await refundsThere(made.reference)).toMatchObject([
        { unique_request_id: asked.reference, amount: 200, status: 'SUCCESS' },
      ])
      const posts = two.calls.carried.filter(({ path }) => path === `/orders/${made.reference}/refunds`)
      expect(new Set(posts.map(({ body }) => new URLSearchParams(body).get('unique_request_id')))).toEqual(
        new Set([asked.reference]),
      )
      expect(await payment(made.id)).toMatchObject({ amount_refunded: 20_000, amount_refund_pending: 0 })
      await booksAgree()
    },
  )

  test('that never arrived frees its part of the balance, once that is certain', async () => {
    const made = await paid()
    two.calls.strike(/^POST .*\/refunds/, 'lose_request')
    const asked = await refunded(made, 50_000)
    expect(asked.status).toBe('unknown')
    expect((await two.merchant.post(`/v1/payments/${made.id}/refunds`, { amount: 1, reason: 'other' })).status).toBe(
      422,
    )
    await two.advance(900)
    expect((await refund(asked.id)).status).toBe('failed')
    const again = await refunded(made, 50_000)
    await two.advance(60)
    expect((await refund(again.id)).status).toBe('succeeded')
    await booksAgree()
  })
})

describe('What the gateway holds', () => {
  test('is captured in part, and the answer may be lost', async () => {
    const made = await held()
    two.calls.strike(/^POST .*\/capture/, 'lose_reply')
    await two.merchant.post(`/v1/payments/${made.id}/capture`, { amount: 20_000 })
    await two.advance(60)
    expect(await payment(made.id)).toMatchObject({ status: 'captured', amount_captured: 20_000 })
    expect(await two.orderThere(made.reference)).toMatchObject({ status: 'PARTIAL_CHARGED', captured_amount: 200 })
    expect(two.calls.carried.filter(({ path }) => path.endsWith('/capture'))).toHaveLength(1)
    await booksAgree()
  })

  test('is given back, and the answer may be lost', async () => {
    const made = await held()
    two.calls.strike(/^POST .*\/void/, 'error_after')
    await two.merchant.post(`/v1/payments/${made.id}/void`)
    await two.advance(60)
    expect(await payment(made.id)).toMatchObject({ status: 'voided', amount_captured: 0 })
    expect((await two.orderThere(made.reference)).status).toBe('VOIDED')
    await booksAgree()
  })
})
