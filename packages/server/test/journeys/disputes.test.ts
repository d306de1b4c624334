// A payer's bank takes money back: what is disputed is held, cannot be refunded as well, and is given back or gone when
// the gateway says so, through whatever entry the news comes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RefundId } from '../../src/kernel/ids.ts'
import { rejectRefund } from '../../src/operations/approve-refund.ts'
import { askBank } from '../../src/testing/gateway-bank.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import type { GatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { advanceClock, eventually, runDue } from '../../src/testing/virtual-time.ts'

type Item = Record<string, unknown>

let server: TestServer
let merchant: MerchantClient
let voice: GatewayVoice

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
  voice = await gatewayVoice(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const HOUR = 3_600
const DAY = 24 * HOUR
const sql = (text: string, ...values: unknown[]) => server.db.pools.owner.query(text, values)
const items = async (path: string) => (await merchant.get(path)).body['items'] as Item[]
const payment = async (id: string) => (await merchant.get(`/v1/payments/${id}`)).body
const dispute = async (id: string) => (await merchant.get(`/v1/disputes/${id}`)).body
const refund = (id: string, amount: number) => merchant.post(`/v1/payments/${id}/refunds`, { amount, reason: 'other' })
const decimal = (minor: number) => (minor / 100).toFixed(2)

const bank = (path: string, body: object) => askBank(server, path, body)

async function opened(paymentId: string, amount: number, more: object = {}): Promise<Item> {
  const made = await bank('/disputes', { payment: paymentId, amount: decimal(amount), currency: 'INR', ...more })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return eventually(async () => {
    const found = await items(`/v1/disputes?payment_id=${paymentId}`)
    return found.find((item) => item['gateway_dispute_id'] === made.body['id'])
  }, 'the dispute')
}

const decided = async (known: Item, outcome: 'WON' | 'LOST'): Promise<void> => {
  await bank(`/disputes/${String(known['gateway_dispute_id'])}/decide`, { outcome })
  const status = outcome.toLowerCase()
  const look = async () => ((await dispute(String(known['id'])))['status'] === status ? true : undefined)
  await eventually(look, `${String(known['id'])} ${status}`)
}

const told = async (known: Item) =>
  (await items('/v1/events?limit=100'))
    .filter((event) => event['object_id'] === known['id'])
    .map((event) => event['type'])
    .toReversed()

const postings = async (paymentId: string) =>
  Object.fromEntries(
    (await items(`/v1/postings?payment_id=${paymentId}&limit=100`))
      .toReversed()
      .map((item) => [item['reason'], item['amount']]),
  )

async function expectAllWell(): Promise<void> {
  await runDue(server)
  expect((await verifyServer(server)).violations).toEqual([])
}

describe('A dispute of which the gateway tells', () => {
  test('holds its amount: no refund has it as well, until it is won', async () => {
    const { paymentId } = await merchant.pay({ amount: 50_000 })
    const known = await opened(paymentId, 30_000, { reason: 'FRAUD' })
    expect(known).toMatchObject({
      status: 'open',
      amount: 30_000,
      amount_reserved: 30_000,
      reason: 'fraudulent',
      gateway_code: 'FRAUD',
      pending_action: null,
    })
    expect(await payment(paymentId)).toMatchObject({ amount_disputed: 30_000, amount_captured: 50_000 })
    expect(await refund(paymentId, 20_001)).toMatchObject({
      status: 422,
      body: { code: 'refund_exceeds_captured', details: { refundable: '20000' } },
    })
    expect((await refund(paymentId, 20_000)).status).toBe(201)
    expect(await postings(paymentId)).toMatchObject({ dispute_opened: 30_000 })
    await decided(known, 'WON')
    expect(await payment(paymentId)).toMatchObject({ amount_disputed: 0 })
    expect((await refund(paymentId, 30_000)).status).toBe(201)
    expect(await postings(paymentId)).toMatchObject({ dispute_released: 30_000 })
    expect(await told(known)).toEqual(['dispute.opened', 'dispute.won'])
    const timeline = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
    expect(timeline['disputes']).toMatchObject([{ id: known['id'], status: 'won', amount_reserved: 0 }])
    await expectAllWell()
  })

  test('that is lost is gone: it stays counted, and the gateway owes that much less', async () => {
    const { paymentId, orderId } = await merchant.pay({ amount: 40_000 })
    const known = await opened(paymentId, 40_000)
    await decided(known, 'LOST')
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'lost', amount_reserved: 40_000 })
    expect(await payment(paymentId)).toMatchObject({ amount_disputed: 40_000 })
    expect(await refund(paymentId, 1)).toMatchObject({ status: 422 })
    expect(await postings(paymentId)).toMatchObject({ dispute_opened: 40_000, dispute_lost: 40_000 })
    expect((await merchant.get(`/v1/orders/${orderId}`)).body['status']).toBe('paid')
    await decided(known, 'WON')
    expect(await postings(paymentId)).toMatchObject({ dispute_reversed: 40_000, dispute_released: 40_000 })
    const timeline = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
    expect((timeline['conflicts'] as Item[]).map((item) => item['kind'])).toEqual(['dispute_reversed'])
    await expectAllWell()
  })

  test('is heard with a report of its payment, too, and taken in once', async () => {
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    await sql('update sandbox.accounts set notification_url = null')
    const made = await bank('/disputes', { payment: paymentId, amount: '150.00', currency: 'INR' })
    expect(await items(`/v1/disputes?payment_id=${paymentId}`)).toEqual([])
    const report = await voice.payment(paymentId)
    await Promise.all([voice.notify(report), voice.notify(report), voice.notify(report)])
    await runDue(server)
    expect(await items(`/v1/disputes?payment_id=${paymentId}`)).toMatchObject([
      { gateway_dispute_id: made.body['id'], amount_reserved: 15_000 },
    ])
    await sql(`update sandbox.accounts set notification_url = $1`, urlOfNotifications())
    await expectAllWell()
  })

  test('beyond what refunds have left is held in part, shown to a person, and in full once a refund falls away', async () => {
    await merchant.post('/v1/refund-approval-thresholds', { amount: 100, currency: 'INR' })
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    const waiting = await refund(paymentId, 15_000)
    expect(waiting.body['status']).toBe('awaiting_approval')
    const known = await opened(paymentId, 12_000)
    expect(known).toMatchObject({ amount: 12_000, amount_reserved: 5_000 })
    const timeline = (await merchant.get(`/v1/payments/${paymentId}/timeline`)).body
    expect(timeline['conflicts']).toMatchObject([{ kind: 'dispute_beyond_balance', details: { not_held: '7000' } }])
    const second = { ...server.actor, id: 'somebody_else' }
    await rejectRefund(server.runtime.deps, second, { refundId: RefundId.parse(String(waiting.body['id'])) })
    expect(await dispute(String(known['id']))).toMatchObject({ amount_reserved: 12_000 })
    expect(await payment(paymentId)).toMatchObject({ amount_disputed: 12_000, amount_refund_pending: 0 })
    await sql('delete from refund_approval_thresholds')
    await expectAllWell()
  })

  test('and refunds at the same instant together never have more than was captured', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { paymentId } = await merchant.pay({ amount: 50_000 })
      const [answers] = await Promise.all([
        Promise.all([9_000, 9_000, 9_000, 9_000, 9_000].map((amount) => refund(paymentId, amount))),
        bank('/disputes', { payment: paymentId, amount: '200.00', currency: 'INR' }),
      ])
      await runDue(server)
      const now = await payment(paymentId)
      const used = ['amount_refunded', 'amount_refund_pending', 'amount_disputed'].map((name) => Number(now[name]))
      expect(used.reduce((total, part) => total + part, 0)).toBeLessThanOrEqual(50_000)
      expect(answers.filter((answer) => answer.status >= 500)).toEqual([])
    }
    await advanceClock(server, 60)
    await expectAllWell()
  })
})

