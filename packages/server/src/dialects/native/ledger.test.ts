import { afterAll, beforeAll, expect, test } from 'vitest'
import { merchantClient } from '../../testing/merchant-client.ts'
import type { MerchantClient } from '../../testing/merchant-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { advanceClock } from '../../testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

type Item = Record<string, string>
const items = async (path: string) => (await merchant.get(path)).body['items'] as Item[]
const balances = async (query = '') =>
  Object.fromEntries((await items(`/v1/balances${query}`)).map((item) => [item['account'], item['balance']]))

test('balances are the sums of the postings, by account and currency, and add up to zero', async () => {
  expect(await items('/v1/balances')).toEqual([])
  const { paymentId } = await merchant.pay({ amount: 10_000 })
  await merchant.pay({ amount: 5_000 })
  const dollars = await merchant.order(700, { currency: 'USD' })
  await merchant.post(`/v1/orders/${dollars}/payments`, { instrument: { method: 'card', token: 'tok_approve' } })
  expect(await balances('?currency=INR')).toEqual({ gateway_receivable: '15000', sales_clearing: '-15000' })
  expect(await balances('?currency=USD')).toEqual({ gateway_receivable: '700', sales_clearing: '-700' })

  await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 4_000, reason: 'other' })
  expect(await balances('?currency=INR')).toEqual({
    gateway_receivable: '15000',
    sales_clearing: '-11000',
    refunds_pending: '-4000',
  })
  await advanceClock(server, 3_600)
  expect(await balances('?currency=INR')).toMatchObject({ gateway_receivable: '11000', refunds_pending: '0' })
  const all = await items('/v1/balances')
  for (const currency of ['INR', 'USD']) {
    const own = all.filter((item) => item['currency'] === currency)
    expect(own.reduce((total, item) => total + BigInt(item['balance'] ?? 0), 0n)).toBe(0n)
  }
})

test('a balance is told as it stood at an instant', async () => {
  const [newest] = await items('/v1/postings?account=refunds_pending&limit=1')
  const before = new Date(Date.parse(newest?.['at'] ?? '') - 1).toISOString()
  expect(await balances(`?currency=INR&at=${before}`)).toMatchObject({ refunds_pending: '-4000' })
  expect(await balances('?currency=INR&at=2020-01-01T00:00:00Z')).toEqual({})
})

test('postings are listed newest first, a page at a time, by account, payment and time', async () => {
  const all = await items('/v1/postings?limit=100')
  expect(all.map((posting) => posting['reason'])).toEqual([
    'refund_succeeded',
    'refund_reserved',
    'capture',
    'capture',
    'capture',
  ])
  const first = await merchant.get('/v1/postings?account=gateway_receivable&limit=2')
  const second = await merchant.get(
    `/v1/postings?account=gateway_receivable&limit=2&cursor=${String(first.body['next_cursor'])}`,
  )
  const seen = [...(first.body['items'] as Item[]), ...(second.body['items'] as Item[])].map((item) => item['id'])
  const expected = all.filter((item) => [item['debit'], item['credit']].includes('gateway_receivable'))
  expect(seen).toEqual(expected.map((item) => item['id']))
  expect(second.body['next_cursor']).toBeNull()
  const ofPayment = await items(`/v1/postings?payment_id=${all[0]?.['payment_id']}`)
  expect(ofPayment).toHaveLength(3)
  expect(await items(`/v1/postings?from=${all[0]?.['at']}`)).toHaveLength(1)
  const other = await merchant.get(`/v1/postings?account=bank&cursor=${String(first.body['next_cursor'])}`)
  expect(other).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } })
})
