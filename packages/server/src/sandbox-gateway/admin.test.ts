// Accounts, the book, and what the gateway may touch in the database.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loose, RunningSandbox } from '../testing/running-sandbox.ts'
import { startTestSandbox } from '../testing/running-sandbox.ts'
import { givenPayment } from '../testing/sandbox-requests.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { SANDBOX_INSTRUMENTS, migrateSandbox } from './index.ts'

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
  ['GET', '/accounts/any/book'],
  ['GET', '/accounts/any/clock'],
  ['POST', '/accounts'],
  ['POST', '/accounts/any'],
  ['POST', '/accounts/any/clock'],
  ['POST', '/accounts/any/faults'],
  ['GET', '/accounts/any/faults'],
  ['DELETE', '/accounts/any/faults'],
  ['DELETE', '/accounts/any/faults/one'],
])('%s %s is closed to a missing token, a wrong one, and a merchant’s key', async (method, path) => {
  for (const authorization of ['', 'Bearer wrong', `Bearer ${sandbox.account.apiKey}`]) {
    const reply = await fetch(`${sandbox.baseUrl}/sandbox${path}`, { method, headers: { authorization } })
    expect([reply.status, (await bodyOf(reply)).error.code]).toEqual([403, 'FORBIDDEN'])
  }
})

test('keeps of an API key only its hash', async () => {
  const { rows } = await database.pools.sandbox.query('select * from sandbox.accounts')
  expect(JSON.stringify(rows)).not.toContain(sandbox.account.apiKey.slice('sk_sandbox_'.length))
})

test('refuses a notification address that is no web address', async () => {
  for (const url of ['ftp://example.com', 'not an address', 'https://user:pass@example.com/']) {
    const { status } = await sandbox.admin('POST', `/accounts/${sandbox.account.id}`, { notification_url: url })
    expect(status).toBe(400)
  }
})

test('shows the whole book page by page, with captures and refunds', async () => {
  const account = await startTestSandbox(database.pools.sandbox)
  const sale = await givenPayment(account)
  const held = await givenPayment(account, { capture: 'LATER' })
  await givenPayment(account, { method: { type: 'CARD', token: 'tok_decline_expired_card' } })
  const capture = { amount: '70.00', currency: 'INR', final: true }
  await account.call('POST', `/v1/payments/${held.id}/capture`, capture, { 'idempotency-key': 'book-1' })
  const refund = { payment_id: sale.id, reference: 'book-refund', amount: '10.00', currency: 'INR', reason: 'other' }
  await account.call('POST', '/v1/refunds', refund)

  const seen: Loose[] = []
  let after = ''
  for (let page = 1; page <= 10; page += 1) {
    const { body } = await account.admin('GET', `/accounts/${account.account.id}/book?limit=1&after=${after}`)
    seen.push(...body.payments)
    if (body.next === null) break
    after = body.next
  }
  await account.stop()
  expect(seen).toHaveLength(3)
  expect(seen.find(({ id }) => id === sale.id)).toMatchObject({
    captures: [{ amount: '100.00', final: true, idempotency_key: null }],
    refunds: [{ reference: 'book-refund', amount: '10.00' }],
  })
  expect(seen.find(({ id }) => id === held.id)).toMatchObject({
    paid: '70.00',
    captures: [{ amount: '70.00', final: true, idempotency_key: 'book-1' }],
    refunds: [],
  })
})

test('lists its instruments to anyone, and no card number among them', async () => {
  const reply = await fetch(`${sandbox.baseUrl}/sandbox/instruments`)
  const { instruments } = await bodyOf(reply)
  expect(instruments).toHaveLength(SANDBOX_INSTRUMENTS.length)
  expect(JSON.stringify(instruments)).not.toMatch(/\d{7,}/)
})

test('every instrument has a name of its own', () => {
  const keys = SANDBOX_INSTRUMENTS.map(({ method, key }) => `${method} ${key}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('the gateway’s role sees nothing of Purser’s, and Purser’s roles nothing of the gateway’s', async () => {
  const { app, queue, sandbox: gateway } = database.pools
  await expect(gateway.query('select * from purser.payments')).rejects.toThrow('permission denied')
  for (const pool of [app, queue]) {
    await expect(pool.query('select * from sandbox.payments')).rejects.toThrow('permission denied')
  }
})

test('its schema can be brought up to date again and by several at once', async () => {
  const before = await columns()
  await database.pools.owner.query('drop table sandbox.schema_version')
  await Promise.all([1, 2, 3, 4].map(() => migrateSandbox(database.pools.owner)))
  await migrateSandbox(database.pools.sandbox)
  expect(await columns()).toEqual(before)
})

test('bodies that are no JSON, too large or of another kind are refused in its own words', async () => {
  const send = (body: string, type: string) =>
    fetch(`${sandbox.baseUrl}/sandbox/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.account.apiKey}`, 'content-type': type },
      body,
    })
  const bodies = [
    ['{', 'application/json'],
    ['{"reference":"a","reference":"b"}', 'application/json'],
    [`{"a":"${'x'.repeat(70_000)}"}`, 'application/json'],
    ['{}', 'text/plain'],
  ] as const
  for (const [body, type] of bodies) {
    const reply = await send(body, type)
    expect([reply.status, (await bodyOf(reply)).error.code]).toEqual([400, 'BAD_REQUEST'])
  }
})

async function columns() {
  const { rows } = await database.pools.owner.query(
    `select table_name, column_name, data_type from information_schema.columns
      where table_schema = 'sandbox' order by 1, 2`,
  )
  return rows
}

async function bodyOf(reply: Response): Promise<Loose> {
  return reply.json()
}
