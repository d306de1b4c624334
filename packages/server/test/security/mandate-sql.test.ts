// Whoever gets past the program still meets the database: as the application role, direct SQL cannot use a mandate
// beyond its terms, outside its time, or twice in a period, nor rewrite what was consented to.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { givenMandates } from '../../src/testing/mandate-setup.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let active: string
let fixed: string
let orderId: string

beforeAll(async () => {
  server = await startTestServer()
  const merchant = merchantClient(server)
  const mandates = givenMandates(server, merchant)
  const made = await mandates.active({ frequency: 'monthly', registration_uses_period: false })
  active = made.mandateId
  fixed = (await mandates.active({ frequency: 'monthly', amount_rule: 'fixed', registration_uses_period: false }))
    .mandateId
  orderId = await merchant.order(60_000)
})
afterAll(() => server.close())

/** Runs statements as purser_app of our tenant, in a transaction that is rolled back. */
async function asApp(...statements: readonly [sql: string, values?: readonly unknown[]][]): Promise<unknown> {
  const client = await server.db.pools.app.connect()
  try {
    await client.query('begin')
    await client.query(`select set_config('app.merchant', $1, true), set_config('app.mode', $2, true)`, [
      server.merchantId,
      server.tenant.mode,
    ])
    let last: unknown
    for (const [sql, values = []] of statements) last = await client.query(sql, [...values])
    return last
  } finally {
    await client.query('rollback')
    client.release()
  }
}

let count = 0
type Use = { mandateId?: string; amount?: number; period?: string; tried?: number; status?: string; startedAt?: string }

/** A payment and an execution of the mandate, as an attacker with the application's password would write them. */
function use(made: Use = {}): readonly [sql: string, values: readonly unknown[]][] {
  const { mandateId = active, amount = 60_000, period = '2026-11', tried = 1, status = 'open' } = made
  count += 1
  const id = `pay_${count}`
  const started = status === 'waiting' ? 'null' : `now() + interval '${made.startedAt ?? '0'}'`
  return [
    [
      `insert into payments (merchant_id, mode, id, order_id, gateway_account_id, origin, reference, amount, currency,
         capture, method, status, duplicate, mandate_id, mandate_role, created_at, updated_at)
       values ($1, 'test', $2, $3, $4, 'gateway', $2, 60000, 'INR', 'automatic', 'card', 'processing', true, $5, 'charge', now(), now())`,
      [server.merchantId, id, orderId, server.demo.gateway_account_id, mandateId],
    ],
    [
      `insert into mandate_executions (merchant_id, mode, id, mandate_id, order_id, payment_id, kind, period, try,
         debit_day, currency, amount, status, deadline_at, started_at, created_at, updated_at)
       values ($1, 'test', $2, $3, $4, $2, 'charge', $5, $6, '2026-11-20', 'INR', $7, $8, now(), ${started}, now(), now())`,
      [server.merchantId, id, mandateId, orderId, period, tried, amount, status],
    ],
  ]
}

const set = (change: string, mandateId = active): [string, readonly unknown[]] => [
  `update mandates set ${change}, version = version + 1 where id = $1`,
  [mandateId],
]

