// Money that a refund, a dispute and a false report all reach for: who gets it, and what is believed of whom.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DisputeId, RefundId } from '../../src/kernel/ids.ts'
import { acceptDispute } from '../../src/operations/answer-dispute.ts'
import { approveRefund, rejectRefund } from '../../src/operations/approve-refund.ts'
import { askBank } from '../../src/testing/gateway-bank.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import type { GatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { verifyServer } from '../../src/testing/verify-server.ts'
import { eventually, runDue } from '../../src/testing/virtual-time.ts'

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
  await runDue(server)
  expect((await verifyServer(server)).violations).toEqual([])
  expect(server.errors).toEqual([])
  await server.close()
})

const sql = (text: string, ...values: unknown[]) => server.db.pools.owner.query(text, values)
const items = async (path: string) => (await merchant.get(path)).body['items'] as Item[]
const payment = async (id: string) => (await merchant.get(`/v1/payments/${id}`)).body
const disputesOf = (paymentId: string) => items(`/v1/disputes?payment_id=${paymentId}`)
const conflictsOf = async (paymentId: string) =>
  ((await merchant.get(`/v1/payments/${paymentId}/timeline`)).body['conflicts'] as Item[]).map(({ kind }) => kind)

async function opened(paymentId: string, amount: string): Promise<Item> {
  const made = await askBank(server, '/disputes', { payment: paymentId, amount, currency: 'INR' })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return eventually(async () => (await disputesOf(paymentId))[0], 'the dispute')
}

describe('With a threshold', () => {
  beforeAll(async () => {
    await merchant.post('/v1/refund-approval-thresholds', { amount: 10_000, currency: 'INR' })
  })
  afterAll(async () => {
    await sql('delete from refund_approval_thresholds')
  })

  test('a refund that waits is not approved while its money is disputed, and is rejected all the same', async () => {
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    const waiting = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 20_000, reason: 'other' })
    const known = await opened(paymentId, '200.00')
    expect(known).toMatchObject({ amount_reserved: 0 })
    await askBank(server, `/disputes/${String(known['gateway_dispute_id'])}/decide`, { outcome: 'LOST' })
    await eventually(async () => ((await disputesOf(paymentId))[0]?.['status'] === 'lost' ? true : undefined), 'lost')
    const second = { ...server.actor, id: 'somebody_else' }
    const command = { refundId: RefundId.parse(String(waiting.body['id'])) }
    await expect(approveRefund(server.runtime.deps, second, command)).rejects.toMatchObject({
      code: 'refund_money_disputed',
      details: { dispute_id: known['id'] },
    })
    await runDue(server)
    const { rows } = await sql('select r.id from sandbox.refunds r where r.reference = $1', waiting.body['id'])
    expect(rows).toEqual([])
    await rejectRefund(server.runtime.deps, second, command)
    expect(await payment(paymentId)).toMatchObject({ amount_disputed: 20_000, amount_refund_pending: 0 })
  })

  test('a dispute beyond it is let go only by somebody who may change the settings', async () => {
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    const known = await opened(paymentId, '150.00')
    const disputeId = DisputeId.parse(String(known['id']))
    const clerk = { ...server.actor, scopes: ['read', 'refunds'] as const }
    await expect(acceptDispute(server.runtime.deps, clerk, { disputeId })).rejects.toMatchObject({
      code: 'scope_missing',
      details: { scope: 'settings', reason: 'amount_above_threshold' },
    })
    expect(await disputesOf(paymentId)).toMatchObject([{ status: 'open', pending_action: null }])
    expect(await acceptDispute(server.runtime.deps, server.actor, { disputeId })).toMatchObject({ status: 'accepted' })
    const small = await merchant.pay({ amount: 20_000 })
    const less = DisputeId.parse(String((await opened(small.paymentId, '100.00'))['id']))
    expect(await acceptDispute(server.runtime.deps, clerk, { disputeId: less })).toMatchObject({ status: 'accepted' })
  })
})

describe('Of the gateway', () => {
  beforeAll(async () => {
    await sql('update sandbox.accounts set notification_url = null')
  })

  test('a report that contradicts our amount is believed about nothing that stands beside it', async () => {
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    await askBank(server, '/disputes', { payment: paymentId, amount: '150.00', currency: 'INR' })
    const wrong = { amount: '999.00', held: '999.00', paid: '999.00' }
    await voice.notify({ ...(await voice.payment(paymentId)), ...wrong })
    await runDue(server)
    expect(await conflictsOf(paymentId)).toEqual(['wrong_amount'])
    expect(await disputesOf(paymentId)).toEqual([])
    await voice.notify(await voice.payment(paymentId))
    await runDue(server)
    expect(await disputesOf(paymentId)).toMatchObject([{ amount_reserved: 15_000 }])
  })

  test('a refund that failed there is nobody’s: however little is left, it contradicts nothing', async () => {
    const { paymentId } = await merchant.pay({ amount: 20_000 })
    const { id } = await voice.payment(paymentId)
    await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 16_000, reason: 'other' })
    await voice.refund(String(id), { reference: 'failed-there', minor: 4_000 })
    await sql(`update sandbox.refunds set status = 'FAILED', due_at = null, failure = 'R1', amount = 5000
                where reference = 'failed-there'`)
    await sql('update sandbox.payments set returning_now = returning_now - 4000 where reference = $1', paymentId)
    await voice.tellOfRefund('failed-there')
    await runDue(server)
    expect(await conflictsOf(paymentId)).toEqual([])
  })

  test('a dispute that is said to be of another payment is shown to a person and moves nothing', async () => {
    const [first, second] = [await merchant.pay({ amount: 20_000 }), await merchant.pay({ amount: 20_000 })]
    const made = await askBank(server, '/disputes', { payment: first.paymentId, amount: '100.00', currency: 'INR' })
    await voice.notify(await voice.payment(first.paymentId))
    await runDue(server)
    const { disputes } = await voice.payment(first.paymentId)
    const told = (disputes as Item[]).map((dispute) => ({ ...dispute, status: 'LOST', sequence: 9 }))
    const theirs = await voice.payment(second.paymentId)
    await voice.notify({ ...theirs, disputes: told.map((dispute) => ({ ...dispute, payment_id: theirs['id'] })) })
    await runDue(server)
    expect(await disputesOf(first.paymentId)).toMatchObject([{ gateway_dispute_id: made.body['id'], status: 'open' }])
    expect(await conflictsOf(first.paymentId)).toEqual(['dispute_wrong_payment'])
    expect(await disputesOf(second.paymentId)).toEqual([])
  })
})
