// Refunds at the gateway: set aside at once, settled on the account's clock, never more than was captured.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loose, RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'

const DAY_MS = 86_400_000

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

test('takes a refund as processing and returns the money a little later', async () => {
  const payment = await givenPayment(sandbox)
  const taken = await refund(payment, 'refund-1', '40.00')
  expect(taken).toMatchObject({ status: 201, body: { status: 'PROCESSING', amount: '40.00' } })
  expect(taken.body).not.toHaveProperty('arn')

  await sandbox.advance(1_000)
  const settled = await sandbox.call('GET', '/v1/refunds/by-reference/refund-1')
  expect(settled.body).toMatchObject({ id: taken.body.id, status: 'RETURNED', arn: expect.stringMatching(/^\d{12}$/) })
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body).toMatchObject({
    status: 'PAID',
    paid: '100.00',
    returned: '40.00',
  })
})

test('settles a refund by itself in real time', async () => {
  const payment = await givenPayment(sandbox)
  const { body } = await refund(payment, 'refund-real-time', '100.00')
  await expect
    .poll(async () => (await sandbox.call('GET', `/v1/refunds/${body.id}`)).body.status, { timeout: 10_000 })
    .toBe('RETURNED')
})

test('gives a failed refund its part of the balance back', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_refund_fails' } })
  await refund(payment, 'refund-fails', '100.00')
  expect((await refund(payment, 'refund-too-much', '0.01')).status).toBe(422)

  await sandbox.advance(1_000)
  expect((await sandbox.call('GET', '/v1/refunds/by-reference/refund-fails')).body).toMatchObject({
    status: 'FAILED',
    failure: 'R1',
  })
  expect((await refund(payment, 'refund-after-failure', '100.00')).status).toBe(201)
})

test.each([
  ['tok_refund_slow', 'PROCESSING'],
  ['tok_refund_review', 'ON_REVIEW'],
])('keeps a refund of %s %s for a day', async (token, status) => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token } })
  await refund(payment, `of-${token}`, '5.00')
  await sandbox.advance(DAY_MS - 60_000)
  expect((await sandbox.call('GET', `/v1/refunds/by-reference/of-${token}`)).body.status).toBe(status)
  await sandbox.advance(60_000)
  expect((await sandbox.call('GET', `/v1/refunds/by-reference/of-${token}`)).body.status).toBe('RETURNED')
})

test('takes twenty racing refunds only up to the capture', async () => {
  const payment = await givenPayment(sandbox)
  const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => refund(payment, `race-${n}`, '30.00')))
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(3)
  expect(replies.filter(({ body }) => body.error?.code === 'AMOUNT_TOO_HIGH')).toHaveLength(17)
})

test('takes one refund however often its reference is sent, and refuses the reference for another', async () => {
  const payment = await givenPayment(sandbox)
  const replies = await Promise.all(Array.from({ length: 20 }, () => refund(payment, 'same', '10.00')))
  expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)

  const other = await givenPayment(sandbox)
  const races = await Promise.all([refund(payment, 'shared', '1.00'), refund(other, 'shared', '1.00')])
  expect(new Set(races.map(({ status }) => status))).toEqual(new Set([201, 422]))
})

test('refuses to return money that was never taken', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  const declined = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_decline_do_not_honor' } })
  expect((await refund(held, 'of-held', '1.00')).status).toBe(409)
  expect((await refund(declined, 'of-declined', '1.00')).status).toBe(409)
})

test('refuses a refund in another currency', async () => {
  const payment = await givenPayment(sandbox)
  const reply = await refund(payment, 'other-currency', '1.00', 'EUR')
  expect(reply).toMatchObject({ status: 422, body: { error: { code: 'AMOUNT_INVALID', detail: 'currency' } } })
})

test('the database itself refuses to set aside more than was paid', async () => {
  const payment = await givenPayment(sandbox)
  const attempt = database.pools.sandbox.query('update sandbox.payments set returning_now = paid + 1 where id = $1', [
    payment.id,
  ])
  await expect(attempt).rejects.toThrow('never_returned_more_than_paid')
})

function refund(payment: Loose, reference: string, amount: string, currency = 'INR') {
  const body = { payment_id: payment.id, reference, amount, currency, reason: 'not_satisfied' }
  return sandbox.call('POST', '/v1/refunds', body)
}
