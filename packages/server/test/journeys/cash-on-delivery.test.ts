// Cash on delivery: nobody is asked, nothing runs out, and a person who names what was taken, when and by whom makes
// it money. Twenty who say so at once say it once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const read = async (path: string) => (await merchant.get(path)).body
const cash = { instrument: { method: 'cash_on_delivery' } }
const TAKEN = { amount: 50_000, collected_at: '2026-01-05T10:00:00Z', collected_by: 'Ravi, route 4' }
const collect = (paymentId: string, body: object = TAKEN, key?: string) =>
  merchant.post(`/v1/payments/${paymentId}/collect`, body, key)

const GIVEN = {
  way: 'bank_transfer',
  reference: 'HDFCR52026010700012345',
  at: '2026-01-07T10:00:00.000Z',
  by: 'Meera, front desk',
}
const giveBack = (paymentId: string, amount: number, givenBack: object = GIVEN, key?: string) =>
  merchant.post(`/v1/payments/${paymentId}/refunds`, { amount, reason: 'other', given_back: givenBack }, key)

async function onDelivery(more: object = {}): Promise<{ orderId: string; paymentId: string }> {
  const orderId = await merchant.order(50_000, more)
  const { status, body } = await merchant.post(`/v1/orders/${orderId}/payments`, cash)
  expect([status, body['status'], body['action'], body['gateway_account_id']]).toEqual([
    201,
    'requires_action',
    { type: 'collect_cash' },
    null,
  ])
  return { orderId, paymentId: String(body['id']) }
}

