// What the gateway does wrong on purpose: instruments that lose answers, and the fault plan. Each test looks at both
// sides: what the caller was told, and what stands in the book.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { NotificationInbox } from '../testing/notification-inbox.ts'
import { startNotificationInbox } from '../testing/notification-inbox.ts'
import type { RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment, paymentBody } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let inbox: NotificationInbox
let sandbox: RunningSandbox

beforeAll(async () => {
  database = await openTestDatabase()
  inbox = await startNotificationInbox()
  sandbox = await startTestSandbox(database.pools.sandbox, { notificationUrl: inbox.url })
})
beforeEach(async () => {
  await sandbox.admin('DELETE', `/accounts/${sandbox.account.id}/faults`)
})
afterAll(async () => {
  await sandbox.stop()
  await inbox.stop()
  await database.close()
})

const CUT = 'no reply'

/** What a caller makes of a call: status and text, or nothing at all. */
async function told(method: string, path: string, body?: object): Promise<{ status: number; text: string } | string> {
  try {
    const reply = await fetch(`${sandbox.baseUrl}/sandbox${path}`, {
      method,
      headers: { authorization: `Bearer ${sandbox.account.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: reply.status, text: await reply.text() }
  } catch {
    return CUT
  }
}

const inBook = (reference: string) => sandbox.call('GET', `/v1/payments/by-reference/${reference}`)

test.each([
  ['tok_lost_reply', CUT],
  ['tok_half_reply', CUT],
  ['tok_garbage_reply', { status: 200, text: expect.stringContaining('<html>') }],
  ['tok_http_500_applied', { status: 500, text: expect.stringContaining('INTERNAL') }],
])('%s: the payment is made, the caller does not learn it, and a repeat shows it', async (token, answer) => {
  const body = paymentBody({ method: { type: 'CARD', token } })
  expect(await told('POST', '/v1/payments', body)).toEqual(answer)
  const { body: found } = await inBook(body.reference)
  expect(found.status).toBe('PAID')
  expect(await sandbox.call('POST', '/v1/payments', body)).toMatchObject({ status: 200, body: { id: found.id } })
})

test('tok_http_500_not_applied: the same answer, and no payment', async () => {
  const body = paymentBody({ method: { type: 'CARD', token: 'tok_http_500_not_applied' } })
  expect(await told('POST', '/v1/payments', body)).toMatchObject({ status: 500 })
  expect((await inBook(body.reference)).status).toBe(404)
})

test('tok_slow: the answer comes after three seconds', async () => {
  const started = performance.now()
  const payment = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_slow' } })
  expect(payment.status).toBe('PAID')
  expect(performance.now() - started).toBeGreaterThanOrEqual(2_900)
})

test.each([
  [{ fault: 'lost_reply' }, CUT, 200],
  [{ fault: 'half_body' }, CUT, 200],
  [{ fault: 'silent' }, CUT, 200],
  [{ fault: 'http_500' }, { status: 500 }, 200],
  [{ fault: 'garbage' }, { status: 200 }, 200],
  [{ fault: 'delay', delay_ms: 50 }, { status: 201 }, 200],
  [{ fault: 'late_request', delay_ms: 50 }, { status: 201 }, 200],
  [{ fault: 'lost_request' }, CUT, 404],
  [{ fault: 'http_500', applied: false }, { status: 500 }, 404],
  [{ fault: 'refuse' }, { status: 429 }, 404],
  [{ fault: 'refuse', status: 401 }, { status: 401 }, 404],
  [{ fault: 'refuse', status: 409 }, { status: 409 }, 404],
  [{ fault: 'refuse', status: 422 }, { status: 422 }, 404],
])('fault %j: the caller is told %j, and the book says %i', async (fault, answer, inBookStatus) => {
  const body = paymentBody()
  await sandbox.plan({ match: { call: 'authorize' }, ...fault })
  const heard = await told('POST', '/v1/payments', body)
  if (typeof answer === 'string') expect(heard).toBe(answer)
  else expect(heard).toMatchObject(answer)
  expect((await inBook(body.reference)).status).toBe(inBookStatus)
  // A fault strikes once unless it is told otherwise.
  expect((await sandbox.call('POST', '/v1/payments', paymentBody())).status).toBe(201)
})

test('a hanging call keeps the caller waiting until the caller gives up', async () => {
  await sandbox.plan({ match: { call: 'authorize' }, fault: 'hang' })
  const body = paymentBody()
  const call = fetch(`${sandbox.baseUrl}/sandbox/v1/payments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.account.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(300),
  })
  await expect(call).rejects.toThrow('timeout')
  expect((await inBook(body.reference)).body.status).toBe('PAID')
})

test('closing the server keeps no hanging caller waiting', async () => {
  const second = await startTestSandbox(database.pools.sandbox)
  await second.plan({ match: { call: 'query' }, fault: 'hang' })
  const call = second.call('GET', '/v1/payments/by-reference/any').catch(() => CUT)
  await expect
    .poll(async () => (await second.admin('GET', `/accounts/${second.account.id}/faults`)).body.faults[0].seen)
    .toBe(1)
  await second.stop()
  expect(await call).toBe(CUT)
})

test('a fault waits for its reference and for its turn', async () => {
  const payment = await givenPayment(sandbox)
  const other = await givenPayment(sandbox)
  const match = { call: 'query', reference: payment.reference, nth: 2 }
  await sandbox.plan({ match, fault: 'http_500', times: 2 })
  expect((await told('GET', `/v1/payments/${other.id}`)) as object).toMatchObject({ status: 200 })
  const statuses = []
  for (let n = 1; n <= 4; n += 1) {
    statuses.push(((await told('GET', `/v1/payments/${payment.id}`)) as { status: number }).status)
  }
  expect(statuses).toEqual([200, 500, 500, 200])
})

test('silence about one payment holds until it is lifted: no answer to anything, no notification', async () => {
  const body = paymentBody()
  await sandbox.plan({ match: { call: 'any', reference: body.reference }, fault: 'silent', times: null })
  expect(await told('POST', '/v1/payments', body)).toBe(CUT)
  for (let n = 0; n < 3; n += 1) {
    expect(await told('GET', `/v1/payments/by-reference/${body.reference}`)).toBe(CUT)
  }
  await sandbox.advance(30 * 86_400_000)
  const other = await givenPayment(sandbox)
  await inbox.waitFor(1, (notification) => notification.payment?.id === other.id)
  expect(inbox.received.some((heard) => heard.body.payment?.reference === body.reference)).toBe(false)

  await sandbox.admin('DELETE', `/accounts/${sandbox.account.id}/faults`)
  expect((await inBook(body.reference)).body.status).toBe('PAID')
})

test.each([
  ['wrong_amount', { amount: '100.01', paid: '100.01', returned: '0.00' }],
  ['wrong_currency', { currency: 'EUR' }],
  ['wrong_reference', { reference: expect.stringMatching(/-not$/) }],
])('%s: answer and notification lie, the book does not', async (fault, lie) => {
  await sandbox.plan({ match: { call: 'any' }, fault, times: 2 })
  const payment = await givenPayment(sandbox)
  expect(payment).toMatchObject(lie)
  const [notification] = await inbox.waitFor(1, (body) => body.payment?.id === payment.id)
  expect(notification?.body.payment).toMatchObject(lie)
  const honest = await sandbox.call('GET', `/v1/payments/${payment.id}`)
  expect(honest.body).toMatchObject({ amount: '100.00', currency: 'INR', paid: '100.00' })
})

test('a forgetful gateway charges twice under one reference, and shows the younger', async () => {
  const body = paymentBody()
  const first = await sandbox.call('POST', '/v1/payments', body)
  await sandbox.plan({ match: { call: 'authorize' }, fault: 'forget_idempotency' })
  const second = await sandbox.call('POST', '/v1/payments', body)
  expect(second.status).toBe(201)
  expect(second.body.id).not.toBe(first.body.id)
  expect((await inBook(body.reference)).body.id).toBe(second.body.id)
})

test('a forgetful gateway captures and refunds twice, but never beyond what it holds', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  const capture = () =>
    sandbox.call(
      'POST',
      `/v1/payments/${held.id}/capture`,
      { amount: '40.00', currency: 'INR', final: false },
      { 'idempotency-key': `forgotten-${held.id}` },
    )
  await capture()
  await sandbox.plan({ match: { call: 'any' }, fault: 'forget_idempotency', times: null })
  expect((await capture()).body.paid).toBe('80.00')
  expect((await capture()).body.error.code).toBe('AMOUNT_TOO_HIGH')

  const refund = { payment_id: held.id, reference: `f-${held.id}`, amount: '50.00', currency: 'INR', reason: 'other' }
  expect((await sandbox.call('POST', '/v1/refunds', refund)).status).toBe(201)
  expect((await sandbox.call('POST', '/v1/refunds', refund)).body.error.code).toBe('AMOUNT_TOO_HIGH')
})

