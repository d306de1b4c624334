// A person decides what nobody can tell: with evidence, after the gateway was asked, and never against its word.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PaymentId } from '../../src/kernel/ids.ts'
import { resolvePayment } from '../../src/operations/resolve-operation.ts'
import { clearFaults, plantFault } from '../../src/testing/gateway-faults.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import type { GatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually, runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient
let gateway: GatewayVoice

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  gateway = await gatewayVoice(server)
})
beforeEach(() => clearFaults(server))
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const WHY = { evidence: 'Statement of 20 Nov, line 14', reason: 'The gateway does not answer.' }
const resolve = (paymentId: string, body: object, key?: string) =>
  merchant.post(`/v1/payments/${paymentId}/resolve`, { ...WHY, ...body }, key)
const read = async (path: string) => (await merchant.get(path)).body

/** The gateway took the call, and nobody hears of it. */
async function unknownPayment(token = 'tok_approve'): Promise<{ orderId: string; paymentId: string }> {
  await plantFault(server, 'authorize', 'garbage')
  await plantFault(server, 'notification', 'silent', null)
  await plantFault(server, 'query', 'garbage', null)
  const { orderId, paymentId, status } = await merchant.pay({ token })
  expect(status).toBe('unknown')
  return { orderId, paymentId }
}

async function gatewayIdOf(paymentId: string): Promise<string> {
  const { rows } = await server.db.pools.owner.query('select id from sandbox.payments where reference = $1', [
    paymentId,
  ])
  return String(rows[0].id)
}