describe('Direct SQL as the application role', () => {
  test('can use an active mandate within its terms: what is refused below is refused for its reason', async () => {
    await expect(asApp(...use())).resolves.toBeDefined()
    await expect(asApp(...use({ mandateId: fixed, amount: 100_000 }))).resolves.toBeDefined()
  })

  test.each([
    ['revoked', `status = 'revoked', revoked_at = now()`],
    ['paused', `status = 'paused'`],
    ['expired', `status = 'expired'`],
    ['being revoked', `pending_change = 'revoke'`],
    ['being paused', `pending_change = 'pause'`],
  ])('cannot start a charge of a mandate that is %s', async (_, change) => {
    await expect(asApp(set(change), ...use())).rejects.toMatchObject({ code: 'PU005' })
  })

  test('cannot start a waiting charge after the revocation either', async () => {
    const start = `update mandate_executions set status = 'open', started_at = now(), version = version + 1
                    where mandate_id = $1 and status = 'waiting'`
    await expect(asApp(...use({ status: 'waiting' }), [start, [active]])).resolves.toBeDefined()
    const revoke = set(`status = 'revoked', revoked_at = now()`)
    await expect(asApp(...use({ status: 'waiting' }), revoke, [start, [active]])).rejects.toMatchObject({
      code: 'PU005',
    })
  })

  test.each([['-10 years'], ['50 years']])('cannot start a charge %s from now, outside its time', async (startedAt) => {
    await expect(asApp(...use({ startedAt }))).rejects.toMatchObject({ code: 'PU005' })
  })

  test('cannot charge more than the maximum, nor another amount than a fixed one', async () => {
    await expect(asApp(...use({ amount: 100_001 }))).rejects.toMatchObject({ code: 'PU006' })
    await expect(asApp(...use({ mandateId: fixed, amount: 99_999 }))).rejects.toMatchObject({ code: 'PU006' })
  })

  test('cannot use a period twice, nor try it five times', async () => {
    await expect(asApp(...use(), ...use())).rejects.toMatchObject({ constraint: 'mandate_executions_one_per_period' })
    await expect(asApp(...use({ status: 'waiting' }), ...use())).rejects.toMatchObject({
      constraint: 'mandate_executions_one_per_period',
    })
    const four = [1, 2, 3, 4].flatMap((tried) => use({ tried, status: 'declined' }))
    await expect(asApp(...four)).resolves.toBeDefined()
    await expect(asApp(...four, ...use({ tried: 4 }))).rejects.toMatchObject({ code: 'PU007' })
    await expect(asApp(...use({ tried: 5 }))).rejects.toThrow(/try/)
  })

  test.each([
    ['mandates', 'max_amount = max_amount * 2'],
    ['mandates', `ends_at = ends_at + interval '1 year'`],
    ['mandates', `frequency = 'as_presented'`],
    ['mandates', `token = repeat('0', 32)`],
    ['mandate_executions', 'amount = 1'],
    ['mandate_executions', 'period = null'],
    ['mandate_transitions', `actor = 'nobody'`],
    ['pre_debit_notices', 'amount = 1'],
    ['pre_debit_notices', `reference = 'another'`],
    ['pre_debit_notices', `metadata = '{}'`],
  ])('cannot change what was agreed, asked or told: %s, %s', async (table, change) => {
    await expect(asApp([`update ${table} set ${change}`])).rejects.toMatchObject({ code: '42501' })
  })

  test('cannot plan to resume what does not rest', async () => {
    const plan = set(`resume_at = now() + interval '1 day'`)
    await expect(asApp(plan)).rejects.toMatchObject({ constraint: 'resumption_waits_while_paused' })
    await expect(asApp(set(`status = 'paused'`), plan)).resolves.toBeDefined()
  })

  test('cannot name two notices by one reference', async () => {
    const notice = (id: string): [string, readonly unknown[]] => [
      `insert into pre_debit_notices (merchant_id, mode, id, mandate_id, currency, amount, debit_day, description,
         status, due_at, created_at, updated_at, reference)
       values ($1, 'test', $2, $3, 'INR', 1, '2026-12-01', '', 'pending', now(), now(), now(), 'mine')`,
      [server.merchantId, id, active],
    ]
    await expect(asApp(notice('pdn_1'))).resolves.toBeDefined()
    await expect(asApp(notice('pdn_1'), notice('pdn_2'))).rejects.toMatchObject({
      constraint: 'pre_debit_notices_by_reference',
    })
  })

  test('cannot bring a revoked mandate back, nor delete one', async () => {
    const revoke = set(`status = 'revoked', revoked_at = now()`)
    const back = set(`status = 'active', revoked_at = null`)
    await expect(asApp(revoke, back)).rejects.toMatchObject({ code: 'PU002' })
    await expect(asApp(['delete from mandates'])).rejects.toMatchObject({ code: '42501' })
  })

  test('sees no mandate, use, notice or history of another tenant', async () => {
    const client = await server.db.pools.app.connect()
    try {
      await client.query('begin')
      await client.query(`select set_config('app.merchant', 'mer_other', true), set_config('app.mode', 'test', true)`)
      for (const table of ['mandates', 'mandate_executions', 'mandate_transitions', 'pre_debit_notices']) {
        expect((await client.query(`select 1 from ${table}`)).rows).toEqual([])
      }
    } finally {
      await client.query('rollback')
      client.release()
    }
  })
})
