// Money on account behind the program's back: as the application role, direct SQL cannot apply more than there is or
// more than is owed, edit what was recorded, use a cheque twice, skip a state, or let sums and rows disagree.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let cash: string
let cheque: string
let order: string
let applied: string

beforeAll(async () => {
  server = await startTestServer()
  const merchant = merchantClient(server)
  const at = { currency: 'INR', received_at: '2026-01-05T10:00:00Z' }
  const made = async (path: string, body: object) => String((await merchant.post(path, body)).body['id'])
  cash = await made('/v1/offline-payments', { amount: 10_000, method: 'cash', ...at })
  const paper = { method: 'cheque', bank: 'HDFC Bank', cheque_number: '000123', cheque_date: '2026-01-04' }
  cheque = await made('/v1/offline-payments', { amount: 10_000, ...paper, ...at })
  order = await merchant.order(8_000)
  applied = await made(`/v1/payments/${cash}/allocations`, { order_id: order, amount: 5_000 })
})
afterAll(() => server.close())

/** Runs the statements as purser_app in one transaction, asks for what a commit would ask for, and rolls back. */
async function asApp(...statements: readonly string[]): Promise<void> {
  const client = await server.db.pools.app.connect()
  try {
    await client.query('begin')
    const { merchantId, mode } = server.tenant
    const who = `select set_config('app.merchant', $1, true), set_config('app.mode', $2, true)`
    await client.query(who, [merchantId, mode])
    for (const statement of statements) await client.query(statement)
    await client.query('set constraints all immediate')
  } finally {
    await client.query('rollback')
    client.release()
  }
}

const allocate = (amount: number, more: { payment?: string; reason?: string; corrects?: string } = {}) =>
  `insert into allocations (merchant_id, mode, id, payment_id, order_id, currency, amount, reason, corrects, created_by,
     payment_version, at)
   select merchant_id, mode, 'alc_sql', '${more.payment ?? cash}', id, currency, ${amount}, '${more.reason ?? 'applied'}',
          ${more.corrects === undefined ? 'null' : `'${more.corrects}'`}, 'sql', 1, now()
     from orders where id = '${order}'`
const carry = (payment: number, ofOrder: number) => [
  `update payments set amount_allocated = amount_allocated + ${payment}, version = version + 1 where id = '${cash}'`,
  `update orders set amount_allocated = amount_allocated + ${ofOrder}, version = version + 1 where id = '${order}'`,
]

