// Pending payments, holds that lapse and payer steps that run out, on the account's clock.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { HOLD_LASTS_MS, PAYER_STEP_LASTS_MS } from './book/payment.ts'

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

test.each([
  ['tok_pending_approve', 3_000, 'PAID'],
  ['tok_pending_decline', 3_000, 'REJECTED'],
])('a payment with %s is pending for %i ms and then %s', async (token, ms, status) => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token } })
  expect(payment.status).toBe('PENDING')
  await sandbox.advance(ms)
  expect(await statusOf(payment.id)).toBe(status)
})

test('a pending payment is settled by itself in real time', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_pending_approve' } })
  await expect.poll(() => statusOf(payment.id), { timeout: 10_000 }).toBe('PAID')
})

test('a hold lapses after seven days, and what was captured of it stays', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  const part = await givenPayment(sandbox, { capture: 'LATER' })
  const body = { amount: '30.00', currency: 'INR', final: false }
  await sandbox.call('POST', `/v1/payments/${part.id}/capture`, body, { 'idempotency-key': 'before-lapse' })
  await sandbox.advance(HOLD_LASTS_MS)
  expect(await statusOf(held.id)).toBe('LAPSED')
  expect((await sandbox.call('GET', `/v1/payments/${part.id}`)).body).toMatchObject({
    status: 'PAID',
    paid: '30.00',
    closed: true,
  })
})

test('a payer who never answers lets the payment lapse', async () => {
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_3ds_approve' } })
  await sandbox.advance(PAYER_STEP_LASTS_MS - 60_000)
  expect(await statusOf(payment.id)).toBe('ACTION_NEEDED')
  await sandbox.advance(60_000)
  expect(await statusOf(payment.id)).toBe('LAPSED')
})

test('a long step of the clock passes through everything on its way, each at its own time', async () => {
  const payment = await givenPayment(sandbox, {
    capture: 'LATER',
    method: { type: 'CARD', token: 'tok_pending_approve' },
  })
  await sandbox.advance(HOLD_LASTS_MS + 60_000)
  const { body } = await sandbox.call('GET', `/v1/payments/${payment.id}`)
  expect(body).toMatchObject({ status: 'LAPSED', held: '100.00' })
  const lastedMs = Date.parse(body.updated_at) - Date.parse(body.created_at)
  expect(lastedMs).toBeGreaterThanOrEqual(HOLD_LASTS_MS + 3_000)
  expect(lastedMs).toBeLessThan(HOLD_LASTS_MS + 30_000)
})

test('the clock of one account leaves another account alone', async () => {
  const other = await startTestSandbox(database.pools.sandbox)
  const payment = await givenPayment(other, { method: { type: 'UPI', flow: 'COLLECT', vpa: 'pending@sandbox' } })
  await sandbox.advance(86_400_000)
  expect((await other.call('GET', `/v1/payments/${payment.id}`)).body.status).toBe('PENDING')
  const { body } = await other.admin('GET', `/accounts/${other.account.id}/clock`)
  await other.stop()
  expect(body.offset_ms).toBe(0)
  expect(body.next_due_in_ms).toBeGreaterThan(86_000_000)
})

test.each([
  ['success@sandbox', 'PAID'],
  ['failure@sandbox', 'REJECTED'],
  ['declined@sandbox', 'REJECTED'],
])('a collect request to %s asks the payer and ends %s', async (vpa, status) => {
  const payment = await givenPayment(sandbox, { method: { type: 'UPI', flow: 'COLLECT', vpa } })
  expect(payment).toMatchObject({ status: 'ACTION_NEEDED', next_step: { type: 'APPROVE_IN_UPI_APP', vpa } })
  await sandbox.advance(3_000)
  expect(await statusOf(payment.id)).toBe(status)
})

async function statusOf(id: string): Promise<string> {
  return (await sandbox.call('GET', `/v1/payments/${id}`)).body.status
}
