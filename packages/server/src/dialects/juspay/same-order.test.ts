// An order whose reference is used again: it is taken up where the same is meant, and refused where another customer,
// amount or currency is named. Whose order it is says the order's own column, and no metadata.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiReply, Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { merchantClient } from '../../testing/merchant-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer
let juspay: JuspayClient

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

async function made(reply: Promise<ApiReply>): Promise<Loose> {
  const { status, body, text } = await reply
  expect(status, text).toBe(200)
  return body
}

const ordered = (form: Record<string, string>) => made(juspay.post('/orders', { form: { amount: '10.00', ...form } }))
const CARD = { payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }
const session = (order_id: string, customer_id: string) =>
  juspay.post('/session', { json: { order_id, amount: '10.00', customer_id, payment_page_client_id: 'tea' } })

describe('An order of one customer', () => {
  test('opens no session for another one, and stays whose it is', async () => {
    await made(session('SAME1', 'cust_a'))
    const other = await session('SAME1', 'cust_b')
    expect([other.status, other.body.error_info.code]).toEqual([400, 'ALREADY_EXISTS'])
    expect((await made(session('SAME1', 'cust_a'))).order_id).toBe('SAME1')
    expect((await made(juspay.get('/orders/SAME1'))).customer_id).toBe('cust_a')
  })

  test('is not updated, created again or paid in the name of another one', async () => {
    await ordered({ order_id: 'SAME2', customer_id: 'cust_a' })
    const other = { order_id: 'SAME2', amount: '10.00', customer_id: 'cust_b' }
    const below = Object.fromEntries(Object.entries(other).map(([name, text]) => [`order.${name}`, text]))
    const replies = [
      await juspay.post('/orders/SAME2', { form: { customer_id: 'cust_b' } }),
      await juspay.post('/order/update', { form: other }),
      await juspay.post('/order/create', { form: other }),
      await juspay.post('/txns', { form: { ...CARD, ...below } }),
    ]
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 400])
    expect(await made(juspay.get('/orders/SAME2'))).toMatchObject({ customer_id: 'cust_a', status: 'NEW' })
    const same = await made(juspay.post('/orders/SAME2', { form: { customer_id: 'cust_a', udf1: 'x' } }))
    expect(same).toMatchObject({ customer_id: 'cust_a', udf1: 'x' })
  })

  test('is shown with that customer, whatever its metadata says', async () => {
    const merchant = merchantClient(server)
    const guest = await merchant.order(1_000, { metadata: { customer_id: 'cust_b' }, reference: 'SAME3' })
    expect(guest).toMatch(/^ord_/)
    expect((await made(juspay.get('/orders/SAME3'))).customer_id).toBeNull()
  })

  test('is not cut out of a longer name', async () => {
    const customer_id = 'c'.repeat(129)
    const reply = await juspay.post('/orders', { form: { order_id: 'SAME4', amount: '10.00', customer_id } })
    expect([reply.status, reply.body.error_info.fields[0].field_name]).toEqual([400, 'customer_id'])
    expect((await juspay.get('/orders/SAME4')).status).toBe(404)
  })
})

describe('A transaction', () => {
  test('with another amount or currency than the order that is there pays nothing', async () => {
    await ordered({ order_id: 'SAME5' })
    const pay = (more: Record<string, string>) =>
      juspay.post('/txns', { form: { ...CARD, 'order.order_id': 'SAME5', ...more } })
    const more = await pay({ 'order.amount': '500.00' })
    expect([more.status, more.body.error_info.code]).toEqual([400, 'ALREADY_EXISTS'])
    expect((await pay({ 'order.amount': '10.00', 'order.currency': 'USD' })).status).toBe(400)
    expect((await made(juspay.get('/orders/SAME5'))).status).toBe('NEW')
    expect((await made(pay({ 'order.amount': '10.00' }))).status).toBe('CHARGED')
  })

  test('of the payer’s own token names no other amount either', async () => {
    const order = await ordered({ order_id: 'SAME6', 'options.get_client_auth_token': 'true' })
    const token = { client_auth_token: order.juspay.client_auth_token }
    const form = { ...CARD, ...token, 'order.order_id': 'SAME6', 'order.amount': '1.00' }
    expect((await juspay.post('/txns', { key: null, form })).status).toBe(400)
    expect((await made(juspay.get('/orders/SAME6'))).status).toBe('NEW')
  })
})

test('An order that credit pays is partly charged, and charged, without an attempt', async () => {
  const merchant = merchantClient(server)
  const order = await ordered({ order_id: 'SAME7' })
  const received = { method: 'cash', received_at: '2026-01-05T10:00:00Z', received_by: 'Ravi' }
  const { body } = await merchant.post('/v1/offline-payments', { amount: 1_000, currency: 'INR', ...received })
  const allocate = (amount: number) =>
    merchant.post(`/v1/payments/${String(body['id'])}/allocations`, { amount, order_id: order.id })
  const shown = async () => (await made(juspay.get('/orders/SAME7'))).status
  expect((await allocate(400)).status).toBe(201)
  expect(await shown()).toBe('PARTIAL_CHARGED')
  expect((await allocate(600)).status).toBe(201)
  expect(await shown()).toBe('CHARGED')
  const paid = await juspay.post('/txns', { form: { ...CARD, order_id: 'SAME7' } })
  expect(paid.status).toBe(400)
})
