// Callers that meet at the same instant over one payment, one order, one invoice, one cheque. Whatever they do
// together, nothing is applied that is not there, and nothing is paid that is not owed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { Answer, MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
})
afterAll(async () => {
  const report = await verifyServer(server)
  expect(report.violations).toEqual([])
  expect(server.errors).toEqual([])
  await server.close()
})

const AT = { currency: 'INR', received_at: '2026-01-05T10:00:00Z' }
const GIVEN = { way: 'cash', at: '2026-01-07T10:00:00Z', by: 'Meera' }
const read = async (path: string) => (await merchant.get(path)).body
const atOnce = (ways: number, call: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: ways }, (_, index) => call(index)))
const takenOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status < 300)
const codesOf = (answers: readonly Answer[]) =>
  new Set(answers.filter(({ status }) => status >= 300).map(({ body }) => body['code']))

async function recorded(amount: number, more: object = { method: 'cash' }): Promise<string> {
  const { body } = await merchant.post('/v1/offline-payments', { amount, ...AT, ...more })
  return String(body['id'])
}
const allocate = (paymentId: string, body: object) => merchant.post(`/v1/payments/${paymentId}/allocations`, body)

describe('twenty at once', () => {
  test('apply no more of one payment than it has, to orders that would take it all', async () => {
    const id = await recorded(100_00)
    const orders = await Promise.all(Array.from({ length: 20 }, () => merchant.order(9_00)))
    const answers = await atOnce(20, (index) => allocate(id, { order_id: orders[index], amount: 9_00 }))
    expect(takenOf(answers)).toHaveLength(11)
    expect(codesOf(answers)).toEqual(new Set(['allocation_exceeds_received']))
    expect(await read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_allocated: 99_00, amount_unapplied: 1_00 })
  })

  test('apply no more to one order than it owes, from payments that all could pay it', async () => {
    const orderId = await merchant.order(100_00)
    const payments = await Promise.all(Array.from({ length: 20 }, () => recorded(9_00)))
    const answers = await atOnce(20, (index) => allocate(payments[index] ?? '', { order_id: orderId, amount: 9_00 }))
    expect(takenOf(answers)).toHaveLength(11)
    expect(codesOf(answers)).toEqual(new Set(['allocation_exceeds_due']))
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ amount_allocated: 99_00, amount_due: 1_00 })
  })

  test('apply no more to one invoice than it asks for, though each is the first to name it', async () => {
    const payments = await Promise.all(Array.from({ length: 20 }, () => recorded(9_00)))
    const answers = await atOnce(20, (index) =>
      allocate(payments[index] ?? '', { invoice_id: 'RACE-1', invoice_amount: 100_00, amount: 9_00 }),
    )
    expect(takenOf(answers)).toHaveLength(11)
    expect(codesOf(answers)).toEqual(new Set(['allocation_exceeds_due']))
  })

  test('record one cheque once', async () => {
    const paper = { method: 'cheque', bank: 'Axis Bank', cheque_number: '777001', cheque_date: '2026-01-04' }
    const answers = await atOnce(20, () => merchant.post('/v1/offline-payments', { amount: 9_00, ...AT, ...paper }))
    expect(takenOf(answers)).toHaveLength(1)
    expect(codesOf(answers)).toEqual(new Set(['offline_payment_taken']))
  })

  test('apply, give back and reverse one payment, and its sums still add up', async () => {
    const id = await recorded(100_00)
    const orders = await Promise.all(Array.from({ length: 7 }, () => merchant.order(20_00)))
    const refund = { amount: 15_00, reason: 'other', given_back: GIVEN }
    const answers = await atOnce(20, (index) => {
      if (index % 3 === 0) return allocate(id, { order_id: orders[index / 3], amount: 20_00 })
      if (index % 3 === 1) return merchant.post(`/v1/payments/${id}/refunds`, refund)
      return merchant.post(`/v1/offline-payments/${id}/reverse`, { reason: 'Typed twice' })
    })
    for (const { status } of answers) expect(status).toBeLessThan(500)
    const now = await read(`/v1/offline-payments/${id}`)
    const [allocated, refunded, reversed] = ['amount_allocated', 'amount_refunded', 'amount_reversed'].map((name) =>
      Number(now[name]),
    )
    expect((allocated ?? 0) + (refunded ?? 0) + (reversed ?? 0)).toBeLessThanOrEqual(100_00)
    expect(now['status'] === 'reversed').toBe(reversed === 100_00)
  })
})

test('An order that is paid by a card and by credit in the same instant keeps one of the two', async () => {
  for (let round = 0; round < 5; round += 1) {
    const orderId = await merchant.order(50_00)
    const id = await recorded(50_00)
    const [card, credit] = await Promise.all([
      merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token: 'tok_approve' } }),
      allocate(id, { order_id: orderId, amount: 50_00 }),
    ])
    const kept = [card.body['status'] === 'captured' && card.body['duplicate'] === false, credit.status === 201]
    expect(kept.filter(Boolean)).toHaveLength(1)
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'paid', amount_captured: 50_00, amount_due: 0 })
  }
})
