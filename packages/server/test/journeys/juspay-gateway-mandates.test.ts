// Mandates at Juspay, whose part a second Purser plays: registered on its page, charged, revoked, with faults between.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loose } from '../../src/testing/api-setup.ts'
import { startTwoPursers } from '../../src/testing/two-pursers.ts'
import type { TwoPursers } from '../../src/testing/two-pursers.ts'

let two: TwoPursers
let count = 0

beforeAll(async () => {
  two = await startTwoPursers()
}, 60_000)
afterAll(async () => {
  expect(two.shop.errors).toEqual([])
  expect(two.gateway.errors).toEqual([])
  await two.close()
})

const DAY = 86_400
const inAYear = new Date(Date.now() + 365 * DAY * 1_000).toISOString()
const mandate = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/mandates/${id}`)).body
const payment = async (id: string): Promise<Loose> => (await two.merchant.get(`/v1/payments/${id}`)).body
const word = async (id: string, command: string) =>
  (await two.juspay('POST', `/mandates/${(await mandate(id)).gateway_mandate_id}`, { command })).status

async function registered(): Promise<Loose> {
  const order = await two.merchant.order(10_000, {
    mandate: { max_amount: 200_000, frequency: 'daily', ends_at: inAYear },
  })
  const { body } = await two.merchant.post(`/v1/orders/${order}/payments`, { instrument: { method: 'gateway_page' } })
  const { action, id, mandate_id: mandateId } = body as Loose
  const paid = await two.payAt(action.url, { method: 'card', token: 'tok_approve' })
  expect(paid.status).toBe('captured')
  await two.advance(15)
  expect(await payment(id)).toMatchObject({ status: 'captured', amount_captured: 10_000 })
  return mandate(mandateId)
}

async function charged(mandateId: string, amount = 50_000): Promise<Loose> {
  count += 1
  const reference = `charge-${count}`
  const { status, body } = await two.merchant.post(`/v1/mandates/${mandateId}/charges`, { reference, amount })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}
async function booksAgree(): Promise<void> {
  const { shop, gateway } = await two.verify()
  expect([shop.violations, gateway.violations]).toEqual([[], []])
}

test('a mandate is registered on the page, charged the next day, and charged once though the answer is lost', async () => {
  const made = await registered()
  expect(made).toMatchObject({
    status: 'active',
    method: 'gateway_page',
    gateway_mandate_id: expect.stringMatching(/./),
  })
  await two.advance(DAY)
  const charge = await charged(made.id)
  expect(charge).toMatchObject({ status: 'processing', amount_captured: 0 })
  await two.advance(60)
  expect(await payment(charge.id)).toMatchObject({ status: 'captured', amount_captured: 50_000 })

  await two.advance(DAY)
  two.calls.strike(/^POST \/txns/, 'lose_reply')
  const lost = await charged(made.id)
  expect(lost.status).toBe('unknown')
  await two.advance(60)
  expect(await payment(lost.id)).toMatchObject({ status: 'captured', amount_captured: 50_000 })
  expect(two.calls.carried.filter(({ path, body }) => path === '/txns' && body.includes(lost.reference))).toHaveLength(
    1,
  )
  await booksAgree()
})

test('a charge that never arrived is sent again under the same name, and charged once', async () => {
  const made = await registered()
  await two.advance(DAY)
  two.calls.strike(/^POST \/txns/, 'lose_request')
  const charge = await charged(made.id)
  expect(charge.status).toBe('unknown')
  await two.advance(3_600)
  expect(await payment(charge.id)).toMatchObject({ status: 'captured', amount_captured: 50_000 })
  const sent = two.calls.carried.filter(({ path, body }) => path === '/txns' && body.includes(charge.reference))
  expect(sent).toHaveLength(1)
  await booksAgree()
})

test('a revocation holds though its answer is lost, and nothing is charged afterwards', async () => {
  const made = await registered()
  two.calls.strike(/^POST \/mandates/, 'error_after')
  const revoked = await two.merchant.post(`/v1/mandates/${made.id}/revoke`)
  expect(revoked.body['pending_change']).toBe('revoke')
  await two.advance(120)
  expect((await mandate(made.id)).status).toBe('revoked')
  expect(await word(made.id, 'check_status')).toBe('REVOKED')
  await two.advance(DAY)
  const late = await two.merchant.post(`/v1/mandates/${made.id}/charges`, { reference: 'too-late', amount: 100 })
  expect(late.status).toBe(409)
  await booksAgree()
})

test('a pause and its end travel, and what the payer revokes at the gateway is heard', async () => {
  const made = await registered()
  expect((await two.merchant.post(`/v1/mandates/${made.id}/pause`, {})).body['status']).toBe('paused')
  expect(await word(made.id, 'check_status')).toBe('PAUSED')
  expect((await two.merchant.post(`/v1/mandates/${made.id}/resume`)).body['status']).toBe('active')
  expect(await word(made.id, 'check_status')).toBe('ACTIVE')
  await two.sendWebhooks()
  expect((await two.juspay('POST', `/mandates/${made.gateway_mandate_id}`, { command: 'revoke' })).mandate_status).toBe(
    'REVOKED',
  )
  await expect.poll(async () => (await mandate(made.id)).status, { timeout: 10_000 }).toBe('revoked')
  await booksAgree()
})
