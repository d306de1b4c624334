// What the gateway tells unasked: signed, repeated until it is taken, sometimes late or twice, always totals.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hmacSha256 } from '../kernel/hmac.ts'
import type { NotificationInbox, Received } from '../testing/notification-inbox.ts'
import { startNotificationInbox } from '../testing/notification-inbox.ts'
import type { RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { LATE_NOTICE_MS } from './instruments.ts'

let database: TestDatabase
let inbox: NotificationInbox
let sandbox: RunningSandbox

beforeAll(async () => {
  database = await openTestDatabase()
  inbox = await startNotificationInbox()
  sandbox = await startTestSandbox(database.pools.sandbox, { notificationUrl: inbox.url })
})
afterAll(async () => {
  await sandbox.stop()
  await inbox.stop()
  await database.close()
})

test('tells of an outcome with the whole payment, signed over the exact bytes', async () => {
  const payment = await givenPayment(sandbox)
  const [notification] = await about(payment.id, 1)
  expect(notification?.body).toMatchObject({ type: 'payment.updated', payment })
  expect(notification?.headers['x-sandbox-event-id']).toBe(notification?.body.id)
  expect(isSigned(notification, sandbox.account.notificationSecret)).toBe(true)
})

test('tells of nothing while a payment has no outcome, and of the outcome when it comes', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_pending_approve' } })
  expect(payment.status).toBe('PENDING')
  await sandbox.advance(3_000)
  const [notification, ...more] = await about(payment.id, 1)
  expect(notification?.body.payment).toMatchObject({ status: 'PAID', paid: '100.00' })
  expect(more).toEqual([])
})

test('tells of each capture with the total, and of a settled refund', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  for (const part of ['1', '2']) {
    const body = { amount: '30.00', currency: 'INR', final: false }
    await sandbox.call('POST', `/v1/payments/${held.id}/capture`, body, { 'idempotency-key': `told-${part}` })
  }
  const told = await about(held.id, 3)
  expect(new Set(told.map(({ body }) => body.payment.paid))).toEqual(new Set(['0.00', '30.00', '60.00']))

  const refund = { payment_id: held.id, reference: 'told', amount: '1.00', currency: 'INR', reason: 'other' }
  await sandbox.call('POST', '/v1/refunds', refund)
  await sandbox.advance(1_000)
  const [settled] = await inbox.waitFor(1, (body) => body.refund?.reference === 'told')
  expect(settled?.body).toMatchObject({ type: 'refund.updated', refund: { status: 'RETURNED', amount: '1.00' } })
})

test('sends the same bytes under the same id again until they are taken, signed anew', async () => {
  inbox.answerWith(503, 500)
  const payment = await givenPayment(sandbox)
  const [first, second, third] = await about(payment.id, 3)
  expect(second?.raw).toEqual(first?.raw)
  expect(third?.raw).toEqual(first?.raw)
  expect(isSigned(third, sandbox.account.notificationSecret)).toBe(true)
})

test('tells five times with the instrument that repeats itself', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_duplicate_notice' } })
  const copies = await about(payment.id, 5)
  expect(new Set(copies.map(({ body }) => body.id)).size).toBe(1)
})

test('tells late, on the account’s clock, with the instrument that is late', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_late_notice' } })
  await sandbox.advance(3_000)
  // Another payment's news overtakes it.
  const quick = await givenPayment(sandbox)
  await about(quick.id, 1)
  expect(inbox.received.filter(({ body }) => body.payment?.id === payment.id)).toEqual([])

  await sandbox.advance(LATE_NOTICE_MS)
  const [late] = await about(payment.id, 1)
  expect(late?.body.payment.status).toBe('PAID')
})

test('gives a notification to one of many workers at a time', async () => {
  // Two gateways on one book: what is due is sent by one of them.
  const second = await startTestSandbox(database.pools.sandbox)
  const payments = await Promise.all(Array.from({ length: 40 }, () => givenPayment(sandbox)))
  const ids = new Set(payments.map(({ id }) => id))
  const told = await inbox.waitFor(40, (body) => ids.has(body.payment?.id))
  await second.stop()
  expect(new Set(told.map(({ body }) => body.id)).size).toBe(40)
  await expect
    .poll(async () => {
      const { rows } = await database.pools.sandbox.query(
        `select attempts, delivered_at is not null as delivered, count(*)::integer
           from sandbox.notifications where object_id = any($1) group by attempts, delivered`,
        [[...ids]],
      )
      return rows
    })
    .toEqual([{ attempts: 1, delivered: true, count: 40 }])
})

test('sends nothing to an account without an address, and something once it has one', async () => {
  const quiet = await startTestSandbox(database.pools.sandbox)
  const untold = await givenPayment(quiet)
  await quiet.admin('POST', `/accounts/${quiet.account.id}`, { notification_url: inbox.url })
  const told = await givenPayment(quiet)
  await about(told.id, 1)
  await quiet.stop()
  expect(inbox.received.some(({ body }) => body.payment?.id === untold.id)).toBe(false)
})

function about(paymentId: string, count: number): Promise<Received[]> {
  return inbox.waitFor(count, (body) => body.payment?.id === paymentId)
}

function isSigned(notification: Received | undefined, secret: string): boolean {
  const { 'x-sandbox-timestamp': timestamp, 'x-sandbox-signature': signature } = notification?.headers ?? {}
  const expected = hmacSha256(secret, `${timestamp}.${notification?.raw.toString()}`).toString('hex')
  return signature === `v1=${expected}`
}
