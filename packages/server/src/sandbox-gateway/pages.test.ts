// The payer's pages: what a browser gets, what a form does, and that the first answer stands.
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

const card = (token: string) => ({ method: { type: 'CARD', token } })
const bank = (code: string) => ({ method: { type: 'NETBANKING', bank: code } })
const upi = { method: { type: 'UPI', flow: 'INTENT' } }

test('the bank’s page asks with a plain form, no script, and a policy that allows neither more', async () => {
  const payment = await givenPayment(sandbox, { ...card('tok_3ds_approve'), description: '<b>Two</b> tickets' })
  expect(payment.next_step).toMatchObject({
    type: 'REDIRECT',
    url: expect.stringMatching(/\/sandbox\/acs\/[0-9a-f]{64}$/),
  })

  const reply = await fetch(payment.next_step.url)
  const page = await reply.text()
  expect(reply.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/shop\.example; base-uri 'none'; frame-ancestors 'none'$/,
  )
  expect(reply.headers.get('referrer-policy')).toBe('no-referrer')
  expect(page).not.toContain('<script')
  expect(page).toContain('&lt;b&gt;Two&lt;/b&gt; tickets')
  expect(page).toContain('₹100.00')
  expect([...page.matchAll(/<button type="submit" name="answer" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
    'approve',
    'fail',
    'cancel',
  ])
})

test.each([
  ['a card with a step', card('tok_3ds_approve'), 'approve', 'PAID', undefined],
  ['a card with a step', card('tok_3ds_approve'), 'fail', 'REJECTED', 'A1'],
  ['a card with a step', card('tok_3ds_approve'), 'cancel', 'CANCELLED', undefined],
  ['a card whose step fails', card('tok_3ds_fail'), 'approve', 'REJECTED', 'A1'],
  ['a card without funds', card('tok_3ds_decline'), 'approve', 'REJECTED', '51'],
  ['a bank', bank('sandbox_bank'), 'approve', 'PAID', undefined],
  ['a bank', bank('sandbox_bank'), 'cancel', 'CANCELLED', undefined],
  ['an empty account', bank('sandbox_bank_poor'), 'approve', 'REJECTED', '51'],
  ['a UPI app', upi, 'approve', 'PAID', undefined],
  ['a UPI app', upi, 'fail', 'REJECTED', 'A9'],
])('%s (%j): %s ends %s', async (_, method, given, status, code) => {
  const payment = await givenPayment(sandbox, method)
  const reply = await answer(payment, given)
  expect(reply.status).toBe(303)
  const after = (await sandbox.call('GET', `/v1/payments/${payment.id}`)).body
  expect([after.status, after.rejection?.code]).toEqual([status, code])
})

test('sends the browser back to the merchant, and the payer’s phone to its own outcome', async () => {
  const byCard = await givenPayment(sandbox, card('tok_3ds_approve'))
  expect((await answer(byCard, 'approve')).headers.get('location')).toBe('https://shop.example/return')

  const byUpi = await givenPayment(sandbox, upi)
  expect((await answer(byUpi, 'approve')).headers.get('location')).toBe(byUpi.next_step.url)
  expect(await (await fetch(byUpi.next_step.url)).text()).toContain('Paid.')
})

test('the first answer stands', async () => {
  const payment = await givenPayment(sandbox, card('tok_3ds_approve'))
  const replies = await Promise.all(
    ['approve', 'fail', 'cancel', 'approve', 'fail'].map((given) => answer(payment, given)),
  )
  expect(replies.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303])
  const decided = (await sandbox.call('GET', `/v1/payments/${payment.id}`)).body
  await answer(payment, decided.status === 'PAID' ? 'cancel' : 'approve')
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body).toEqual(decided)
  expect(await (await fetch(payment.next_step.url)).text()).toContain('This step is over')
})

test('a slow bank says yes later', async () => {
  const payment = await givenPayment(sandbox, bank('sandbox_bank_slow'))
  await answer(payment, 'approve')
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body.status).toBe('PENDING')
  await sandbox.advance(3_000)
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body.status).toBe('PAID')
  const [book] = (await sandbox.book()).filter(({ id }) => id === payment.id)
  expect(book.captures).toMatchObject([{ amount: '100.00', final: true }])
})

test('a UPI link carries payee, amount and the simulator’s address', async () => {
  const payment = await givenPayment(sandbox, { ...upi, description: 'Tea & cake' })
  const link = new URL(payment.next_step.uri)
  expect(link.protocol).toBe('upi:')
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    am: '100.00',
    cu: 'INR',
    tr: payment.id,
    tn: 'Tea & cake',
    url: payment.next_step.url,
  })
})

test('an address that is wrong by one character shows and changes nothing', async () => {
  const payment = await givenPayment(sandbox, card('tok_3ds_approve'))
  const { url } = payment.next_step
  const other = url.slice(0, -1) + (url.endsWith('0') ? '1' : '0')
  expect((await fetch(other)).status).toBe(404)
  expect((await fetch(url.replace('/acs/', '/upi/'))).status).toBe(404)
  expect((await submit(url.replace('/acs/', '/upi/'), 'approve')).status).toBe(404)
  expect((await submit(url, 'maybe')).status).toBe(404)
  expect((await sandbox.call('GET', `/v1/payments/${payment.id}`)).body.status).toBe('ACTION_NEEDED')
})

test('shows a repeat of the call the same page', async () => {
  const payment = await givenPayment(sandbox, card('tok_3ds_approve'))
  const again = await sandbox.call('GET', `/v1/payments/by-reference/${payment.reference}`)
  expect(again.body.next_step).toEqual(payment.next_step)
})

function answer(payment: Loose, given: string) {
  return submit(payment.next_step.url, given)
}

function submit(url: string, given: string) {
  return fetch(url, { method: 'POST', body: new URLSearchParams({ answer: given }), redirect: 'manual' })
}