test('the notification can come before the answer', async () => {
  await sandbox.plan({ match: { call: 'authorize' }, fault: 'notice_first' })
  const payment = await givenPayment(sandbox)
  expect(inbox.received.some(({ body }) => body.payment?.id === payment.id)).toBe(true)
})

test('a notification can be repeated, signed wrongly, or late', async () => {
  await sandbox.plan({ match: { call: 'notification' }, fault: 'duplicate', copies: 3 })
  const repeated = await givenPayment(sandbox)
  await inbox.waitFor(3, (body) => body.payment?.id === repeated.id)

  await sandbox.plan({ match: { call: 'notification' }, fault: 'bad_signature' })
  const forged = await givenPayment(sandbox)
  await inbox.waitFor(1, (body) => body.payment?.id === forged.id)

  await sandbox.plan({ match: { call: 'notification' }, fault: 'delay', delay_ms: 30_000 })
  const late = await givenPayment(sandbox)
  const next = await givenPayment(sandbox)
  await inbox.waitFor(1, (body) => body.payment?.id === next.id)
  expect(inbox.received.some(({ body }) => body.payment?.id === late.id)).toBe(false)
  await sandbox.advance(30_000)
  await inbox.waitFor(1, (body) => body.payment?.id === late.id)
})

test('a fault plan can be read and taken back one by one', async () => {
  await sandbox.plan({ match: { call: 'query' }, fault: 'http_500' })
  await sandbox.plan({ match: { call: 'refund', reference: 'r1' }, fault: 'delay', delay_ms: 5 })
  const path = `/accounts/${sandbox.account.id}/faults`
  const { body } = await sandbox.admin('GET', path)
  expect(body.faults).toMatchObject([
    { call: 'query', fault: 'http_500', nth: 1, seen: 0, remaining: 1 },
    { call: 'refund', reference: 'r1', fault: 'delay', parameters: { delay_ms: 5 } },
  ])
  expect((await sandbox.admin('DELETE', `${path}/${body.faults[0].id}`)).body).toEqual({ deleted: 1 })
  expect((await sandbox.admin('DELETE', `${path}/${body.faults[0].id}`)).status).toBe(404)
  expect((await sandbox.admin('DELETE', path)).body).toEqual({ deleted: 1 })
})

test.each([
  ['an unknown fault', { match: { call: 'query' }, fault: 'earthquake' }],
  ['an unknown call', { match: { call: 'everything' }, fault: 'silent' }],
  ['a wait longer than the connector’s grace', { match: { call: 'query' }, fault: 'delay', delay_ms: 60_001 }],
])('refuses %s', async (_, fault) => {
  const { status } = await sandbox.admin('POST', `/accounts/${sandbox.account.id}/faults`, fault)
  expect(status).toBe(400)
})
