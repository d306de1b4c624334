// What the gateway paid out, against what we have and what the bank says. A golden day reconciles to zero; each planted
// difference is one break, and nothing is ever mended in silence.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'

type Item = Record<string, unknown>

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

const DAY_MS = 86_400_000
const INDIA_MS = 5.5 * 3_600_000
const items = async (path: string) => (await merchant.get(path)).body['items'] as Item[]
const sql = (text: string, ...values: unknown[]) => server.db.pools.owner.query(text, values)
const toldOf = async (found: Item | undefined) =>
  (await items('/v1/events?limit=100'))
    .filter((event) => event['object_id'] === found?.['id'])
    .map((event) => event['type'])
    .toReversed()
const openBreaks = () => items('/v1/breaks?status=open&limit=100')
const balances = async () =>
  Object.fromEntries((await items('/v1/balances?currency=INR')).map((item) => [item['account'], item['balance']]))

/** To a quarter past ten in India on the day after: what was captured now is paid out, and the job has not looked. */
async function untilPaidOut(): Promise<void> {
  const { body } = await merchant.get('/v1/test-clock')
  const day = Math.floor((Date.parse(String(body['now'])) + INDIA_MS) / DAY_MS)
  const to = new Date((day + 1) * DAY_MS - INDIA_MS + 10.25 * 3_600_000).toISOString()
  expect((await merchant.post('/v1/test-clock/advance', { to })).status).toBe(200)
}

const advanceDays = (days: number) => merchant.post('/v1/test-clock/advance', { seconds: days * 86_400 })

async function reconcile(): Promise<Item> {
  const { status, body } = await merchant.post('/v1/reconciliations', {})
  expect(status).toBe(201)
  return body
}

async function expectAllWell(): Promise<void> {
  const { violations } = await verifyServer(server)
  expect(violations).toEqual([])
}

test('a golden day reconciles to zero: fees, GST and refunds netted to the credit of one UTR', async () => {
  const { paymentId } = await merchant.pay({ amount: 100_000 })
  await merchant.pay({ amount: 49_999 })
  const held = await merchant.pay({ amount: 30_000, capture: 'manual' })
  await merchant.post(`/v1/payments/${held.paymentId}/capture`, { amount: 10_000, final: false })
  await merchant.post(`/v1/payments/${held.paymentId}/capture`, { amount: 15_000 })
  await merchant.pay({ token: 'tok_decline_do_not_honor' })
  await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 20_000, reason: 'other' })
  expect(await balances()).toMatchObject({ gateway_receivable: '174999' })

  await advanceDays(4)
  // 2 % of each capture, halves up: 2000 + 1000 + 200 + 300; 18 % of each fee: 360 + 180 + 36 + 54.
  expect(await balances()).toEqual({
    gateway_receivable: '0',
    sales_clearing: '-154999',
    refunds_pending: '0',
    fee: '3500',
    gst_on_fee: '630',
    bank: String(174_999 - 3_500 - 630 - 20_000),
  })
  expect(await openBreaks()).toEqual([])
  const runs = await items('/v1/reconciliations')
  expect(runs.length).toBeGreaterThanOrEqual(3)
  expect(runs.filter((run) => run['files'] === 1)).toMatchObject([
    { trigger: 'schedule', status: 'done', lines: 5, matched: 5, breaks: 0 },
  ])
  await expectAllWell()
})

test('what was imported is not imported again, by request or by many at once', async () => {
  await merchant.pay({ amount: 7_700 })
  await untilPaidOut()
  const before = await balances()
  const runs = await Promise.all([reconcile(), reconcile(), reconcile(), reconcile()])
  expect(runs.map((run) => run['status'])).toEqual(['done', 'done', 'done', 'done'])
  expect(await balances()).not.toEqual(before)
  const after = await balances()
  expect(await reconcile()).toMatchObject({ status: 'done', files: 0, lines: 0, breaks: 0 })
  expect(await balances()).toEqual(after)
  expect(after['gateway_receivable']).toBe('0')
  await expectAllWell()
})

