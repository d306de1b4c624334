// Money on account, applied to orders and invoices, kept as credit, taken back, given back by hand.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKeys } from '../../src/operations/create-merchant.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { codeOf, onAccount } from '../../src/testing/on-account.ts'
import type { OnAccount } from '../../src/testing/on-account.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient
let till: OnAccount

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
  till = onAccount(merchant)
})
afterAll(async () => {
  const report = await verifyServer(server)
  expect(report.violations).toEqual([])
  expect(server.errors).toEqual([])
  await server.close()
})

describe('invoices', () => {
  test('are told once what they ask for, take no more than that, and say it to whoever names another sum', async () => {
    const invoice = `INV-${randomUUID().slice(0, 8)}`
    const id = await till.recorded(100_000)
    expect(codeOf(await till.allocate(id, { invoice_id: invoice, amount: 10_000 }))).toEqual([
      422,
      'field_invalid',
      'invoice_amount',
    ])
    await till.allocated(id, { invoice_id: invoice, invoice_amount: 30_000, amount: 10_000 })
    await till.allocated(id, { invoice_id: invoice, amount: 15_000 })
    expect(codeOf(await till.allocate(id, { invoice_id: invoice, amount: 5_001 }))).toEqual([
      422,
      'allocation_exceeds_due',
      'amount',
    ])
    expect(codeOf(await till.allocate(id, { invoice_id: invoice, invoice_amount: 31_000, amount: 1 }))).toEqual([
      422,
      'field_invalid',
      'invoice_amount',
    ])
    const { items } = await till.read(`/v1/allocations?invoice_id=${invoice}`)
    expect((items as { amount: number }[]).map(({ amount }) => amount)).toEqual([15_000, 10_000])
  })

  test('take money that came through a gateway, too, and give it back when that is refunded', async () => {
    const invoice = `INV-${randomUUID().slice(0, 8)}`
    const { paymentId } = await merchant.pay({ amount: 50_000 })
    await till.allocated(paymentId, { invoice_id: invoice, invoice_amount: 50_000, amount: 40_000 })
    const back = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 25_000, reason: 'other' })
    expect(back.status).toBe(201)
    await advanceClock(server, 60)
    const payment = await eventually(async () => {
      const now = await till.read(`/v1/payments/${paymentId}`)
      return now['amount_refunded'] === 25_000 ? now : undefined
    }, 'the refund to go through')
    expect(payment).toMatchObject({ amount_allocated: 25_000, amount_refunded: 25_000 })
    const { items } = await till.read(`/v1/allocations?invoice_id=${invoice}`)
    expect(items).toMatchObject([
      { amount: -15_000, reason: 'refunded', refund_id: back.body['id'] },
      { amount: 40_000 },
    ])
    expect(codeOf(await till.allocate(paymentId, { order_id: await merchant.order(1_000), amount: 1 }))).toEqual([
      409,
      'payment_state_conflict',
      undefined,
    ])
  })
})