describe('The merchant', () => {
  test('says what speaks against it, and the gateway looks at it', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 10_000)
    const path = `/v1/disputes/${String(known['id'])}`
    const said = { statement: 'Delivered on 3 November.\nSigned for.', references: ['BLUEDART 4711'] }
    const key = `evidence-${paymentId}`
    expect((await merchant.post(`${path}/evidence`, said, key)).body).toMatchObject({ status: 'under_review' })
    expect((await merchant.post(`${path}/evidence`, said, key)).body).toMatchObject({ status: 'under_review' })
    expect(await dispute(String(known['id']))).toMatchObject({
      evidence: [{ ...said, submitted_by: `key:${server.demo.key_id}` }],
      transitions: [
        { from: null, to: 'open', cause: 'notification' },
        { from: 'open', to: 'under_review' },
      ],
    })
    const { rows } = await sql('select evidence from sandbox.disputes where id = $1', known['gateway_dispute_id'])
    expect(rows[0].evidence).toMatchObject([said])
    // Silence loses nothing any more.
    await advanceClock(server, 10 * DAY)
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'under_review' })
    await decided(known, 'WON')
    expect(await merchant.post(`${path}/evidence`, said)).toMatchObject({
      status: 409,
      body: { code: 'dispute_state_conflict', details: { reason: 'is_decided' } },
    })
    await expectAllWell()
  })

  test('lets it go: nothing more can be said, and the money is gone once the gateway says so', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 6_000)
    const path = `/v1/disputes/${String(known['id'])}`
    expect((await merchant.post(`${path}/accept`, {})).body).toMatchObject({
      status: 'accepted',
      amount_reserved: 6_000,
    })
    expect(await merchant.post(`${path}/evidence`, { statement: 'No.' })).toMatchObject({ status: 409 })
    await advanceClock(server, 2 * DAY)
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'lost', amount_reserved: 6_000 })
    expect(await told(known)).toEqual(['dispute.opened', 'dispute.accepted', 'dispute.lost'])
    await expectAllWell()
  })

  test('whose answer was lost on the way is told of it once more by the worker', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 6_000)
    const match = { call: 'accept_dispute', reference: known['gateway_dispute_id'] }
    expect((await bank('/faults', { match, fault: 'lost_request' })).status).toBe(201)
    const asked = await merchant.post(`/v1/disputes/${String(known['id'])}/accept`, {})
    expect(asked.body).toMatchObject({ status: 'open', pending_action: 'accept' })
    await advanceClock(server, HOUR)
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'accepted', pending_action: null })
    await expectAllWell()
  })

  test('who says nothing in time: it expires, and only the gateway decides', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 6_000, { answer_in_ms: 3 * DAY * 1_000 })
    // The gateway takes its time.
    await sql(
      `update sandbox.disputes set due_at = due_at + interval '30 days' where id = $1`,
      known['gateway_dispute_id'],
    )
    await advanceClock(server, 5 * DAY)
    const expired = await dispute(String(known['id']))
    expect(expired).toMatchObject({ status: 'expired', amount_reserved: 6_000, decided_at: null })
    expect(await merchant.post(`/v1/disputes/${String(known['id'])}/evidence`, { statement: 'Late.' })).toMatchObject({
      status: 409,
      body: { details: { reason: 'evidence_too_late' } },
    })
    await advanceClock(server, 40 * DAY)
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'lost' })
    expect(await told(known)).toEqual(['dispute.opened', 'dispute.expired', 'dispute.lost'])
    await expectAllWell()
  })

  test('hears of a decision that nobody told: the gateway is asked once a day', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 6_000, { answer_in_ms: 60 * DAY * 1_000 })
    await sql('update sandbox.accounts set notification_url = null')
    await bank(`/disputes/${String(known['gateway_dispute_id'])}/decide`, { outcome: 'WON' })
    expect(await dispute(String(known['id']))).toMatchObject({ status: 'open' })
    await advanceClock(server, 25 * HOUR)
    const { status, transitions } = (await dispute(String(known['id']))) as { status: string; transitions: Item[] }
    expect(status).toBe('won')
    expect(transitions.at(-1)).toMatchObject({ cause: 'sync', actor: 'job:disputes' })
    await sql(`update sandbox.accounts set notification_url = $1`, urlOfNotifications())
  })
})

