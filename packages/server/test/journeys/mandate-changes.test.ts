// What becomes of a mandate: paused, resumed and revoked by the merchant or by the payer in the bank's app, and ended
// by its time. The rule behind all of it: what started before is recorded, and nothing starts afterwards.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { givenMandates } from '../../src/testing/mandate-setup.ts'
import type { Mandates } from '../../src/testing/mandate-setup.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually, runDue } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient
let mandates: Mandates

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
  mandates = givenMandates(server, merchant)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const HOUR = 3_600
const REGISTERED = ['mandate.created', 'mandate.registering', 'mandate.activated']
const FREE = { frequency: 'daily', registration_uses_period: false }
const change = (mandateId: string, what: string, body?: object) =>
  merchant.post(`/v1/mandates/${mandateId}/${what}`, body)

async function fault(call: string, reference: string, name: string, more: object = {}): Promise<void> {
  const { account_id, admin_token } = server.demo.sandbox
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ match: { call, reference }, fault: name, ...more }),
  })
  expect(response.status, await response.clone().text()).toBe(201)
}

async function now(): Promise<Date> {
  const { rows } = await server.db.pools.owner.query<{ now: Date }>(
    'select now() + clock_offset as now from merchants where id = $1',
    [server.merchantId],
  )
  return rows[0]?.now ?? new Date(0)
}

describe('The merchant', () => {
  test('pauses a mandate and resumes it: no charge in between', async () => {
    const { mandateId } = await mandates.active(FREE)
    expect((await change(mandateId, 'pause', {})).body).toMatchObject({ status: 'paused', pending_change: null })
    const refused = await mandates.charge(mandateId, 30_000)
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'mandate_state_conflict', details: { status: 'paused' } },
    })
    expect((await change(mandateId, 'resume')).body).toMatchObject({ status: 'active' })
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
    expect(await mandates.events(mandateId)).toEqual([...REGISTERED, 'mandate.paused', 'mandate.resumed'])
  })

  test('pauses with an end: the pause ends itself, here and at the gateway', async () => {
    const { mandateId } = await mandates.active(FREE)
    const endsAt = new Date((await now()).getTime() + 6 * HOUR * 1_000).toISOString()
    const paused = await change(mandateId, 'pause', { ends_at: endsAt })
    expect(paused.body).toMatchObject({ status: 'paused', pause_ends_at: endsAt })
    await advanceClock(server, 5 * HOUR)
    expect(await mandates.status(mandateId)).toBe('paused')
    await advanceClock(server, 2 * HOUR)
    expect(await mandates.status(mandateId)).toBe('active')
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
  })

  test('revokes a mandate for good; again is the same, and resuming it is refused', async () => {
    const { mandateId } = await mandates.active(FREE)
    expect((await change(mandateId, 'revoke')).body).toMatchObject({ status: 'revoked' })
    expect((await change(mandateId, 'revoke')).body).toMatchObject({ status: 'revoked' })
    expect(await change(mandateId, 'resume')).toMatchObject({ status: 409, body: { code: 'mandate_state_conflict' } })
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({ status: 409 })
    expect(await mandates.events(mandateId)).toEqual([...REGISTERED, 'mandate.revoked'])
  })

  test('revokes a mandate that nobody has begun to register', async () => {
    const { orderId, mandateId } = await mandates.order({})
    expect((await change(mandateId, 'revoke')).body).toMatchObject({ status: 'revoked' })
    expect((await mandates.pay(orderId, 'tok_approve')).body).toMatchObject({ status: 'captured', mandate_id: null })
  })

  test('gives up a charge that waits: it is never sent, and its period is free', async () => {
    const { mandateId } = await mandates.active({ frequency: 'weekly', registration_uses_period: false })
    const day = await mandates.day(3)
    const charge = await mandates.charge(mandateId, 30_000, { debit_day: day })
    expect((await mandates.charge(mandateId, 30_000, { debit_day: day })).body).toMatchObject({
      details: { reason: 'period_used' },
    })
    const given = await merchant.post(`/v1/payments/${String(charge.body['id'])}/cancel`)
    expect(given.body).toMatchObject({ status: 'failed', failure_reason: 'given_up_by_merchant' })
    expect((await mandates.charge(mandateId, 30_000, { debit_day: day })).body['status']).toBe('created')
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(0)
  })

  test('whose revocation is not answered: no charge starts, and it is asked again until it is done', async () => {
    const { mandateId } = await mandates.active(FREE)
    await fault('change_mandate', mandateId, 'lost_request', { times: 2 })
    const asked = await change(mandateId, 'revoke')
    expect(asked.body).toMatchObject({ status: 'active', pending_change: 'revoke' })
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({
      status: 409,
      body: { details: { pending_change: 'revoke' } },
    })
    await advanceClock(server, HOUR)
    await advanceClock(server, HOUR)
    expect((await merchant.get(`/v1/mandates/${mandateId}`)).body).toMatchObject({
      status: 'revoked',
      pending_change: null,
    })
  })

  test('whose pause is refused by the gateway hears how the mandate really stands', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    await fault('notification', mandateId, 'silent', { times: null })
    expect(await mandates.payer(gatewayMandateId, 'revoke')).toBe(200)
    await change(mandateId, 'pause', {})
    await runDue(server)
    await mandates.whenStatus(mandateId, 'revoked')
  })
})

