// The checker is worth what it notices. A busy run leaves nothing to notice; then each thing that must hold is broken
// on purpose, as only a superuser with triggers switched off can, and the checker has to name it.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DISPUTE_DAMAGE } from '../src/testing/dispute-damage.ts'
import { askBank } from '../src/testing/gateway-bank.ts'
import { gatewayVoice } from '../src/testing/gateway-voice.ts'
import { merchantClient } from '../src/testing/merchant-client.ts'
import type { MerchantClient } from '../src/testing/merchant-client.ts'
import { startTestServer } from '../src/testing/start-server.ts'
import type { TestServer } from '../src/testing/start-server.ts'
import { gatewayBookOf, keepBook, verifyServer, verifyWithDamage } from '../src/testing/verify-server.ts'
import { advanceClock, eventually, runDue } from '../src/testing/virtual-time.ts'
import type { GatewayBook, TheirPayment } from '../src/verify/gateway-book.ts'
import { verifyAll } from '../src/verify/verify.ts'

let server: TestServer
let merchant: MerchantClient
let receiver: Server
let book: GatewayBook & { readonly payments: TheirPayment[] }
let client: pg.PoolClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  receiver = createServer((request, reply) => request.resume().on('end', () => reply.writeHead(204).end()))
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const endpoint = { url: `http://127.0.0.1:${port}/hooks`, event_types: ['*'] }
  expect((await merchant.post('/v1/webhook-endpoints', endpoint)).status).toBe(201)
  await advanceClock(server, 60)
  await beBusy()
  await settle()
}, 120_000)

afterAll(async () => {
  client?.release()
  await server.close()
  receiver.close()
})

/** Every way that a payment can go, from one seed of tokens; half of it at once. */
async function beBusy(): Promise<void> {
  const tokens = [
    'tok_approve',
    'tok_decline_do_not_honor',
    'tok_refund_fails',
    'tok_lost_reply',
    'tok_pending_approve',
    'tok_http_500_not_applied',
    'tok_3ds_approve',
    'tok_duplicate_notice',
  ]
  const paid = await Promise.all(tokens.map((token, index) => merchant.pay({ token, amount: 10_000 + index })))
  const held = await Promise.all([1, 2, 3].map(() => merchant.pay({ capture: 'manual' })))
  const [first, second, third] = held.map((payment) => payment.paymentId)
  await merchant.post(`/v1/payments/${first}/capture`, { amount: 20_000, final: false })
  await merchant.post(`/v1/payments/${first}/capture`, { amount: 5_000 })
  await merchant.post(`/v1/payments/${second}/void`)
  await merchant.post(`/v1/payments/${third}/capture`, {})
  for (const { paymentId, status } of paid) {
    if (status !== 'captured') continue
    await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 1_000, reason: 'not_satisfied' })
    await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 2_000, reason: 'other' })
    expect((await merchant.get(`/v1/payments/${paymentId}/receipt`)).status).toBe(200)
  }
  const { paymentId } = await merchant.pay({ amount: 9_000 })
  await askBank(server, '/disputes', { payment: paymentId, amount: '60.00', currency: 'INR', answer_in_ms: 3_600_000 })
  await secondSuccess()
  const soon = new Date(Date.parse(await createdAt()) + 3_600_000).toISOString()
  await merchant.order(7_000, { expires_at: soon })
  await merchant.post(`/v1/orders/${await merchant.order(8_000)}/cancel`)
}

async function createdAt(): Promise<string> {
  const { body } = await merchant.get(`/v1/orders/${await merchant.order(6_000)}`)
  return String(body['created_at'])
}

async function secondSuccess(): Promise<void> {
  const gateway = await gatewayVoice(server)
  const orderId = await merchant.order()
  const pay = (token: string) =>
    merchant.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token } })
  const declined = String((await pay('tok_decline_do_not_honor')).body['id'])
  await pay('tok_approve')
  await gateway.payAfterAll(declined)
  const view = await gateway.payment(declined)
  for (let copy = 0; copy < 3; copy += 1) await gateway.notify(view)
}

