// The checker over money on account: a busy till leaves nothing to notice; then each sum, each record and each posting
// is broken on purpose, and the checker has to name it.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { merchantClient } from '../src/testing/merchant-client.ts'
import { CASH, cheque, onAccount } from '../src/testing/on-account.ts'
import { startTestServer } from '../src/testing/start-server.ts'
import type { TestServer } from '../src/testing/start-server.ts'
import { verifyServer, verifyWithDamage } from '../src/testing/verify-server.ts'

let server: TestServer
let client: pg.PoolClient

beforeAll(async () => {
  server = await startTestServer()
  const merchant = merchantClient(server)
  const till = onAccount(merchant)
  const [cash, good, bad] = [
    await till.recorded(30_000, CASH),
    await till.recorded(30_000, cheque()),
    await till.recorded(30_000, cheque()),
  ]
  for (const id of [cash, good, bad]) {
    await till.allocated(id, { order_id: await merchant.order(20_000), amount: 20_000 })
  }
  await till.clear(good)
  await till.bounce(bad)
  expect((await till.refund(cash, 15_000)).status).toBe(201)
  expect((await verifyServer(server)).violations).toEqual([])
  client = await server.db.pools.owner.connect()
})
afterAll(async () => {
  client?.release()
  await server.close()
})

test.each([
  [
    'I5',
    'a payment that has applied more than its allocations say',
    `update payments set amount_allocated = amount_allocated - 1 where amount_allocated > 0`,
  ],
  [
    'I5',
    'an order to which more was applied than its allocations say',
    `update orders set amount_allocated = amount_allocated - 1 where amount_allocated > 0`,
  ],
  [
    'I5',
    'an allocation that is taken back twice',
    `insert into allocations select merchant_id, mode, 'alc_twice', payment_id, order_id, invoice_id, currency, amount, reason, corrects, refund_id, note, created_by, payment_version, at, recorded_at from allocations where reason = 'reversed'`,
  ],
  ['I5', 'credit that the ledger does not owe', `delete from postings where reason = 'allocated'`],
  [
    'I5',
    'a cheque that the ledger holds though its bank has spoken',
    `delete from postings where reason = 'cheque_cleared'`,
  ],
  [
    'I9',
    'a cheque that bounced and is still there',
    `update offline_payments set status = 'recorded', ended_at = null, ended_by = null, ended_reason = null where status = 'bounced'`,
  ],
  ['I9', 'money on account that nobody recorded', `delete from offline_payments where method = 'cash'`],
])('%s: it notices %s', async (invariant, _what, damage) => {
  const { violations } = await verifyWithDamage(client, [], damage)
  expect(violations.map((violation) => violation.invariant)).toContain(invariant)
})