describe('The payer, in the bank’s app,', () => {
  test('pauses, resumes and revokes: heard by notification, in this order', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    for (const [what, status] of [
      ['pause', 'paused'],
      ['resume', 'active'],
      ['revoke', 'revoked'],
    ] as const) {
      expect(await mandates.payer(gatewayMandateId, what)).toBe(200)
      await mandates.whenStatus(mandateId, status)
    }
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({ status: 409 })
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    const causes = (body['transitions'] as { event: string; cause: string }[]).map((one) => `${one.event} ${one.cause}`)
    expect(causes.slice(2)).toEqual(['paused notification', 'resumed notification', 'revoked notification'])
  })

  test('may not revoke what the terms say is not theirs to revoke', async () => {
    const { gatewayMandateId } = await mandates.active({ ...FREE, revocable_by_customer: false })
    expect(await mandates.payer(gatewayMandateId, 'revoke')).toBe(409)
  })

  test('who resumes is heard once: an old notification of the pause, told late, pauses nothing', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    await fault('notification', mandateId, 'delay', { times: 1, delay_ms: 60_000 })
    await mandates.payer(gatewayMandateId, 'pause')
    await mandates.payer(gatewayMandateId, 'resume')
    await eventually(async () => {
      const { rows } = await server.db.pools.owner.query(
        `select 1 from notifications where status = 'applied' and convert_from(body, 'UTF8') like '%"version":3%'
            and convert_from(body, 'UTF8') like $1`,
        [`%${gatewayMandateId}%`],
      )
      return rows.length > 0 ? true : undefined
    }, 'the notification of the resumption')
    await advanceClock(server, 120)
    expect(await mandates.status(mandateId)).toBe('active')
    expect(await mandates.events(mandateId)).toEqual(REGISTERED)
  })

  test('revokes and nobody tells us: the gateway refuses the charge, and then we ask', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    await fault('notification', mandateId, 'silent', { times: null })
    await mandates.payer(gatewayMandateId, 'revoke')
    const charge = await mandates.charge(mandateId, 30_000)
    expect(charge.body).toMatchObject({ status: 'failed' })
    await runDue(server)
    await mandates.whenStatus(mandateId, 'revoked')
  })

  test('revokes while a charge waits: the charge is given up, and nothing is sent', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active({ frequency: 'as_presented' })
    const charge = await mandates.charge(mandateId, 30_000)
    expect(charge.body['status']).toBe('created')
    await mandates.payer(gatewayMandateId, 'revoke')
    await mandates.whenStatus(mandateId, 'revoked')
    await advanceClock(server, 1)
    await eventually(async () => ((await mandates.paymentStatus(charge)) === 'failed' ? true : undefined), 'the end')
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect((body['executions'] as object[])[0]).toMatchObject({ status: 'canceled', reason: 'mandate_not_active' })
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(0)
  })

  test('revokes after a charge had started: its late capture is recorded', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE, 'tok_mandate_pending')
    const charge = await mandates.charge(mandateId, 30_000)
    expect(charge.body['status']).toBe('processing')
    await mandates.payer(gatewayMandateId, 'revoke')
    await mandates.whenStatus(mandateId, 'revoked')
    await advanceClock(server, 60)
    await eventually(async () => ((await mandates.paymentStatus(charge)) === 'captured' ? true : undefined), 'capture')
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect(body['status']).toBe('revoked')
    expect((body['executions'] as object[])[0]).toMatchObject({ status: 'captured' })
  })
})

describe('Time', () => {
  test('ends a mandate, once, and no charge starts afterwards', async () => {
    const endsAt = new Date((await now()).getTime() + 30 * HOUR * 1_000).toISOString()
    const { mandateId } = await mandates.active({ ...FREE, ends_at: endsAt })
    await advanceClock(server, 31 * HOUR)
    expect(await mandates.status(mandateId)).toBe('expired')
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({
      status: 409,
      body: { details: { status: 'expired' } },
    })
    expect(await mandates.events(mandateId)).toEqual([...REGISTERED, 'mandate.expired'])
  })

  test('ends a mandate that was never registered', async () => {
    const endsAt = new Date((await now()).getTime() + HOUR * 1_000).toISOString()
    const { mandateId } = await mandates.order({ ends_at: endsAt })
    await advanceClock(server, 2 * HOUR)
    expect(await mandates.status(mandateId)).toBe('expired')
  })
})

describe('A late capture of a charge that was told declined', () => {
  test('is recorded, and given back when its period was charged again meanwhile', async () => {
    const { mandateId } = await mandates.active(FREE, 'tok_mandate_declines')
    const first = await mandates.charge(mandateId, 30_000)
    expect(first.body['status']).toBe('declined')
    const second = await mandates.charge(mandateId, 30_000)
    const voice = await gatewayVoice(server)
    // The bank changes its mind about both, the retry first.
    for (const charge of [second, first]) {
      const reference = String(charge.body['id'])
      await voice.payAfterAll(reference)
      expect(await voice.notify(await voice.payment(reference))).toBe(200)
      await eventually(
        async () => ((await mandates.paymentStatus(charge)) === 'captured' ? true : undefined),
        reference,
      )
    }
    await advanceClock(server, 120)
    const payment = await eventually(async () => {
      const { body } = await merchant.get(`/v1/payments/${String(first.body['id'])}`)
      return body['amount_refunded'] === 30_000 ? body : undefined
    }, 'the refund')
    expect(payment).toMatchObject({ status: 'captured', duplicate: true })
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect((body['executions'] as { status: string }[]).map((one) => one.status)).toEqual([
      'captured',
      'surplus',
      'captured',
    ])
    const timeline = await merchant.get(`/v1/payments/${String(first.body['id'])}/timeline`)
    expect((timeline.body['conflicts'] as { kind: string }[]).map((one) => one.kind)).toContain(
      'mandate_period_charged_twice',
    )
  })
})