async function settle(): Promise<void> {
  await advanceClock(server, 2 * 86_400)
  await eventually(async () => {
    await advanceClock(server, 60)
    await runDue(server)
    const { rows } = await server.db.pools.owner.query<{ open: number }>(
      `select (select count(*) from operations where ended_at is null)::int
            + (select count(*) from deliveries where due_at is not null)::int
            + (select count(*) from sandbox.notifications where delivered_at is null and given_up_at is null)::int as open`,
    )
    return rows[0]?.open === 0 ? true : undefined
  }, 'everything to come to an end')
}

test('after a busy run everything holds, in our book and against the gateway’s', async () => {
  const report = await verifyServer(server, { isQuiet: true })
  expect(report.violations).toEqual([])
  expect(report.violationCount).toBe(0)
  expect(report.gatewayBooks).toEqual({ compared: report.rows['payments'], open: 0 })
  for (const table of ['payments', 'refunds', 'postings', 'events', 'deliveries', 'receipts', 'notifications']) {
    expect(report.rows[table], table).toBeGreaterThan(2)
  }
  expect(server.errors).toEqual([])
})

test('it refuses a login that does not see every tenant', async () => {
  const app = await server.db.pools.app.connect()
  try {
    await expect(verifyAll(app)).rejects.toThrow(/row-level security|permission denied/)
  } finally {
    app.release(true)
  }
})

