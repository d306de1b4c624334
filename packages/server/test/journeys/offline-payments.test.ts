// Money that no gateway moves: recorded, applied to orders and invoices, kept as credit, taken back when a cheque
// bounces, given back by hand. Whoever looks at an order or an invoice sees what is really owed.
import { randomUUID } from 'node:crypto'
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

let lastNumber = 100_000
const nextNumber = () => String((lastNumber += 1))
const AT = '2026-01-05T10:00:00Z'
const CASH = { currency: 'INR', method: 'cash', received_at: AT, received_by: 'Ravi, route 4' }
const cheque = () => ({
  currency: 'INR',
  method: 'cheque',
  bank: 'HDFC Bank',
  cheque_number: nextNumber(),
  cheque_date: '2026-01-04',
  received_at: AT,
})
const transfer = () => ({
  currency: 'INR',
  method: 'bank_transfer',
  utr: `HDFCR5202601${nextNumber()}`,
  received_at: AT,
})

const read = async (path: string) => (await merchant.get(path)).body
const record = (amount: number, more: object = CASH) => merchant.post('/v1/offline-payments', { amount, ...more })
async function recorded(amount: number, more: object = CASH): Promise<string> {
  const { status, body } = await record(amount, more)
  expect([status, body['object']]).toEqual([201, 'offline_payment'])
  return String(body['id'])
}
const allocate = (paymentId: string, body: object) => merchant.post(`/v1/payments/${paymentId}/allocations`, body)
async function allocated(paymentId: string, body: object): Promise<string> {
  const answer = await allocate(paymentId, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return String(answer.body['id'])
}
const bounce = (id: string) => merchant.post(`/v1/offline-payments/${id}/bounce`, { reason: 'Funds insufficient' })
const clear = (id: string) => merchant.post(`/v1/offline-payments/${id}/clear`, { cleared_at: '2026-01-06T10:00:00Z' })
const GIVEN = { way: 'cash', at: '2026-01-07T10:00:00Z', by: 'Meera, front desk' }
const refund = (id: string, amount: number, givenBack: object | undefined = GIVEN) =>
  merchant.post(`/v1/payments/${id}/refunds`, { amount, reason: 'other', given_back: givenBack })
const code = ({ status, body }: Answer) => [status, body['code'], body['field']]

type Posted = { readonly debit: string; readonly credit: string; readonly amount: number; readonly reason: string }
/** In the order of the alphabet: what happened in one instant has none of its own. */
async function postingsOf(paymentId: string): Promise<string[]> {
  const { postings } = await read(`/v1/payments/${paymentId}/timeline`)
  const told = (postings as Posted[]).map(
    ({ debit, credit, amount, reason }) => `${reason} ${debit}>${credit} ${amount}`,
  )
  return told.sort()
}
async function eventsOf(paymentId: string): Promise<string[]> {
  const { items } = await read(`/v1/events?payment_id=${paymentId}`)
  return (items as { type: string }[]).map(({ type }) => type).sort()
}

describe('a cheque', () => {
  test('pays two orders, keeps the rest as credit that is applied later, and takes it all back when it bounces', async () => {
    const [first, second, third] = [
      await merchant.order(30_000),
      await merchant.order(50_000),
      await merchant.order(20_000),
    ]
    const id = await recorded(90_000, cheque())
    await allocated(id, { order_id: first, amount: 30_000 })
    await allocated(id, { order_id: second, amount: 45_000 })
    expect(await read(`/v1/orders/${first}`)).toMatchObject({ status: 'paid', amount_allocated: 30_000, amount_due: 0 })
    expect(await read(`/v1/orders/${second}`)).toMatchObject({ status: 'partially_paid', amount_due: 5_000 })
    expect(await read(`/v1/offline-payments/${id}`)).toMatchObject({
      status: 'recorded',
      amount_allocated: 75_000,
      amount_unapplied: 15_000,
    })
    await allocated(id, { order_id: third, amount: 15_000 })
    expect(await read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_unapplied: 0 })

    expect(await bounce(id)).toMatchObject({
      status: 200,
      body: { status: 'bounced', amount_allocated: 0, amount_reversed: 90_000, ended_reason: 'Funds insufficient' },
    })
    for (const [orderId, due] of [
      [first, 30_000],
      [second, 50_000],
      [third, 20_000],
    ] as const) {
      expect(await read(`/v1/orders/${orderId}`)).toMatchObject({
        status: 'open',
        amount_captured: 0,
        amount_allocated: 0,
        amount_due: due,
        paid_at: null,
      })
    }
    expect(await postingsOf(id)).toEqual([
      'allocated customer_credit>sales_clearing 15000',
      'allocated customer_credit>sales_clearing 30000',
      'allocated customer_credit>sales_clearing 45000',
      'allocation_withdrawn sales_clearing>customer_credit 15000',
      'allocation_withdrawn sales_clearing>customer_credit 30000',
      'allocation_withdrawn sales_clearing>customer_credit 45000',
      'capture cheques_in_clearing>customer_credit 90000',
      'reversed customer_credit>cheques_in_clearing 90000',
    ])
    expect(await eventsOf(id)).toEqual([
      'allocation.applied',
      'allocation.applied',
      'allocation.applied',
      'allocation.withdrawn',
      'allocation.withdrawn',
      'allocation.withdrawn',
      'offline_payment.bounced',
      'offline_payment.recorded',
      'payment.captured',
    ])
    // The debt is a debt again: the order takes another payment.
    const paid = await merchant.post(`/v1/orders/${first}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(paid.body['status']).toBe('captured')
    expect(code(await allocate(id, { order_id: second, amount: 1 }))).toEqual([
      422,
      'allocation_exceeds_received',
      'amount',
    ])
  })

  test('moves to the bank once it is honoured, is not refunded before, and is followed if the bank returns it after all', async () => {
    const id = await recorded(40_000, cheque())
    expect(code(await refund(id, 1_000))).toEqual([409, 'payment_state_conflict', undefined])
    expect(await clear(id)).toMatchObject({ status: 200, body: { status: 'cleared' } })
    // A repeat answers what there is.
    expect((await clear(id)).body).toMatchObject({
      status: 'cleared',
      version: (await read(`/v1/payments/${id}`))['version'],
    })
    expect(await postingsOf(id)).toEqual([
      'capture cheques_in_clearing>customer_credit 40000',
      'cheque_cleared bank>cheques_in_clearing 40000',
    ])
    expect((await bounce(id)).body['status']).toBe('bounced')
    expect(await postingsOf(id)).toContain('reversed customer_credit>bank 40000')
    const { conflicts } = await read(`/v1/payments/${id}/timeline`)
    expect(conflicts).toMatchObject([{ kind: 'bounced_after_clearing' }])
    expect(code(await clear(id))).toEqual([409, 'payment_state_conflict', undefined])
  })

  test('is money once: the same number of the same bank is refused until it bounced or was reversed', async () => {
    const paper = cheque()
    const first = await recorded(10_000, paper)
    const again = await record(10_000, { ...paper, bank: 'hdfc  BANK', cheque_number: `000${paper.cheque_number}` })
    expect(code(again)).toEqual([409, 'offline_payment_taken', 'cheque_number'])
    expect((await record(10_000, { ...paper, bank: 'Axis Bank' })).status).toBe(201)
    await bounce(first)
    expect((await record(10_000, paper)).status).toBe(201)
  })
})

describe('a bank transfer', () => {
  test('is money once, by its UTR, and is found by it', async () => {
    const told = transfer()
    const id = await recorded(25_000, told)
    expect(code(await record(25_000, { ...told, utr: told.utr.toLowerCase() }))).toEqual([
      409,
      'offline_payment_taken',
      'utr',
    ])
    const { items } = await read(`/v1/payments?search=${told.utr}`)
    expect(items).toMatchObject([{ id, method: 'bank_transfer', order_id: null, gateway_account_id: null }])
    expect(await postingsOf(id)).toEqual(['capture bank>customer_credit 25000'])
  })

  test('that was recorded in error is reversed, and can be recorded again', async () => {
    const told = transfer()
    const orderId = await merchant.order(25_000)
    const id = await recorded(25_000, told)
    await allocated(id, { order_id: orderId, amount: 25_000 })
    const reverse = () => merchant.post(`/v1/offline-payments/${id}/reverse`, { reason: 'Typed twice' })
    expect((await reverse()).body).toMatchObject({ status: 'reversed', ended_reason: 'Typed twice' })
    expect(await reverse()).toMatchObject({ status: 200, body: { status: 'reversed' } })
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('open')
    expect(await postingsOf(id)).toContain('reversed customer_credit>bank 25000')
    await recorded(25_000, told)
    expect(code(await bounce(id))).toEqual([409, 'payment_state_conflict', undefined])
  })
})

describe('invoices', () => {
  test('are told once what they ask for, take no more than that, and say it to whoever names another sum', async () => {
    const invoice = `INV-${randomUUID().slice(0, 8)}`
    const id = await recorded(100_000)
    expect(code(await allocate(id, { invoice_id: invoice, amount: 10_000 }))).toEqual([
      422,
      'field_invalid',
      'invoice_amount',
    ])
    await allocated(id, { invoice_id: invoice, invoice_amount: 30_000, amount: 10_000 })
    await allocated(id, { invoice_id: invoice, amount: 15_000 })
    expect(code(await allocate(id, { invoice_id: invoice, amount: 5_001 }))).toEqual([
      422,
      'allocation_exceeds_due',
      'amount',
    ])
    expect(code(await allocate(id, { invoice_id: invoice, invoice_amount: 31_000, amount: 1 }))).toEqual([
      422,
      'field_invalid',
      'invoice_amount',
    ])
    const { items } = await read(`/v1/allocations?invoice_id=${invoice}`)
    expect((items as { amount: number }[]).map(({ amount }) => amount)).toEqual([15_000, 10_000])
  })

  test('take money that came through a gateway, too, and give it back when that is refunded', async () => {
    const invoice = `INV-${randomUUID().slice(0, 8)}`
    const { paymentId } = await merchant.pay({ amount: 50_000 })
    await allocated(paymentId, { invoice_id: invoice, invoice_amount: 50_000, amount: 40_000 })
    const back = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 25_000, reason: 'other' })
    expect(back.status).toBe(201)
    expect(code(await allocate(paymentId, { order_id: await merchant.order(1_000), amount: 1 }))).toEqual([
      409,
      'payment_state_conflict',
      undefined,
    ])
  })
})