describe('a refund of money on account', () => {
  test('takes unapplied money first, then the newest allocations, and leaves paid what was paid', async () => {
    const [first, second] = [await merchant.order(30_000), await merchant.order(40_000)]
    const id = await till.recorded(100_000)
    await till.allocated(id, { order_id: first, amount: 30_000 })
    await till.allocated(id, { order_id: second, amount: 40_000 })
    expect(await till.refund(id, 30_000)).toMatchObject({ status: 201, body: { status: 'succeeded', order_id: null } })
    expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({
      amount_allocated: 70_000,
      amount_unapplied: 0,
    })
    await till.refund(id, 50_000)
    const { items } = await till.read(`/v1/allocations?payment_id=${id}`)
    const back = (items as { amount: number; order_id: string; reason: string }[]).filter(({ amount }) => amount < 0)
    expect(new Set(back.map(({ order_id, amount, reason }) => `${reason} ${order_id} ${amount}`))).toEqual(
      new Set([`refunded ${second} -40000`, `refunded ${first} -10000`]),
    )
    expect(await till.read(`/v1/orders/${first}`)).toMatchObject({
      status: 'paid',
      amount_refunded: 10_000,
      amount_due: 0,
    })
    expect(await till.read(`/v1/orders/${second}`)).toMatchObject({
      status: 'paid',
      amount_refunded: 40_000,
      amount_due: 0,
    })
    // Paid is paid: it takes neither a card nor other credit.
    const again = await till.allocate(await till.recorded(1_000), { order_id: second, amount: 1_000 })
    expect(codeOf(again)).toEqual([409, 'order_not_payable', undefined])
    expect(codeOf(await till.refund(id, 20_001))).toEqual([422, 'refund_exceeds_captured', 'amount'])
    const reverse = await merchant.post(`/v1/offline-payments/${id}/reverse`, { reason: 'Typed twice' })
    expect(codeOf(reverse)).toEqual([409, 'payment_state_conflict', undefined])
  })

  test('goes out of the till or the bank, as it was paid out, and is told, kept and printed so', async () => {
    const id = await till.recorded(50_000)
    const given = { way: 'cheque', reference: '000777', at: '2026-01-07T10:00:00.000Z', by: 'Meera, front desk' }
    const { body } = await till.refund(id, 20_000, given)
    expect(body['given_back']).toEqual(given)
    expect(await till.postingsOf(id)).toEqual([
      'capture cash>customer_credit 50000',
      'refund_reserved customer_credit>refunds_pending 20000',
      'refund_succeeded refunds_pending>bank 20000',
    ])
    expect(await till.eventsOf(id)).toContain('refund.succeeded')
    expect(await till.read(`/v1/refunds/${String(body['id'])}/receipt`)).toMatchObject({
      kind: 'refund_voucher',
      refund: { way: 'cheque', way_reference: '000777' },
    })
    const { rows } = await server.db.pools.owner.query(`select details from audit where object_id = $1`, [body['id']])
    expect(rows[0]).toMatchObject({
      details: { way: 'cheque', way_reference: '000777', given_by: 'Meera, front desk' },
    })
  })

  test('beyond the threshold waits for a second person, who may let it go or not', async () => {
    await merchant.post('/v1/refund-approval-thresholds', { amount: 60_000, currency: 'INR' })
    const { secretKey } = await createApiKeys(server.runtime.deps, server.tenant, 'second person')
    const other = merchantClient({ baseUrl: server.baseUrl, secretKey })
    const [approved, rejected] = [await till.recorded(90_000), await till.recorded(90_000)]
    for (const [id, verb, after, left] of [
      [approved, 'approve', 'succeeded', 20_000],
      [rejected, 'reject', 'rejected', 90_000],
    ] as const) {
      const { body } = await till.refund(id, 70_000)
      expect(body['status']).toBe('awaiting_approval')
      expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_unapplied: 20_000 })
      const own = await merchant.post(`/v1/refunds/${String(body['id'])}/${verb}`, {})
      expect(codeOf(own)).toEqual([403, 'second_person_needed', undefined])
      const decided = await other.post(`/v1/refunds/${String(body['id'])}/${verb}`, {})
      expect(decided).toMatchObject({ status: 200, body: { status: after } })
      expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_unapplied: left })
    }
  })
})

