// Webhooks of Juspay, whose part a second Purser plays: the news without a question, and what a message is worth whose
// sender proves a password and nothing else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Loose } from '../../src/testing/api-setup.ts'
import { startTwoPursers, WEBHOOK_PASSWORD, WEBHOOK_USER } from '../../src/testing/two-pursers.ts'
import type { TwoPursers } from '../../src/testing/two-pursers.ts'

let two: TwoPursers

beforeAll(async () => {
  two = await startTwoPursers()
  await two.sendWebhooks()
}, 60_000)
afterAll(async () => {
  expect(two.shop.errors).toEqual([])
  expect(two.gateway.errors).toEqual([])
  await two.close()
})

const card = (token: string) => ({ method: 'card', token })
const sql = async (text: string, values: unknown[] = []): Promise<Loose[]> =>
  (await two.shop.db.pools.owner.query(text, values)).rows
const payment = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/payments/${id}`)).body
const conflictsOf = async (id: string) =>
  (await sql('select kind from conflicts where payment_id = $1 order by kind', [id])).map(({ kind }) => kind)

async function opened(amount = 50_000): Promise<Loose> {
  const order = await two.merchant.order(amount)
  const { body } = await two.merchant.post(`/v1/orders/${order}/payments`, { instrument: { method: 'gateway_page' } })
  return body
}

/** Nothing is asked by itself any more: only news can bring a question forward. */
const stopAsking = () => sql(`update operations set due_at = now() + interval '30 days' where ended_at is null`)

function send(body: object | string, credentials = `${WEBHOOK_USER}:${WEBHOOK_PASSWORD}`): Promise<Response> {
  return fetch(`${two.shop.baseUrl}/gateways/${two.accountId}/notifications`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
let events = 0
async function message(reference: string, change: object = {}, event = 'ORDER_SUCCEEDED'): Promise<object> {
  events += 1
  const order = { ...(await two.orderThere(reference)), ...change }
  return { id: `evt_V2_forged${events}`, event_name: event, date_created: '2026-11-20T10:00:00Z', content: { order } }
}
/** Until everything that was received has been looked at, and what it made due has been done. */
async function settled(): Promise<void> {
  const waiting = `select 1 from notifications where status = 'received'
    union all select 1 from operations where ended_at is null and due_at <= now()`
  await expect.poll(async () => (await sql(waiting)).length, { timeout: 10_000 }).toBe(0)
}
async function booksAgree(): Promise<void> {
  const { shop, gateway } = await two.verify()
  expect([shop.violations, gateway.violations]).toEqual([[], []])
}

test('by webhooks alone: paid, refused, tried again and refunded, without a question of our own', async () => {
  const made = await opened()
  await stopAsking()
  await two.payAt(made.action.url, card('tok_decline_insufficient_funds'))
  const tries = async () => (await two.merchant.get(`/v1/payments?order_id=${made.order_id}`)).body['items'] as Loose[]
  await expect.poll(async () => (await tries()).map(({ status }) => status), { timeout: 10_000 }).toContain('declined')
  expect((await payment(made.id)).status).toBe('requires_action')
  await stopAsking()
  await two.payAt(made.action.url, card('tok_approve'))
  await expect.poll(async () => (await payment(made.id)).status, { timeout: 10_000 }).toBe('captured')

  const { body } = await two.merchant.post(`/v1/payments/${made.id}/refunds`, { amount: 20_000, reason: 'other' })
  await stopAsking()
  const refund = async () => (await two.merchant.get(`/v1/refunds/${String(body['id'])}`)).body['status']
  await expect.poll(refund, { timeout: 10_000 }).toBe('succeeded')
  expect(await conflictsOf(made.id)).toEqual([])
  await two.advance(60)
  await booksAgree()
})

test('a refund made at the gateway itself is taken in, under the cap, once', async () => {
  const made = await opened()
  await two.payAt(made.action.url, card('tok_approve'))
  await expect.poll(async () => (await payment(made.id)).status, { timeout: 10_000 }).toBe('captured')
  const form = { unique_request_id: 'DASHBOARD1', amount: '120.00' }
  expect((await two.juspay('POST', `/orders/${made.reference}/refunds`, form)).refunds).toHaveLength(1)
  const refunded = async () => (await payment(made.id)).amount_refunded
  await expect.poll(refunded, { timeout: 10_000 }).toBe(12_000)
  for (let again = 0; again < 2; again += 1) expect((await send(await message(made.reference))).status).toBe(200)
  await settled()
  expect(await refunded()).toBe(12_000)
  await two.advance(60)
  await booksAgree()
})

test('what comes twice, late or out of order changes nothing', async () => {
  const made = await opened()
  // Lost ones are sent again a minute later, after the others.
  two.webhooks.strike(/notifications/, 'lose_request', 'error_after', 'twice')
  await two.payAt(made.action.url, card('tok_approve'))
  await two.advance(60)
  const after = await payment(made.id)
  expect(after).toMatchObject({ status: 'captured', amount_captured: 50_000 })
  const { body } = await two.merchant.post(`/v1/payments/${made.id}/refunds`, { amount: 50_000, reason: 'other' })
  await two.advance(60)
  const old = await message(made.reference, { status: 'PENDING_VBV', status_id: 23, refunds: [] }, 'TXN_CREATED')
  for (const one of [old, old]) expect((await send(one)).status).toBe(200)
  await settled()
  await two.advance(60)
  expect(await payment(made.id)).toMatchObject({ status: 'captured', amount_captured: 50_000, amount_refunded: 50_000 })
  expect((await two.merchant.get(`/v1/refunds/${String(body['id'])}`)).body['status']).toBe('succeeded')
  expect(await conflictsOf(made.id)).toEqual([])
  await booksAgree()
})

describe('A message with the right password', () => {
  test('that claims money which was never paid moves none: the gateway is asked', async () => {
    const made = await opened()
    const posts = await message(made.reference, { status: 'CHARGED', status_id: 21, txn_id: 'x-1', txn_uuid: 'x' })
    expect((await send(posts)).status).toBe(200)
    await settled()
    expect(await payment(made.id)).toMatchObject({ status: 'requires_action', amount_captured: 0 })
    const balances = JSON.stringify((await two.merchant.get('/v1/balances')).body)
    await two.advance(30)
    expect(JSON.stringify((await two.merchant.get('/v1/balances')).body)).toBe(balances)
    expect(await payment(made.id)).toMatchObject({ status: 'requires_action', amount_captured: 0 })
  })

  test.each([
    ['another amount', { amount: 1, effective_amount: 1 }, 'wrong_amount'],
    ['another currency', { currency: 'USD' }, 'wrong_currency'],
  ])('about %s is a conflict that a person sees, and moves nothing', async (_, change, kind) => {
    const made = await opened()
    expect((await send(await message(made.reference, { ...change, status: 'CHARGED' }))).status).toBe(200)
    await settled()
    expect(await conflictsOf(made.id)).toEqual([kind])
    expect(await payment(made.id)).toMatchObject({ status: 'requires_action', amount_captured: 0, amount: 50_000 })
    const told = await sql(`select 1 from events where type = 'payment.conflict' and payment_id = $1`, [made.id])
    expect(told).toHaveLength(1)
  })

  test('about an order that we do not know waits, and is shown to a person in the end', async () => {
    const made = await opened()
    const strange = await message(made.reference, { order_id: 'nobody-knows-it', status: 'CHARGED' })
    expect((await send(strange)).status).toBe(200)
    await settled()
    const unknown = async () =>
      (await sql(`select 1 from conflicts where kind = 'notification_of_unknown_object'`)).length
    expect(await unknown()).toBe(0)
    await two.advance(3 * 86_400)
    expect(await unknown()).toBe(1)
    expect((await payment(made.id)).amount_captured).toBe(0)
  })
})

test('a message with a wrong password, another user or none is refused, and nothing of it is kept', async () => {
  const made = await opened()
  const kept = async () => (await sql('select count(*)::int as count from notifications'))[0]?.count
  const before = await kept()
  const genuine = await message(made.reference, { status: 'CHARGED' })
  const wrong = [`${WEBHOOK_USER}:${WEBHOOK_PASSWORD}x`, `other:${WEBHOOK_PASSWORD}`, `${WEBHOOK_USER}:`, ':', 'x']
  for (const credentials of wrong) expect((await send(genuine, credentials)).status).toBe(401)
  const bare = await fetch(`${two.shop.baseUrl}/gateways/${two.accountId}/notifications`, {
    method: 'POST',
    body: '{}',
  })
  expect(bare.status).toBe(401)
  expect(await kept()).toBe(before)
  expect((await send('not even JSON')).status).toBe(200)
  expect(await kept()).toBe(before + 1)
  await settled()
  expect(await payment(made.id)).toMatchObject({ status: 'requires_action', amount_captured: 0 })
})

test('a question after a claim that nobody answers is asked again, however the payment stands', async () => {
  const made = await opened()
  await two.payAt(made.action.url, card('tok_approve'))
  await expect.poll(async () => (await payment(made.id)).status, { timeout: 10_000 }).toBe('captured')
  await settled()
  const questions = () =>
    sql(`select ended_at, status, asked from operations where payment_id = $1 and kind = 'question'`, [made.id])
  const lost = new RegExp(`GET /orders/${made.reference}`)
  two.calls.strike(lost, 'error_before', 'error_before', 'error_before', 'error_before')
  await two.juspay('POST', `/orders/${made.reference}/refunds`, { unique_request_id: 'DASH1', amount: '120.00' })
  const open = async () => (await questions()).filter(({ ended_at }) => ended_at === null)
  await expect.poll(open, { timeout: 10_000 }).toMatchObject([{ status: 'unknown', asked: 1 }])
  expect((await payment(made.id)).status).toBe('captured')

  const refunded = async () => {
    await two.advance(3_600)
    return (await payment(made.id)).amount_refunded
  }
  await expect.poll(refunded, { timeout: 20_000 }).toBe(12_000)
  await expect.poll(open, { timeout: 10_000 }).toEqual([])
  await booksAgree()
})