describe('a payment whose outcome nobody knows', () => {
  test.each([
    ['captured', 'paid'],
    ['authorized', 'authorized'],
    ['declined', 'open'],
    ['failed', 'open'],
  ])('is %s when a person says so, and its order is %s', async (outcome, order) => {
    const { orderId, paymentId } = await unknownPayment()
    const named = { gateway_payment_id: await gatewayIdOf(paymentId) }
    const answer = await resolve(paymentId, { outcome, ...named })
    expect(answer).toMatchObject({ status: 200, body: { status: outcome } })
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe(order)
    const timeline = await read(`/v1/payments/${paymentId}/timeline`)
    expect(timeline['operations']).toMatchObject([{ kind: 'authorize', next_question_at: null }])
    const steps = timeline['transitions'] as { cause: string; details: object; actor: string }[]
    expect(steps.at(-1)).toMatchObject({ cause: 'person', details: WHY, actor: `key:${server.actor.id}` })
    const { rows } = await server.db.pools.owner.query(
      `select actor, details from audit where action = 'payment.resolved' and object_id = $1`,
      [paymentId],
    )
    expect(rows).toEqual([{ actor: `key:${server.actor.id}`, details: { outcome, ...WHY } }])
  })

  test('needs the gateway’s id where money moved, and not that of another payment', async () => {
    const other = await merchant.pay()
    const { paymentId } = await unknownPayment()
    expect(await resolve(paymentId, { outcome: 'captured' })).toMatchObject({
      status: 422,
      body: { code: 'field_invalid', field: 'gateway_payment_id' },
    })
    const stolen = await resolve(paymentId, {
      outcome: 'captured',
      gateway_payment_id: other.answer.body['gateway_payment_id'],
    })
    expect(stolen).toMatchObject({ status: 422, body: { code: 'field_invalid', field: 'gateway_payment_id' } })
    expect((await read(`/v1/payments/${paymentId}`))['status']).toBe('unknown')
  })

  test.each([
    ['evidence', { evidence: '  ' }],
    ['reason', { reason: ' ' }],
    ['outcome', { outcome: 'voided' }],
  ])('is not decided without a proper %s', async (field, spoilt) => {
    const { paymentId } = await unknownPayment()
    const answer = await resolve(paymentId, { outcome: 'failed', ...spoilt })
    expect(answer).toMatchObject({ status: 422, body: { code: 'field_invalid', field } })
  })

  test('is not decided by hand while the gateway answers: its answer counts, and the key may be used again', async () => {
    const { orderId, paymentId } = await unknownPayment()
    await clearFaults(server)
    const key = randomUUID()
    const answer = await resolve(paymentId, { outcome: 'failed' }, key)
    expect(answer).toMatchObject({ status: 409, body: { code: 'outcome_known' } })
    expect((await read(`/v1/orders/${orderId}`))['status']).toBe('paid')
    const again = await resolve(paymentId, { outcome: 'failed' }, key)
    expect(again).toMatchObject({ status: 409, body: { code: 'payment_state_conflict' } })
  })

  test('is decided once by twenty who decide at once, and the same bytes answer the same key', async () => {
    const { paymentId } = await unknownPayment()
    const key = randomUUID()
    const first = await resolve(paymentId, { outcome: 'failed' }, key)
    const replay = await resolve(paymentId, { outcome: 'failed' }, key)
    expect([first.status, replay.status, replay.headers.get('idempotency-replayed')]).toEqual([200, 200, 'true'])
    expect(replay.body).toEqual(first.body)

    await clearFaults(server)
    const next = await unknownPayment()
    const answers = await Promise.all(Array.from({ length: 20 }, () => resolve(next.paymentId, { outcome: 'failed' })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { status } of answers) expect([200, 409]).toContain(status)
  })

  test('is not decided by a session or by a key without settings', async () => {
    const { paymentId } = await unknownPayment()
    const command = { paymentId: PaymentId.parse(paymentId), outcome: 'failed', ...WHY } as const
    for (const actor of [
      { ...server.actor, kind: 'session' as const },
      { ...server.actor, scopes: ['payments', 'refunds'] as const },
    ]) {
      const refused = resolvePayment(server.runtime.deps, actor, command)
      await expect(refused).rejects.toMatchObject({ code: 'scope_missing', details: { scope: 'settings' } })
    }
  })
})

describe('a gateway that contradicts a person later', () => {
  test('is followed where it captured, and shown as a conflict', async () => {
    const { orderId, paymentId } = await unknownPayment()
    expect((await resolve(paymentId, { outcome: 'declined' })).body['status']).toBe('declined')
    await clearFaults(server)
    await gateway.notify(await gateway.payment(paymentId))
    await runDue(server)
    const timeline = await read(`/v1/payments/${paymentId}/timeline`)
    expect(timeline).toMatchObject({
      payment: { status: 'captured' },
      order: { status: 'paid' },
      conflicts: [{ kind: 'person_contradicted', details: { decided: 'declined', reported_state: 'captured' } }],
    })
    expect((await read(`/v1/orders/${orderId}`))['amount_captured']).toBe(50_000)
  })

  test('is not followed where it says less, and shown as a conflict', async () => {
    const { paymentId } = await unknownPayment('tok_decline_do_not_honor')
    await resolve(paymentId, { outcome: 'captured', gateway_payment_id: await gatewayIdOf(paymentId) })
    await clearFaults(server)
    const view = await gateway.payment(paymentId)
    for (let copy = 0; copy < 2; copy += 1) await gateway.notify(view)
    await runDue(server)
    expect(await read(`/v1/payments/${paymentId}/timeline`)).toMatchObject({
      payment: { status: 'captured', amount_captured: 50_000 },
      conflicts: [{ kind: 'person_contradicted', details: { decided: 'captured', reported_state: 'declined' } }],
    })
  })
})

describe('a refund whose outcome nobody knows', () => {
  async function unknownRefund(): Promise<{ paymentId: string; refundId: string }> {
    const { paymentId } = await merchant.pay()
    await plantFault(server, 'refund', 'garbage')
    await plantFault(server, 'notification', 'silent', null)
    await plantFault(server, 'query_refund', 'garbage', null)
    const { body } = await merchant.post(`/v1/payments/${paymentId}/refunds`, { amount: 20_000, reason: 'other' })
    expect(body['status']).toBe('unknown')
    return { paymentId, refundId: String(body['id']) }
  }

  test.each([
    ['succeeded', 20_000],
    ['failed', 0],
  ])('has %s when a person says so', async (outcome, refunded) => {
    const { paymentId, refundId } = await unknownRefund()
    const answer = await merchant.post(`/v1/refunds/${refundId}/resolve`, { outcome, ...WHY })
    expect(answer).toMatchObject({ status: 200, body: { status: outcome } })
    expect(await read(`/v1/payments/${paymentId}`)).toMatchObject({
      amount_refunded: refunded,
      amount_refund_pending: 0,
    })
    const again = await merchant.post(`/v1/refunds/${refundId}/resolve`, { outcome, ...WHY })
    expect(again).toMatchObject({ status: 409, body: { code: 'refund_state_conflict' } })
  })

  test('is not decided by hand while the gateway answers', async () => {
    const { paymentId, refundId } = await unknownRefund()
    await clearFaults(server)
    const answer = await merchant.post(`/v1/refunds/${refundId}/resolve`, { outcome: 'failed', ...WHY })
    expect(answer).toMatchObject({ status: 409, body: { code: 'outcome_known' } })
    const payment = await eventually(async () => {
      await advanceClock(server, 60)
      const body = await read(`/v1/payments/${paymentId}`)
      return body['amount_refund_pending'] === 0 ? body : undefined
    }, 'the refund to settle')
    expect(payment['amount_refunded']).toBe(20_000)
  })
})
