// Pays out on the clock: when a file is made, what it holds, and that every part of it adds up.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loose, RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let sandbox: RunningSandbox

beforeAll(async () => {
  database = await openTestDatabase()
  sandbox = await startTestSandbox(database.pools.sandbox)
})
afterAll(async () => {
  await sandbox.stop()
  await database.close()
})

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const INDIA_MS = 5.5 * HOUR_MS

async function now(): Promise<number> {
  return Date.parse((await sandbox.call('GET', '/v1/clock')).body.now)
}

/** To so many hours after midnight in India, on the day that many days ahead. */
async function advanceTo(days: number, hours: number): Promise<void> {
  const at = await now()
  const midnight = Math.floor((at + INDIA_MS) / DAY_MS) * DAY_MS - INDIA_MS
  await sandbox.advance(Math.ceil(midnight + days * DAY_MS + hours * HOUR_MS - at))
}

async function list(after = ''): Promise<Loose[]> {
  const { status, body } = await sandbox.call('GET', `/v1/settlements${after === '' ? '' : `?after=${after}`}`)
  expect(status).toBe(200)
  return body.settlements
}

async function rowsOf(id: string): Promise<Record<string, string>[]> {
  const reply = await fetch(`${sandbox.baseUrl}/sandbox/v1/settlements/${id}.csv`, {
    headers: { authorization: `Bearer ${sandbox.account.apiKey}` },
  })
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  const [head = '', ...rows] = (await reply.text()).trimEnd().split('\r\n')
  const names = head.split(',')
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, at) => [names[at] ?? '', cell])))
}

test('a day in India is paid out at ten on the next one: a file and a credit per currency', async () => {
  const first = await givenPayment(sandbox, { amount: '499.99' })
  await givenPayment(sandbox, { amount: '20.00', currency: 'USD' })
  const held = await givenPayment(sandbox, { amount: '300.00', capture: 'LATER' })
  const part = { amount: '100.00', currency: 'INR', final: true }
  await sandbox.call('POST', `/v1/payments/${held.id}/capture`, part, { 'idempotency-key': 'part' })
  await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_decline_do_not_honor' } })
  const refund = { payment_id: first.id, reference: 'back', amount: '99.99', currency: 'INR', reason: 'other' }
  await sandbox.call('POST', '/v1/refunds', refund)
  await sandbox.advance(1_000)

  await advanceTo(1, 9.9)
  expect(await list()).toEqual([])
  await advanceTo(0, 10.1)
  const settlements = await list()
  const byCurrency = settlements.toSorted((a, b) => (a.currency < b.currency ? -1 : 1))
  expect(byCurrency).toMatchObject([
    { currency: 'INR', lines: 3, net: '485.84', bank_credit: { amount: '485.84' } },
    { currency: 'USD', lines: 1, net: '19.53', bank_credit: { amount: '19.53' } },
  ])
  expect(new Set(settlements.map(({ utr }) => utr)).size).toBe(2)
  expect(settlements.map(({ bank_credit: credit, utr }) => credit.utr === utr)).toEqual([true, true])
  expect(await rowsOf(byCurrency[0].id)).toMatchObject([
    { line: '1', type: 'CAPTURE', payment_id: first.id, gross: '499.99', fee: '10.00', gst: '1.80', net: '488.19' },
    { line: '2', type: 'CAPTURE', payment_id: held.id, payment_amount: '300.00', gross: '100.00', net: '97.64' },
    { line: '3', type: 'REFUND', reference: 'back', gross: '99.99', fee: '0.00', gst: '0.00', net: '-99.99' },
  ])
  await advanceTo(1, 12)
  expect(await list()).toEqual(settlements)
  expect(await list(settlements[0].id)).toEqual(settlements.slice(1))
})

test('a day on which more was returned than came in is taken from the bank', async () => {
  const known = (await list()).at(-1).id
  const payment = await givenPayment(sandbox, { amount: '50.00' })
  await advanceTo(1, 11)
  await sandbox.call('POST', '/v1/refunds', {
    payment_id: payment.id,
    reference: 'all-back',
    amount: '50.00',
    currency: 'INR',
    reason: 'other',
  })
  await sandbox.advance(1_000)
  await advanceTo(1, 11)
  expect(await list(known)).toMatchObject([{ net: '48.82' }, { net: '-50.00', bank_credit: { amount: '-50.00' } }])
})

test('an account may have another fee, a fixed part and TDS; halves are rounded up', async () => {
  const known = (await list()).at(-1).id
  await database.pools.sandbox.query(
    'update sandbox.accounts set fee_bps = 150, fee_fixed = 300, tds_bps = 10 where id = $1',
    [sandbox.account.id],
  )
  await givenPayment(sandbox, { amount: '333.50' })
  await advanceTo(1, 11)
  const [settlement] = await list(known)
  // 33350 * 1.5 % = 500.25 and 300; 18 % of 800 = 144; 0.1 % of 33350 = 33.35.
  expect(await rowsOf(settlement.id)).toMatchObject([{ fee: '8.00', gst: '1.44', tds: '0.33', net: '323.73' }])
})

test('a file is shown to its account alone', async () => {
  const [settlement] = await list()
  const other = await sandbox.newAccount()
  const reply = await fetch(`${sandbox.baseUrl}/sandbox/v1/settlements/${settlement.id}.csv`, {
    headers: { authorization: `Bearer ${other.apiKey}` },
  })
  expect(reply.status).toBe(404)
  expect((await fetch(`${sandbox.baseUrl}/sandbox/v1/settlements`)).status).toBe(401)
})