test('a payment that nobody heard of again is settled by its presence in the file, through the one door', async () => {
  await sql(`update sandbox.accounts set notification_url = null`)
  const { paymentId, status, orderId } = await merchant.pay({ amount: 8_800, token: 'tok_lost_reply' })
  expect(status).toBe('unknown')
  // Neither a notification nor an answer to a question: the file is the first to say it.
  await sql(`update operations set due_at = due_at + interval '30 days' where payment_id = $1`, paymentId)
  await untilPaidOut()
  expect((await merchant.get(`/v1/payments/${paymentId}`)).body['status']).toBe('unknown')
  expect(await reconcile()).toMatchObject({ lines: 1, matched: 1, breaks: 0 })
  expect((await merchant.get(`/v1/payments/${paymentId}`)).body).toMatchObject({
    status: 'captured',
    amount_captured: 8_800,
  })
  expect((await merchant.get(`/v1/orders/${orderId}`)).body['status']).toBe('paid')
  const timeline = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
  expect((timeline['transitions'] as Item[]).at(-1)).toMatchObject({ to: 'captured', cause: 'settlement' })
  expect((await balances())['gateway_receivable']).toBe('0')
  await expectAllWell()
})

describe('a planted difference is one break', () => {
  let known: unknown[]
  let paymentId: string
  let csv: string
  let settlementId: string
  let lines: string[][]

  beforeEach(async () => {
    await advanceDays(4)
    known = (await openBreaks()).map((found) => found['id'])
    paymentId = (await merchant.pay({ amount: 50_000 })).paymentId
    await merchant.pay({ amount: 60_000 })
  })

  async function paidOut(): Promise<void> {
    await untilPaidOut()
    const { rows } = await sql('select id, csv from sandbox.settlements order by id desc limit 1')
    settlementId = rows[0].id
    csv = rows[0].csv
    lines = csv.split('\r\n').map((line) => line.split(','))
  }

  const write = (changed: string[][]) =>
    sql(
      'update sandbox.settlements set csv = $2 where id = $1',
      settlementId,
      changed.map((line) => line.join(',')).join('\r\n'),
    )

  const COLUMN = { line: 2, id: 4, paymentId: 5, reference: 6, gross: 9, fee: 10, gst: 11, net: 13 } as const
  const change = (line: number, cells: Partial<Record<keyof typeof COLUMN, string>>) =>
    lines.map((row, at) => (at === line ? row.map((cell, column) => replaced(cells, column) ?? cell) : row))
  const replaced = (cells: Partial<Record<keyof typeof COLUMN, string>>, column: number) =>
    Object.entries(cells).find(([name]) => COLUMN[name as keyof typeof COLUMN] === column)?.[1]

  async function expectOneBreak(reason: string, more: object = {}): Promise<Item> {
    await reconcile()
    await reconcile()
    const fresh = (await openBreaks()).filter((found) => !known.includes(found['id']))
    expect(fresh).toMatchObject([{ reason, status: 'open', ...more }])
    expect(await toldOf(fresh[0])).toEqual(['break.opened'])
    await expectAllWell()
    return fresh[0] ?? {}
  }

  test('amount', async () => {
    await paidOut()
    await write(change(1, { gross: '499.99' }))
    await expectOneBreak('amount_differs', { payment_id: paymentId, details: { ours: '50000', theirs: '49999' } })
    // Not posted: the gateway still owes it, in our book.
    expect(Number((await balances())['gateway_receivable'])).toBe(50_000)
  })

  test('fee', async () => {
    await paidOut()
    await write(change(1, { fee: '11.00', net: '487.20' }))
    await sql(`update sandbox.bank_credits set amount = amount - 100 where utr = $1`, lines[1]?.[1])
    await expectOneBreak('fee_differs', { payment_id: paymentId, details: { agreed: '1000', taken: '1100' } })
  })

  test('tax', async () => {
    await paidOut()
    await write(change(1, { gst: '1.81', net: '488.19' }))
    await sql(`update sandbox.bank_credits set amount = amount - 1 where utr = $1`, lines[1]?.[1])
    await expectOneBreak('tax_differs', { payment_id: paymentId })
  })

  test('parts that do not add up', async () => {
    await paidOut()
    await write(change(1, { net: '488.21' }))
    await sql(`update sandbox.bank_credits set amount = amount + 1 where utr = $1`, lines[1]?.[1])
    await expectOneBreak('sum_differs', { payment_id: paymentId })
  })

  test('missing, which proves nothing and is closed when it turns up', async () => {
    await sql(
      `update sandbox.steps set settlement_id = 'held_back' where payment_id in
         (select id from sandbox.payments where reference = $1)`,
      paymentId,
    )
    await paidOut()
    await reconcile()
    expect((await openBreaks()).filter((found) => !known.includes(found['id']))).toEqual([])
    await advanceDays(3)
    const found = await expectOneBreak('missing_from_settlement', { payment_id: paymentId })
    expect((await merchant.get(`/v1/payments/${paymentId}`)).body['status']).toBe('captured')

    await sql(`update sandbox.steps set settlement_id = null where settlement_id = 'held_back'`)
    await advanceDays(2)
    expect((await merchant.get(`/v1/breaks/${String(found['id'])}`)).body).toMatchObject({
      status: 'resolved',
      resolved_by: 'job:reconcile-settlements',
    })
    expect(await toldOf(found)).toEqual(['break.opened', 'break.resolved'])
  })

  test('duplicate', async () => {
    await paidOut()
    const [head = [], first = [], second = []] = lines
    const again = [...first]
    again[COLUMN.line] = '3'
    await write([head, first, second, again, ['']])
    await expectOneBreak('duplicate_line', { payment_id: paymentId })
  })

  test('foreign', async () => {
    await paidOut()
    const [head = [], first = [], second = []] = lines
    const foreign = [...first]
    foreign[COLUMN.id] = 'sbs_of_somebody_else'
    foreign[COLUMN.paymentId] = 'sbp_of_somebody_else'
    foreign[COLUMN.reference] = 'pay_of_somebody_else'
    await write([head, first, second, foreign, ['']])
    await expectOneBreak('unknown_object', { payment_id: null })
  })

  test('another credit at the bank', async () => {
    await paidOut()
    await sql(`update sandbox.bank_credits set amount = amount - 1 where utr = $1`, lines[1]?.[1])
    await expectOneBreak('bank_credit_differs')
  })

  test('no credit at the bank, until it comes', async () => {
    await paidOut()
    const { rows } = await sql('delete from sandbox.bank_credits where utr = $1 returning *', lines[1]?.[1])
    await expectOneBreak('bank_credit_missing')
    await sql(
      'insert into sandbox.bank_credits (account_id, utr, currency, amount, credited_at) values ($1, $2, $3, $4, $5)',
      ...['account_id', 'utr', 'currency', 'amount', 'credited_at'].map((name) => rows[0][name]),
    )
    await reconcile()
    const { rows: kept } = await sql('select bank_amount = net as same from settlements order by id desc limit 1')
    expect(kept).toEqual([{ same: true }])
  })

  test('a file that cannot be read', async () => {
    await paidOut()
    await sql('update sandbox.settlements set csv = $2 where id = $1', settlementId, csv.slice(0, -40))
    await expectOneBreak('file_unreadable')
  })
})

test('a break is closed once, by somebody who says what was found', async () => {
  const [found] = await openBreaks()
  const path = `/v1/breaks/${String(found?.['id'])}`
  expect(await merchant.post(`${path}/resolve`, {})).toMatchObject({ status: 400 })
  const resolved = await merchant.post(`${path}/resolve`, { note: 'Ticket 4711: the gateway pays it tomorrow.' })
  expect(resolved.body).toMatchObject({
    status: 'resolved',
    note: 'Ticket 4711: the gateway pays it tomorrow.',
    resolved_by: `key:${server.demo.key_id}`,
  })
  expect((await toldOf(found)).at(-1)).toBe('break.resolved')
  expect(await merchant.post(`${path}/resolve`, { note: 'Again.' })).toMatchObject({
    status: 409,
    body: { code: 'break_resolved' },
  })
  expect((await items('/v1/breaks?status=resolved')).map((item) => item['id'])).toContain(found?.['id'])
  expect((await merchant.get('/v1/breaks/brk_00000000000000000000000000')).body['code']).toBe('break_not_found')
  const { body } = await merchant.get('/v1/reconciliations/rcn_00000000000000000000000000')
  expect(body['code']).toBe('reconciliation_not_found')
})
