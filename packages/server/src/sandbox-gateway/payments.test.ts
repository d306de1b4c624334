// Payments at the gateway, over real HTTP and a real Postgres.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { givenPayment, paymentBody } from '../testing/sandbox-requests.ts'

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

test('takes a sale: held and paid at once, closed, in decimals of the currency', async () => {
  const { status, body } = await sandbox.call('POST', '/v1/payments', paymentBody({ amount: '1234.50' }))
  expect(status).toBe(201)
  expect(body).toMatchObject({ status: 'PAID', amount: '1234.50', held: '1234.50', paid: '1234.50', closed: true })
  expect(body.instrument).toMatchObject({ network: 'visa', last_four: '0001' })
})

test('takes a sale in a currency without decimals and in one with three', async () => {
  const yen = await givenPayment(sandbox, { amount: '1250', currency: 'JPY' })
  const dinar = await givenPayment(sandbox, { amount: '1.234', currency: 'KWD' })
  expect([yen.paid, dinar.paid]).toEqual(['1250', '1.234'])
})

test('holds, captures in parts, and closes with the final part', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  expect(held).toMatchObject({ status: 'HELD', held: '100.00', paid: '0.00', closed: false })

  const first = await capture(held.id, { amount: '40.00', final: false }, 'part-1')
  expect(first.body).toMatchObject({ status: 'PART_PAID', paid: '40.00', closed: false })
  const second = await capture(held.id, { amount: '20.00', final: true }, 'part-2')
  expect(second.body).toMatchObject({ status: 'PAID', paid: '60.00', closed: true })

  const third = await capture(held.id, { amount: '1.00', final: true }, 'part-3')
  expect(third).toMatchObject({ status: 409, body: { error: { code: 'NOT_ALLOWED_NOW' } } })
})

test('shows the same payment to a repeat and refuses another body under the reference', async () => {
  const body = paymentBody()
  const first = await sandbox.call('POST', '/v1/payments', body)
  const again = await sandbox.call('POST', '/v1/payments', body)
  expect([again.status, again.body]).toEqual([200, first.body])

  const other = await sandbox.call('POST', '/v1/payments', { ...body, amount: '100.01' })
  expect(other).toMatchObject({ status: 422, body: { error: { code: 'REFERENCE_REUSED' } } })
})

test('makes one payment when thirty callers send the same reference at once', async () => {
  const body = paymentBody()
  const replies = await Promise.all(Array.from({ length: 30 }, () => sandbox.call('POST', '/v1/payments', body)))
  expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1)
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
})

test('captures once however often the key is sent, and refuses the key for anything else', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  const part = { amount: '40.00', final: false }
  const replies = await Promise.all(Array.from({ length: 20 }, () => capture(held.id, part, 'again')))
  expect(new Set(replies.map(({ body }) => body.paid))).toEqual(new Set(['40.00']))

  expect(await capture(held.id, { amount: '41.00', final: false }, 'again')).toMatchObject({ status: 422 })
  const other = await givenPayment(sandbox, { capture: 'LATER' })
  expect(await capture(other.id, part, 'again')).toMatchObject({
    status: 422,
    body: { error: { code: 'REFERENCE_REUSED' } },
  })
})

test('never captures more than is held, however many callers race', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => capture(held.id, { amount: '30.00', final: false }, `race-${index}`)),
  )
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(3)
  const [book] = (await sandbox.book()).filter((payment) => payment.id === held.id)
  expect(book).toMatchObject({
    paid: '90.00',
    captures: [{ amount: '30.00' }, { amount: '30.00' }, { amount: '30.00' }],
  })
})

test('releases a hold once, and not after a capture', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER' })
  expect((await release(held.id, 'void-1')).body).toMatchObject({ status: 'RELEASED', paid: '0.00', closed: true })
  expect((await release(held.id, 'void-1')).status).toBe(200)
  expect((await release(held.id, 'void-2')).status).toBe(409)

  const paid = await givenPayment(sandbox)
  expect((await release(paid.id, 'void-3')).status).toBe(409)
})

test('says why a card was declined, in its own code', async () => {
  const declined = await givenPayment(sandbox, { method: { type: 'CARD', token: 'tok_decline_insufficient_funds' } })
  expect(declined).toMatchObject({ status: 'REJECTED', held: '0.00', paid: '0.00', rejection: { code: '51' } })
})

test('refuses a capture that the issuer refuses, and keeps the hold', async () => {
  const held = await givenPayment(sandbox, { capture: 'LATER', method: { type: 'CARD', token: 'tok_capture_fails' } })
  const refused = await capture(held.id, { amount: '100.00', final: true }, 'refused')
  expect(refused).toMatchObject({ status: 402, body: { error: { code: 'CAPTURE_REJECTED', detail: '05' } } })
  expect((await sandbox.call('GET', `/v1/payments/${held.id}`)).body.status).toBe('HELD')
})

test.each([
  ['no key at all', undefined, 401],
  ['a key that nobody has', 'sk_sandbox_unknown', 401],
])('answers %s as unauthorised', async (_, key, status) => {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const reply = await fetch(`${sandbox.baseUrl}/sandbox/v1/payments/by-reference/x`, { headers })
  expect(reply.status).toBe(status)
})

test.each([
  ['an amount of zero', { amount: '0.00' }, 422, 'AMOUNT_INVALID'],
  ['a negative amount', { amount: '-1.00' }, 422, 'AMOUNT_INVALID'],
  ['too many decimals', { amount: '1.001' }, 422, 'AMOUNT_INVALID'],
  ['an exponent', { amount: '1e2' }, 422, 'AMOUNT_INVALID'],
  ['a currency that is not one', { currency: 'XXX' }, 422, 'CURRENCY_UNKNOWN'],
  ['a number where text belongs', { amount: 100 }, 400, 'BAD_REQUEST'],
  ['a field it does not know', { discount: '1.00' }, 400, 'BAD_REQUEST'],
  ['a script as a return address', { return_url: 'javascript:alert(1)' }, 400, 'BAD_REQUEST'],
  ['a token that is no instrument', { method: { type: 'CARD', token: 'tok_nothing' } }, 422, 'INSTRUMENT_UNKNOWN'],
])('refuses %s and keeps no payment', async (_, change, status, code) => {
  const body = paymentBody(change)
  const reply = await sandbox.call('POST', '/v1/payments', body)
  expect([reply.status, reply.body.error.code]).toEqual([status, code])
  expect((await sandbox.call('GET', `/v1/payments/by-reference/${body.reference}`)).status).toBe(404)
})

test('shows an account nothing of another account', async () => {
  const payment = await givenPayment(sandbox)
  const stranger = await sandbox.newAccount()
  for (const path of [`/v1/payments/${payment.id}`, `/v1/payments/by-reference/${payment.reference}`]) {
    const reply = await fetch(`${sandbox.baseUrl}/sandbox${path}`, {
      headers: { authorization: `Bearer ${stranger.apiKey}` },
    })
    expect(reply.status).toBe(404)
  }
})

function capture(id: string, body: { amount: string; final: boolean }, key: string) {
  return sandbox.call('POST', `/v1/payments/${id}/capture`, { currency: 'INR', ...body }, { 'idempotency-key': key })
}

function release(id: string, key: string) {
  return sandbox.call('POST', `/v1/payments/${id}/void`, undefined, { 'idempotency-key': `${id}-${key}` })
}