describe('damage', () => {
  beforeAll(async () => {
    book = await keepBook(gatewayBookOf(server))
    await server.runtime.close()
    client = await server.db.pools.owner.connect()
  })

  const verifyDamaged = (damage: string) => verifyWithDamage(client, [book], damage)

  const CAPTURED = `(select id from payments where status = 'captured' and not duplicate order by id limit 1)`
  const REFUND = `(select id from refunds where status = 'succeeded' order by id limit 1)`
  const FIRST = (table: string) => `(select id from ${table} order by id limit 1)`
  const drop = (table: string, ...names: string[]) =>
    names.map((name) => `alter table ${table} drop constraint ${name};`).join(' ')

  test.each<readonly [invariant: string, what: string, damage: string]>([
    [
      'I1',
      'a posting to an account that nobody knows',
      `update postings set debit = 'pocket' where id = ${FIRST('postings')}`,
    ],
    [
      'I1',
      'a posting to an account of another kind',
      `update postings set debit = 'fee' where id = ${FIRST('postings')}`,
    ],
    [
      'I2',
      'a posting of a version that never was',
      `update postings set payment_version = 99 where id = ${FIRST('postings')}`,
    ],
    ['I5', 'a posting that vanished', `delete from postings where id = ${FIRST('postings')}`],
    [
      'I5',
      'a posting that is there twice',
      `insert into postings select merchant_id, mode, 'pst_twice', payment_id, refund_id, debit, credit, amount, currency, reason, payment_version, at, recorded_at from postings where id = ${FIRST('postings')}`,
    ],
    [
      'I5',
      'a posting whose amount was edited',
      `update postings set amount = amount + 1 where id = ${FIRST('postings')}`,
    ],
    [
      'I5',
      'a captured total that was edited',
      `update payments set amount_captured = amount_captured - 1 where id = ${CAPTURED}`,
    ],
    ['I5', 'a refund whose amount was edited', `update refunds set amount = amount + 1 where id = ${REFUND}`],
    ['I5', 'a refund that vanished', `delete from refunds where id = ${REFUND}`],
    ['I5', 'a refund that is taken back', `update refunds set status = 'failed' where id = ${REFUND}`],
    [
      'I5',
      'more refunded than captured',
      `${drop('payments', 'refunds_within_captured', 'what_is_allocated_was_received')} update payments set amount_refunded = amount_captured + 1 where id = ${CAPTURED}`,
    ],
    [
      'I6',
      'a payment in another currency than its order',
      `update payments set currency = 'USD' where id = ${CAPTURED}`,
    ],
    ['I4', 'an order that says paid and is not', `update orders set status = 'paid' where status = 'canceled'`],
    [
      'I4',
      'an order that does not know what was captured',
      `update orders set amount_captured = 0 where status = 'paid'`,
    ],
    [
      'I4',
      'money that nobody has evidence for',
      `update payment_transitions set cause = 'request' where to_status = 'captured' and payment_id = ${CAPTURED}`,
    ],
    [
      'I9',
      'a status that the history does not have',
      `update payments set status = 'voided', amount_captured = 0, amount_refunded = 0 where id = ${CAPTURED}`,
    ],
    [
      'I9',
      'a step that the table does not allow',
      `update payment_transitions set from_status = 'declined', to_status = 'processing' where version = 2 and payment_id = ${CAPTURED}`,
    ],
    [
      'I9',
      'a history with a step missing',
      `delete from payment_transitions where version = 1 and payment_id = ${CAPTURED}`,
    ],
    ['I9', 'a version that nobody made', `update payments set version = version + 1 where id = ${CAPTURED}`],
    ['I9', 'a refund that was told in another order', `update refunds set status = 'unknown' where id = ${REFUND}`],
    [
      'I10',
      'unknown that was left without evidence',
      `update payment_transitions set cause = 'schedule' where from_status = 'unknown'`,
    ],
    [
      'I10',
      'a payment without an outcome about which nobody asks',
      `update payments set status = 'unknown', amount_captured = 0, amount_refunded = 0 where id = ${CAPTURED}`,
    ],
    [
      'I10',
      'a refund without an outcome about which nobody asks',
      `update refunds set status = 'pending' where id = ${REFUND}`,
    ],
    [
      'I11',
      'two attempts that are alive',
      `drop index payments_one_alive; update payments set status = 'authorized', amount_captured = 0, order_id = ${FIRST('orders')} where id in (select id from payments where status = 'captured' limit 2)`,
    ],
    ['I23', 'a step that nobody made', `update payment_transitions set actor = '' where version = 1`],
    [
      'I13',
      'an order that was promised and is gone',
      `delete from orders where id = (select id from orders o where status = 'open' limit 1)`,
    ],
    [
      'I13',
      'an answer about another order',
      `update idempotency_keys set subject_id = (select max(id) from orders) where subject_id = (select min(id) from orders)`,
    ],
    [
      'I14',
      'a change that was not told',
      `delete from events where type = 'payment.captured' and payment_id = ${CAPTURED}`,
    ],
    [
      'I14',
      'a change that was told twice',
      `insert into events select merchant_id, mode, 'evt_twice', type, object_id, order_id, payment_id, body, created_at from events where type = 'payment.captured' and payment_id = ${CAPTURED}`,
    ],
    [
      'I14',
      'an event about what never happened',
      `insert into events select merchant_id, mode, 'evt_lie', 'payment.voided', object_id, order_id, payment_id, body, created_at from events where type = 'payment.captured' and payment_id = ${CAPTURED}`,
    ],
    [
      'I14',
      'a refund that was not told',
      `delete from events where type = 'refund.succeeded' and object_id = ${REFUND}`,
    ],
    ['I14', 'an order that was told otherwise', `delete from events where type = 'order.paid'`],
    ['I14', 'an event about nothing', `update events set object_id = 'ord_nothing' where type = 'order.canceled'`],
    [
      'I14',
      'an event without its delivery',
      `delete from deliveries where id = (select d.id from deliveries d join events e on e.id = d.event_id where e.type = 'order.paid' limit 1)`,
    ],
    ['I15', 'a delivery that nobody made', `delete from delivery_attempts where delivery_id = ${FIRST('deliveries')}`],
    [
      'I16',
      'a message that is kept twice',
      `${drop('notifications', 'notifications_merchant_id_mode_gateway_account_id_gateway_e_key')} insert into notifications select merchant_id, mode, 'ntf_twice', gateway_account_id, gateway_event_id, headers, body, status, received_at, applied_at, due_at, tries, leased_until, lease_token from notifications where id = ${FIRST('notifications')}`,
    ],
    [
      'I17',
      'a key that acted twice',
      `${drop('idempotency_keys', 'idempotency_keys_pkey')} insert into idempotency_keys select * from idempotency_keys limit 1`,
    ],
    [
      'I17',
      'a reference that names two payments',
      `${drop('payments', 'payments_merchant_id_mode_reference_key')} update payments set reference = 'same' where id in (select id from payments limit 2)`,
    ],
    [
      'I18',
      'an open call that nobody looks at',
      `${drop('operations', 'open_is_due', 'ended_iff_settled')} update operations set ended_at = null, due_at = null where id = ${FIRST('operations')}`,
    ],
    [
      'I18',
      'a call that is open about what is over',
      `update operations set status = 'unknown', ended_at = null, due_at = now() where kind = 'authorize' and id = ${FIRST('operations')}`,
    ],
    [
      'I18',
      'a message that nobody applies',
      `${drop('notifications', 'waiting_is_due')} update notifications set status = 'received' where id = ${FIRST('notifications')}`,
    ],
    [
      'I18',
      'a lease without a holder',
      `update deliveries set leased_until = now(), lease_token = null where id = ${FIRST('deliveries')}`,
    ],
    [
      'I18',
      'an order that should run out and does not',
      `update orders set expiry_due_at = null, expired_at = null, status = 'open' where status = 'expired'`,
    ],
    [
      'I18',
      'something that is due',
      `update notifications set status = 'parked', due_at = now() - interval '1 hour' where id = ${FIRST('notifications')}`,
    ],
    ['receipts', 'a receipt number that is missing', `delete from receipts where id = ${FIRST('receipts')}`],
    [
      'receipts',
      'a receipt of a payment without money',
      `update receipts set payment_id = (select id from payments where status = 'declined' limit 1) where id = ${FIRST('receipts')}`,
    ],
    [
      'I7',
      'a status that the gateway does not have',
      `update payments set status = 'voided', amount_captured = 0, amount_refunded = 0 where id = ${CAPTURED}`,
    ],
    [
      'I7',
      'an amount that the gateway does not have',
      `update payments set amount = amount + 1 where id = ${CAPTURED}`,
    ],
    ['I7', 'a payment that only the gateway has', `delete from payments where id = ${CAPTURED}`],
    ['I7', 'a refund that only the gateway has', `delete from refunds where id = ${REFUND}`],
    [
      'I8',
      'a settled line that does not add up',
      `${drop('settlement_lines', 'matched_adds_up')} update settlement_lines set fee = fee + 1 where line = 1`,
    ],
    ['I8', 'a settlement that pays another sum', 'update settlements set net = net + 1'],
    ['I8', 'a settled line that vanished', 'delete from settlement_lines where line = 2'],
    ['I8', 'a fee that was not posted', `delete from postings where reason = 'settlement_fee'`],
    ['I8', 'a line that was posted and does not fit', `update settlement_lines set outcome = 'broken' where line = 1`],
    [
      'I5',
      'more settled than captured',
      `${drop('settlement_lines', 'matched_adds_up')} update settlement_lines set gross = gross * 2 where kind = 'capture'`,
    ],
    ['I7', 'a line that does not fit and is no break', `update settlement_lines set outcome = 'broken' where line = 1`],
    ...DISPUTE_DAMAGE,
    ['I7', 'a credit of the bank that differs and is no break', 'update settlements set bank_amount = bank_amount - 1'],
  ])('%s: %s', async (invariant, _what, damage) => {
    const report = await verifyDamaged(damage)
    expect(report.violations.map((violation) => violation.invariant)).toContain(invariant)
    expect(report.violationCount).toBeGreaterThan(0)
  })

  test('I3: one reference that the gateway charged twice', async () => {
    const [first] = book.payments.filter((payment) => payment.paidMinor > 0n)
    if (first === undefined) throw new Error('Nothing was charged.')
    const twice = {
      ...book,
      read: async function* () {
        yield* [...book.payments, { ...first, id: 'sbp_again' }]
      },
    }
    const report = await verifyAll(client, { gatewayBooks: [twice] })
    expect(report.violations).toMatchObject([{ invariant: 'I3', object: first.reference }])
  })

  test('none: what was rolled back left no trace', async () => {
    const report = await verifyAll(client, { gatewayBooks: [book] })
    expect(report.violations).toEqual([])
  })
})