describe('A settlement file', () => {
  const balances = async () =>
    Object.fromEntries(
      (await items('/v1/balances?currency=INR')).map((item) => [item['account'], Number(item['balance'])]),
    )

  test('carries the chargeback with its fee, and what comes back when it is won, to the last paisa', async () => {
    await advanceClock(server, 5 * DAY)
    const before = await balances()
    const { paymentId } = await merchant.pay({ amount: 100_000 })
    const known = await opened(paymentId, 100_000, { answer_in_ms: 30 * DAY * 1_000 })
    await advanceClock(server, 3 * DAY)
    expect(await postings(paymentId)).toMatchObject({
      settlement_dispute: 100_000 + 50_000 + 9_000,
      settlement_dispute_fee: 50_000,
      settlement_dispute_gst: 9_000,
    })
    await decided(known, 'WON')
    await advanceClock(server, 3 * DAY)
    expect(await postings(paymentId)).toMatchObject({ settlement_dispute_reversal: 100_000 })
    const after = await balances()
    const change = (account: string) => (after[account] ?? 0) - (before[account] ?? 0)
    expect(change('gateway_receivable')).toBe(0)
    expect(change('dispute_hold')).toBe(0)
    expect(change('dispute_fee')).toBe(50_000)
    // 100,000 less 2 % and 18 % of that; less the fee of the dispute and 18 % of that.
    expect(change('bank')).toBe(100_000 - 2_000 - 360 - 50_000 - 9_000)
    expect(await items('/v1/breaks?status=open')).toEqual([])
    await expectAllWell()
  })

  test('opens a dispute of which nobody told, and its reversal wins it', async () => {
    const { paymentId } = await merchant.pay({ amount: 30_000 })
    await sql('update sandbox.accounts set notification_url = null')
    const made = await bank('/disputes', {
      payment: paymentId,
      amount: '300.00',
      currency: 'INR',
      answer_in_ms: 90 * DAY * 1_000,
    })
    await advanceClock(server, 2 * DAY)
    const [known = {}] = await items(`/v1/disputes?payment_id=${paymentId}`)
    expect(known).toMatchObject({ gateway_dispute_id: made.body['id'], amount_reserved: 30_000 })
    const { transitions } = (await dispute(String(known['id']))) as { transitions: Item[] }
    expect(transitions[0]).toMatchObject({ to: 'open', cause: 'settlement' })
    // Never asked about: the file alone brings the end.
    await sql(
      `update disputes set due_at = due_at + interval '300 days', version = version + 1 where id = $1`,
      known['id'],
    )
    await bank(`/disputes/${String(made.body['id'])}/decide`, { outcome: 'WON' })
    await advanceClock(server, 3 * DAY)
    const won = (await dispute(String(known['id']))) as { status: string; transitions: Item[] }
    expect(won.status).toBe('won')
    expect(won.transitions.at(-1)).toMatchObject({ cause: 'settlement' })
    await sql(`update sandbox.accounts set notification_url = $1`, urlOfNotifications())
    await expectAllWell()
  })
})