describe('an allocation', () => {
  test('that was a mistake is taken back by a row of its own: credit again, and owed again', async () => {
    const orderId = await merchant.order(30_000)
    const id = await till.recorded(50_000)
    const applied = await till.allocated(id, { order_id: orderId, amount: 30_000 })
    const withdraw = () => merchant.post(`/v1/allocations/${applied}/withdraw`, { reason: 'Meant for October' })
    const back = await withdraw()
    expect(back).toMatchObject({
      status: 200,
      body: { amount: -30_000, reason: 'withdrawn', corrects: applied, note: 'Meant for October' },
    })
    expect(await till.read(`/v1/orders/${orderId}`)).toMatchObject({
      status: 'open',
      amount_due: 30_000,
      paid_at: null,
    })
    expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_unapplied: 50_000 })
    expect(codeOf(await withdraw())).toEqual([409, 'allocation_state_conflict', undefined])
    const ofBack = await merchant.post(`/v1/allocations/${String(back.body['id'])}/withdraw`, { reason: 'Again' })
    expect(codeOf(ofBack)).toEqual([409, 'allocation_state_conflict', undefined])
    await till.allocated(id, { order_id: orderId, amount: 30_000 })
    expect((await till.read(`/v1/orders/${orderId}`))['status']).toBe('paid')
  })

  test('does not come beside an attempt that may still bring its own money', async () => {
    const orderId = await merchant.order(50_000)
    const id = await till.recorded(50_000)
    await merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'cash_on_delivery' } })
    expect(codeOf(await till.allocate(id, { order_id: orderId, amount: 1 }))).toEqual([409, 'payment_alive', undefined])
    const canceled = await merchant.order(50_000)
    await merchant.post(`/v1/orders/${canceled}/cancel`)
    expect(codeOf(await till.allocate(id, { order_id: canceled, amount: 1 }))).toEqual([
      409,
      'order_not_payable',
      undefined,
    ])
  })

  test.each([
    ['all', 50_000],
    ['a part', 20_000],
  ])('of %s keeps its order; money that an attempt brings late is given back', async (_what, amount) => {
    const gateway = await gatewayVoice(server)
    const orderId = await merchant.order(50_000)
    const declined = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'card', token: 'tok_decline_do_not_honor' },
    })
    const paymentId = String(declined.body['id'])
    await till.allocated(await till.recorded(50_000), { order_id: orderId, amount })
    await gateway.payAfterAll(paymentId)
    await gateway.notify(await gateway.payment(paymentId))
    await advanceClock(server, 60)
    const late = await eventually(async () => {
      const now = await till.read(`/v1/payments/${paymentId}`)
      return now['amount_refunded'] === 50_000 ? now : undefined
    }, 'the late money to go back')
    expect(late).toMatchObject({ status: 'captured', duplicate: true })
    expect(await till.read(`/v1/orders/${orderId}`)).toMatchObject({
      amount_captured: amount,
      amount_allocated: amount,
    })
  })

  test('keeps an order as large as what was applied to it', async () => {
    const orderId = await merchant.order(50_000)
    await till.allocated(await till.recorded(20_000), { order_id: orderId, amount: 20_000 })
    const smaller = await merchant.post(`/v1/orders/${orderId}`, { amount: 10_000 })
    expect(codeOf(smaller)).toEqual([409, 'order_not_changeable', undefined])
  })

  test.each([
    ['neither an order nor an invoice', {}, 'order_id'],
    ['both', { invoice_id: 'I-1', order_id: 'ord_00000000000000000000000000' }, 'order_id'],
    ['another currency', { invoice_id: 'I-1', invoice_amount: 100, currency: 'USD' }, 'currency'],
  ])('is refused with %s', async (_what, target, field) => {
    const answer = await till.allocate(await till.recorded(1_000), { amount: 100, ...target })
    expect([answer.status, answer.body['field']]).toEqual([422, field])
  })

  test('answers the same row to the same key', async () => {
    const id = await till.recorded(1_000)
    const body = { amount: 100, invoice_id: 'KEY-1', invoice_amount: 1_000 }
    const key = randomUUID()
    const first = await merchant.post(`/v1/payments/${id}/allocations`, body, key)
    const again = await merchant.post(`/v1/payments/${id}/allocations`, body, key)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_allocated: 100 })
  })
})

test('an order that holds credit is neither canceled nor over by its time: the rest may come later', async () => {
  const id = await till.recorded(50_000)
  const { created_at: createdAt } = await till.read(`/v1/orders/${await merchant.order(50_000)}`)
  const inAnHour = new Date(Date.parse(String(createdAt)) + 3_600_000).toISOString()
  const order = await merchant.order(50_000, { expires_at: inAnHour })
  const part = await till.allocated(id, { order_id: order, amount: 10_000 })
  expect(codeOf(await merchant.post(`/v1/orders/${order}/cancel`))).toEqual([409, 'order_not_changeable', undefined])
  await advanceClock(server, 7_200)
  expect(await till.read(`/v1/orders/${order}`)).toMatchObject({ status: 'partially_paid', canceled_at: null })
  const rest = await till.allocated(id, { order_id: order, amount: 40_000 })
  expect(await till.read(`/v1/orders/${order}`)).toMatchObject({ status: 'paid', paid_late: false })
  for (const one of [rest, part]) {
    expect((await merchant.post(`/v1/allocations/${one}/withdraw`, { reason: 'Wrong order' })).status).toBe(200)
  }
  await advanceClock(server, 7_200)
  expect(await till.read(`/v1/orders/${order}`)).toMatchObject({ status: 'expired' })
})