describe('an order that is paid on delivery', () => {
  test('waits for its cash however long it takes, and no gateway is asked', async () => {
    const { orderId, paymentId } = await onDelivery()
    await advanceClock(server, 90 * 86_400)
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('awaiting_collection')
    expect(await read(`/v1/payments/${paymentId}/timeline`)).toMatchObject({
      payment: { status: 'requires_action' },
      operations: [],
      postings: [],
    })
    const other = await merchant.post(`/v1/orders/${orderId}/payments`, cash)
    expect(other).toMatchObject({ status: 409, body: { code: 'payment_alive' } })
  })

  test('is paid once somebody collected, and the cash is in the ledger', async () => {
    const { orderId, paymentId } = await onDelivery()
    expect(await collect(paymentId)).toMatchObject({
      status: 200,
      body: { status: 'captured', amount_captured: 50_000 },
    })
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('paid')
    const timeline = await read(`/v1/payments/${paymentId}/timeline`)
    expect(timeline['postings']).toMatchObject([{ debit: 'cash', credit: 'sales_clearing', amount: 50_000 }])
    const steps = timeline['transitions'] as object[]
    expect(steps.at(-1)).toMatchObject({
      to: 'captured',
      cause: 'person',
      details: { collected_by: 'Ravi, route 4', collected_at: '2026-01-05T10:00:00.000Z' },
    })
  })

  test('is collected once by twenty who say so at the same instant, and the key answers the same bytes', async () => {
    const { paymentId } = await onDelivery()
    const answers = await Promise.all(Array.from({ length: 20 }, () => collect(paymentId)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ code: 'payment_state_conflict' })
    }
    expect((await read(`/v1/payments/${paymentId}/timeline`))['postings']).toHaveLength(1)
    const next = await onDelivery()
    const key = randomUUID()
    const first = await collect(next.paymentId, TAKEN, key)
    const again = await collect(next.paymentId, TAKEN, key)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
  })

  test('is partially paid by less', async () => {
    const { orderId, paymentId } = await onDelivery()
    expect((await collect(paymentId, { ...TAKEN, amount: 20_000 })).body['amount_captured']).toBe(20_000)
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('partially_paid')
  })

  test.each([
    ['more than the amount', { amount: 50_001 }, 'capture_exceeds_authorized', 'amount'],
    ['another currency', { currency: 'USD' }, 'amount_invalid', 'currency'],
    ['a time to come', { collected_at: '2099-01-01T00:00:00Z' }, 'field_invalid', 'collected_at'],
    ['nobody', { collected_by: ' ' }, 'field_invalid', 'collected_by'],
  ])('is not collected with %s', async (_what, spoilt, code, field) => {
    const { paymentId } = await onDelivery()
    expect(await collect(paymentId, { ...TAKEN, ...spoilt })).toMatchObject({ status: 422, body: { code, field } })
    expect((await read(`/v1/payments/${paymentId}`))['status']).toBe('requires_action')
  })

  test('can be paid another way once its collection is canceled, and not be collected any more', async () => {
    const { orderId, paymentId } = await onDelivery()
    expect((await merchant.post(`/v1/payments/${paymentId}/cancel`)).body['status']).toBe('canceled')
    expect(await collect(paymentId)).toMatchObject({ status: 409, body: { code: 'payment_state_conflict' } })
    const paid = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(paid.body['status']).toBe('captured')
  })

  test('is not refunded, captured or voided through a gateway that does not know it', async () => {
    const { paymentId } = await onDelivery()
    await collect(paymentId)
    const refund = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 1, reason: 'other' })
    expect(refund).toMatchObject({ status: 422, body: { code: 'field_invalid', field: 'given_back' } })
    expect((await merchant.post(`/v1/payments/${paymentId}/capture`, {})).status).toBe(409)
    expect((await merchant.post(`/v1/payments/${paymentId}/void`)).status).toBe(409)
  })

  test('is given back by hand, in a way that is named, up to what was collected, with a voucher', async () => {
    const { orderId, paymentId } = await onDelivery()
    expect((await giveBack(paymentId, 1)).status).toBe(409)
    await collect(paymentId)
    const key = randomUUID()
    const back = await giveBack(paymentId, 20_000, GIVEN, key)
    expect(back).toMatchObject({
      status: 201,
      body: { status: 'succeeded', given_back: GIVEN, gateway_refund_id: null },
    })
    expect((await giveBack(paymentId, 20_000, GIVEN, key)).body).toEqual(back.body)
    expect(await giveBack(paymentId, 30_001)).toMatchObject({
      status: 422,
      body: { code: 'refund_exceeds_captured', field: 'amount' },
    })
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'paid', amount_refunded: 20_000 })
    const { postings } = await read(`/v1/payments/${paymentId}/timeline`)
    expect(postings).toMatchObject([
      { debit: 'cash', credit: 'sales_clearing', amount: 50_000 },
      { debit: 'sales_clearing', credit: 'refunds_pending', amount: 20_000 },
      { debit: 'refunds_pending', credit: 'bank', amount: 20_000 },
    ])
    expect(await read(`/v1/refunds/${String(back.body['id'])}/receipt`)).toMatchObject({
      kind: 'refund_voucher',
      amount: 20_000,
      refund: { way: 'bank_transfer', way_reference: 'HDFCR52026010700012345' },
    })
  })

  test('is given back by twenty at once no more than was collected', async () => {
    const { paymentId } = await onDelivery()
    await collect(paymentId)
    const answers = await Promise.all(Array.from({ length: 20 }, () => giveBack(paymentId, 9_000)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5)
    for (const { status, body } of answers) if (status !== 201) expect(body['code']).toBe('refund_exceeds_captured')
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({ amount_refunded: 45_000, amount_refund_pending: 0 })
  })

  test.each([
    ['no reference of the transfer', { reference: undefined }, 'given_back.reference'],
    ['a time to come', { at: '2099-01-01T00:00:00Z' }, 'given_back.at'],
    ['nobody', { by: ' ' }, 'given_back.by'],
  ])('is not given back with %s', async (_what, spoilt, field) => {
    const { paymentId } = await onDelivery()
    await collect(paymentId)
    expect(await giveBack(paymentId, 1_000, { ...GIVEN, ...spoilt })).toMatchObject({
      status: 422,
      body: { code: 'field_invalid', field },
    })
    expect((await read(`/v1/payments/${paymentId}`))['amount_refunded']).toBe(0)
  })

  test('says no to a hand that pays out what a gateway took', async () => {
    const { paymentId } = await merchant.pay()
    expect(await giveBack(paymentId, 1_000)).toMatchObject({
      status: 422,
      body: { code: 'field_invalid', field: 'given_back' },
    })
  })

  test('is not collected as what it is not: a card', async () => {
    const { paymentId } = await merchant.pay()
    expect(await collect(paymentId)).toMatchObject({ status: 409, body: { code: 'payment_state_conflict' } })
  })
})

test('Direct SQL cannot take the gateway from a payment that has one', async () => {
  const { paymentId } = await merchant.pay()
  const sql = 'update payments set gateway_account_id = null, version = version + 1 where id = $1'
  await expect(server.db.pools.owner.query(sql, [paymentId])).rejects.toThrow(/only_cash_has_no_gateway/)
})