describe('direct SQL as the application role', () => {
  test('may do what adds up: this is what the refusals below are measured against', async () => {
    await asApp(...carry(3_000, 3_000), allocate(3_000))
  })

  test.each([
    ['an allocation that no sum carries', () => [allocate(1)], /do not add up/],
    ['a sum that no allocation makes, on the payment', () => carry(1, 0), /payment .* do not add up/],
    [
      'such a sum, hidden by a change of tenant before the commit',
      () => [...carry(1, 0), `select set_config('app.merchant', '', true)`],
      /payment .* do not add up/,
    ],
    ['a sum that no allocation makes, on the order', () => carry(0, 1), /order .* do not add up/],
    ['more than was received', () => carry(5_001, 0), /what_is_allocated_was_received/],
    ['more than is owed', () => carry(0, 3_001), /allocated_within_due/],
    [
      'more taken back than was applied',
      () => [...carry(-5_001, -5_001), allocate(-5_001, { reason: 'withdrawn', corrects: applied })],
      /what_is_allocated_was_received/,
    ],
    ['taking back what names nothing', () => [allocate(-1, { reason: 'withdrawn' })], /only_corrections_are_negative/],
    [
      'taking back of another payment',
      () => [allocate(-1, { payment: cheque, reason: 'withdrawn', corrects: applied })],
      /foreign key/,
    ],
    [
      'a reversal beside money that is applied',
      () => [`update payments set amount_reversed = amount_captured, version = version + 1 where id = '${cash}'`],
      /reversed_whole_and_alone|what_is_allocated_was_received/,
    ],
    [
      'a reversal that the record does not know',
      () => [`update payments set amount_reversed = amount_captured, version = version + 1 where id = '${cheque}'`],
      /do not add up/,
    ],
    [
      'a reversal of a part',
      () => [`update payments set amount_reversed = 1, version = version + 1 where id = '${cheque}'`],
      /reversed_whole_and_alone/,
    ],
    [
      'a bounce that leaves the money on the books',
      () => [
        `update offline_payments set status = 'bounced', ended_at = now(), ended_by = 'sql', ended_reason = 'sql',
           version = version + 1 where payment_id = '${cheque}'`,
      ],
      /do not add up/,
    ],
    [
      'cash that bounces',
      () => [
        `update offline_payments set status = 'bounced', ended_at = now(), ended_by = 'sql', ended_reason = 'sql',
           version = version + 1 where payment_id = '${cash}'`,
      ],
      /only_cheques_wait_and_bounce/,
    ],
    [
      'a way back',
      () => [`update offline_payments set status = 'recorded', version = version + 1 where payment_id = '${cash}'`],
      /may not go from cleared to recorded/,
    ],
    [
      'the same cheque twice',
      () => [
        `insert into payments (merchant_id, mode, id, origin, reference, status, currency, amount, capture, method,
           created_at, updated_at)
         select merchant_id, mode, 'pay_sql', origin, 'pay_sql', 'created', currency, amount, capture, method, now(), now()
           from payments where id = '${cheque}'`,
        `insert into offline_payments (merchant_id, mode, payment_id, currency, method, status, bank, cheque_number,
           cheque_date, received_at, recorded_by, created_at, updated_at)
         select merchant_id, mode, 'pay_sql', currency, method, status, 'hdfc bank', '123', cheque_date, now(), 'sql',
                now(), now()
           from offline_payments where payment_id = '${cheque}'`,
      ],
      /offline_payments_one_per_cheque/,
    ],
    [
      'money on account without a record',
      () => [
        `insert into payments (merchant_id, mode, id, origin, reference, status, currency, amount, capture, method,
           created_at, updated_at)
         select merchant_id, mode, 'pay_sql', origin, 'pay_sql', 'created', currency, amount, capture, method, now(), now()
           from payments where id = '${cash}'`,
      ],
      /do not add up/,
    ],
    [
      'a refund by hand of a cheque that has not cleared',
      () => [
        `update payments set amount_refund_pending = 1, version = version + 1 where id = '${cheque}'`,
        `insert into refunds (merchant_id, mode, id, payment_id, reference, status, currency, amount, reason, way, given_at,
           given_by, created_at, updated_at)
         select merchant_id, mode, 'ref_sql', id, 'ref_sql', 'pending', currency, 1, 'other', 'cash', now(), 'sql', now(),
                now()
           from payments where id = '${cheque}'`,
      ],
      /has not cleared/,
    ],
    [
      'a refund that neither a gateway nor a hand makes',
      () => [
        `insert into refunds (merchant_id, mode, id, payment_id, reference, status, currency, amount, reason, created_at,
           updated_at)
         select merchant_id, mode, 'ref_sql', id, 'ref_sql', 'pending', currency, 1, 'other', now(), now()
           from payments where id = '${cash}'`,
      ],
      /refund_by_gateway_or_by_hand/,
    ],
  ])('cannot write %s', async (_what, statements, refusal) => {
    await expect(asApp(...statements())).rejects.toThrow(refusal)
  })

  test.each([
    ['the number of a cheque', `update offline_payments set cheque_number = '9' where payment_id = $1`],
    ['what was received when', `update offline_payments set received_at = now() where payment_id = $1`],
    ['what an invoice asks for', 'update invoices set amount = 1 where id = $1'],
    ['an allocation', 'update allocations set amount = 1 where id = $1'],
    ['an allocation away', 'delete from allocations where id = $1'],
    ['a record away', 'delete from offline_payments where payment_id = $1'],
  ])('cannot edit %s', async (_what, sql) => {
    await expect(asApp(sql.replace('$1', `'${cheque}'`))).rejects.toThrow(/permission denied/)
  })
})