describe('Direct SQL as the application role', () => {
  test('cannot refund what is disputed, hold more than is there, decide without a time, or edit what was said', async () => {
    const { paymentId } = await merchant.pay({ amount: 10_000 })
    const known = await opened(paymentId, 6_000)
    await merchant.post(`/v1/disputes/${String(known['id'])}/evidence`, { statement: 'It was delivered.' })
    const asApp = async (text: string, ...values: unknown[]) => {
      const client = await server.db.pools.app.connect()
      try {
        await client.query('begin')
        await client.query(`select set_config('app.merchant', $1, true), set_config('app.mode', 'test', true)`, [
          server.merchantId,
        ])
        return await client.query(text, values)
      } finally {
        await client.query('rollback')
        client.release()
      }
    }
    const pay = `update payments set version = version + 1,`
    await expect(asApp(`${pay} amount_refund_pending = 4001 where id = $1`, paymentId)).rejects.toThrow(
      /refunds_within_captured/,
    )
    await expect(asApp(`${pay} amount_disputed = 10001 where id = $1`, paymentId)).rejects.toThrow(
      /refunds_within_captured/,
    )
    const move = `update disputes set version = version + 1,`
    const id = known['id']
    await expect(asApp(`${move} amount_reserved = 6001 where id = $1`, id)).rejects.toThrow(/reserves_no_more/)
    await expect(asApp(`${move} status = 'won' where id = $1`, id)).rejects.toThrow(/won_reserves_nothing|decided/)
    await expect(asApp(`${move} status = 'open' where id = $1`, id)).rejects.toMatchObject({ code: 'PU002' })
    await expect(asApp(`${move} amount = 1 where id = $1`, id)).rejects.toThrow(/permission denied/)
    await expect(asApp(`update dispute_evidence set statement = 'x' where dispute_id = $1`, id)).rejects.toThrow(
      /permission denied/,
    )
    await expect(sql(`delete from dispute_evidence where dispute_id = $1`, id)).rejects.toMatchObject({ code: 'PU003' })
  })
})

const urlOfNotifications = () => `${server.baseUrl}/gateways/${server.demo.gateway_account_id}/notifications`
