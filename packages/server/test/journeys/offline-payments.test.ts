// Money that no gateway moves: recorded, honoured or returned by a bank, recorded in error. Whoever looks at what it
// had paid sees what is really owed.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKeys } from '../../src/operations/create-merchant.ts'
import type { Scope } from '../../src/operations/deps.ts'
import { upsertCustomer } from '../../src/operations/upsert-customer.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { CASH, cheque, codeOf, onAccount, transfer } from '../../src/testing/on-account.ts'
import type { OnAccount } from '../../src/testing/on-account.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'

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

/** What the ledger and the merchant were told of the cheque below. */
async function expectTold(id: string): Promise<void> {
  expect(await till.postingsOf(id)).toEqual([
    'allocated customer_credit>sales_clearing 15000',
    'allocated customer_credit>sales_clearing 30000',
    'allocated customer_credit>sales_clearing 45000',
    'allocation_withdrawn sales_clearing>customer_credit 15000',
    'allocation_withdrawn sales_clearing>customer_credit 30000',
    'allocation_withdrawn sales_clearing>customer_credit 45000',
    'capture cheques_in_clearing>customer_credit 90000',
    'reversed customer_credit>cheques_in_clearing 90000',
  ])
  expect(await till.eventsOf(id)).toEqual([
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
}

describe('a cheque', () => {
  test('pays two orders, keeps the rest as credit that is applied later, and takes it all back when it bounces', async () => {
    const [first, second, third] = [
      await merchant.order(30_000),
      await merchant.order(50_000),
      await merchant.order(20_000),
    ]
    const id = await till.recorded(90_000, cheque())
    await till.allocated(id, { order_id: first, amount: 30_000 })
    await till.allocated(id, { order_id: second, amount: 45_000 })
    expect(await till.read(`/v1/orders/${first}`)).toMatchObject({
      status: 'paid',
      amount_allocated: 30_000,
      amount_due: 0,
    })
    expect(await till.read(`/v1/orders/${second}`)).toMatchObject({ status: 'partially_paid', amount_due: 5_000 })
    expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({
      status: 'recorded',
      amount_allocated: 75_000,
      amount_unapplied: 15_000,
    })
    await till.allocated(id, { order_id: third, amount: 15_000 })
    expect(await till.read(`/v1/offline-payments/${id}`)).toMatchObject({ amount_unapplied: 0 })

    expect(await till.bounce(id)).toMatchObject({
      status: 200,
      body: { status: 'bounced', amount_allocated: 0, amount_reversed: 90_000, ended_reason: 'Funds insufficient' },
    })
    for (const [orderId, due] of [
      [first, 30_000],
      [second, 50_000],
      [third, 20_000],
    ] as const) {
      expect(await till.read(`/v1/orders/${orderId}`)).toMatchObject({
        status: 'open',
        amount_captured: 0,
        amount_allocated: 0,
        amount_due: due,
        paid_at: null,
      })
    }
    await expectTold(id)
    // The debt is a debt again: the order takes another payment.
    const paid = await merchant.post(`/v1/orders/${first}/payments`, {
      instrument: { method: 'card', token: 'tok_approve' },
    })
    expect(paid.body['status']).toBe('captured')
    expect(codeOf(await till.allocate(id, { order_id: second, amount: 1 }))).toEqual([
      422,
      'allocation_exceeds_received',
      'amount',
    ])
  })

  test('moves to the bank once it is honoured, is not refunded before, and is followed if the bank returns it after all', async () => {
    const id = await till.recorded(40_000, cheque())
    expect(codeOf(await till.refund(id, 1_000))).toEqual([409, 'payment_state_conflict', undefined])
    expect(await till.clear(id)).toMatchObject({ status: 200, body: { status: 'cleared' } })
    // A repeat answers what there is.
    expect((await till.clear(id)).body).toMatchObject({
      status: 'cleared',
      version: (await till.read(`/v1/payments/${id}`))['version'],
    })
    expect(await till.postingsOf(id)).toEqual([
      'capture cheques_in_clearing>customer_credit 40000',
      'cheque_cleared bank>cheques_in_clearing 40000',
    ])
    expect((await till.bounce(id)).body['status']).toBe('bounced')
    expect(await till.postingsOf(id)).toContain('reversed customer_credit>bank 40000')
    const { conflicts } = await till.read(`/v1/payments/${id}/timeline`)
    expect(conflicts).toMatchObject([{ kind: 'bounced_after_clearing' }])
    expect(codeOf(await till.clear(id))).toEqual([409, 'payment_state_conflict', undefined])
  })

  test('is money once: the same number of the same bank is refused until it bounced or was reversed', async () => {
    const paper = cheque()
    const first = await till.recorded(10_000, paper)
    const again = await till.record(10_000, {
      ...paper,
      bank: 'hdfc  BANK',
      cheque_number: `000${paper.cheque_number}`,
    })
    expect(codeOf(again)).toEqual([409, 'offline_payment_taken', 'cheque_number'])
    expect((await till.record(10_000, { ...paper, bank: 'Axis Bank' })).status).toBe(201)
    await till.bounce(first)
    expect((await till.record(10_000, paper)).status).toBe(201)
  })
})

describe('a bank transfer', () => {
  test('is money once, by its UTR, and is found by it', async () => {
    const told = transfer()
    const id = await till.recorded(25_000, told)
    expect(codeOf(await till.record(25_000, { ...told, utr: told.utr.toLowerCase() }))).toEqual([
      409,
      'offline_payment_taken',
      'utr',
    ])
    const { items } = await till.read(`/v1/payments?search=${told.utr}`)
    expect(items).toMatchObject([{ id, method: 'bank_transfer', order_id: null, gateway_account_id: null }])
    expect(await till.postingsOf(id)).toEqual(['capture bank>customer_credit 25000'])
  })

  test('that was recorded in error is reversed, and can be recorded again', async () => {
    const told = transfer()
    const orderId = await merchant.order(25_000)
    const id = await till.recorded(25_000, told)
    await till.allocated(id, { order_id: orderId, amount: 25_000 })
    expect((await till.reverse(id)).body).toMatchObject({ status: 'reversed', ended_reason: 'Typed twice' })
    expect(await till.reverse(id)).toMatchObject({ status: 200, body: { status: 'reversed' } })
    expect((await till.read(`/v1/orders/${orderId}`))['status']).toBe('open')
    expect(await till.postingsOf(id)).toContain('reversed customer_credit>bank 25000')
    await till.recorded(25_000, told)
    expect(codeOf(await till.bounce(id))).toEqual([409, 'payment_state_conflict', undefined])
  })
})

describe('recording', () => {
  test.each([
    ['a cheque without its number', () => ({ ...cheque(), cheque_number: undefined }), 'cheque_number'],
    ['a cheque of no bank', () => ({ ...cheque(), bank: ' ' }), 'bank'],
    ['a cheque of no day', () => ({ ...cheque(), cheque_date: '2026-02-30' }), 'cheque_date'],
    ['a transfer without its UTR', () => ({ ...transfer(), utr: undefined }), 'utr'],
    ['cash with the number of a cheque', () => ({ ...CASH, cheque_number: '1' }), 'cheque_number'],
    ['money that is to come', () => ({ ...CASH, received_at: '2099-01-01T00:00:00Z' }), 'received_at'],
  ])('refuses %s', async (_what, more, field) => {
    expect(codeOf(await till.record(1_000, more()))).toEqual([422, 'field_invalid', field])
  })

  test('is for whoever may move payments, and reversing for whoever may refund', async () => {
    const id = await till.recorded(1_000)
    const { deps } = server.runtime
    const limited = async (scope: Scope) => {
      const { keyId, secretKey } = await createApiKeys(deps, server.tenant, scope)
      const sql = `update credentials set scopes = $1 where subject_id = $2 and kind = 'secret_key'`
      await server.db.pools.owner.query(sql, [['read', scope], keyId])
      return merchantClient({ baseUrl: server.baseUrl, secretKey })
    }
    const clerk = await limited('payments')
    const body = { amount: 1_000, ...CASH }
    expect((await clerk.post('/v1/offline-payments', body)).status).toBe(201)
    const reverse = { reason: 'Typed twice' }
    expect(codeOf(await clerk.post(`/v1/offline-payments/${id}/reverse`, reverse)).slice(0, 2)).toEqual([
      403,
      'scope_missing',
    ])
    const finance = await limited('refunds')
    expect(codeOf(await finance.post('/v1/offline-payments', body)).slice(0, 2)).toEqual([403, 'scope_missing'])
    expect((await finance.post(`/v1/offline-payments/${id}/reverse`, reverse)).status).toBe(200)
  })

  test('is listed, newest first, page by page, and shown among the payments', async () => {
    const ids = [
      await till.recorded(11, transfer()),
      await till.recorded(12, transfer()),
      await till.recorded(13, transfer()),
    ].toReversed()
    const seen: unknown[] = []
    let cursor = ''
    do {
      const page = await till.read(`/v1/offline-payments?method=bank_transfer&limit=2${cursor}`)
      seen.push(...(page['items'] as { id: string }[]).map(({ id }) => id))
      cursor = page['next_cursor'] === null ? '' : `&cursor=${page['next_cursor'] as string}`
    } while (cursor !== '')
    expect(seen.slice(0, 3)).toEqual(ids)
    expect(new Set(seen).size).toBe(seen.length)
    const { items } = await till.read('/v1/payments?method=bank_transfer&limit=3')
    expect((items as { id: string }[]).map(({ id }) => id)).toEqual(ids)
  })

  test('makes credit of a customer, whose name stands on the receipt', async () => {
    const { deps } = server.runtime
    const details = { givenName: 'Asha', familyName: 'Rao' }
    const { id: customer } = await upsertCustomer(deps, server.actor, {
      reference: randomUUID(),
      details,
      whenThere: 'refuse',
    })
    const id = await till.recorded(40_000, { ...cheque(), customer_id: customer })
    await till.allocated(id, { invoice_id: 'PRINTED-1', invoice_amount: 15_000, amount: 15_000 })
    const { items } = await till.read(`/v1/offline-payments?customer_id=${customer}`)
    expect(items).toMatchObject([{ id, customer_id: customer, amount_unapplied: 25_000 }])
    const receipt = await till.read(`/v1/payments/${id}/receipt`)
    expect(receipt).toMatchObject({
      order: null,
      payer: { name: 'Asha Rao' },
      payment: { method: 'cheque', bank: 'HDFC Bank', cheque: { date: '2026-01-04', cleared: false } },
      applied_to: [{ kind: 'invoice', reference: 'PRINTED-1', amount_text: '₹150.00' }],
      overlays: [],
    })
    await till.bounce(id)
    const later = await till.read(`/v1/payments/${id}/receipt`)
    expect(later).toMatchObject({ number: receipt['number'], overlays: [{ kind: 'reversed', bounced: true }] })
    const other = await till.recorded(1_000, cheque())
    await till.bounce(other)
    expect((await merchant.get(`/v1/payments/${other}/receipt`)).status).toBe(409)
  })

  test('is nothing that a gateway could capture, void, cancel or settle', async () => {
    const id = await till.recorded(1_000)
    for (const verb of ['capture', 'void', 'cancel']) {
      expect(codeOf(await merchant.post(`/v1/payments/${id}/${verb}`, {})).slice(0, 2)).toEqual([
        409,
        'payment_state_conflict',
      ])
    }
    const { paymentId } = await merchant.pay()
    expect((await merchant.get(`/v1/offline-payments/${paymentId}`)).status).toBe(404)
    expect(codeOf(await till.bounce(paymentId))).toEqual([404, 'payment_not_found', undefined])
  })
})
