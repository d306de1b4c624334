// Mandates from the consent to the last charge, told through the API of the whole server, the sandbox gateway over
// HTTP, and both test clocks: who was told when, what is charged once, and what no longer is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { givenMandates } from '../../src/testing/mandate-setup.ts'
import type { Mandates } from '../../src/testing/mandate-setup.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

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
const DAY = 24 * HOUR

describe('A mandate', () => {
  test('is registered with an order, active once that is paid, and read with its history', async () => {
    const { mandateId, orderId, paymentId } = await mandates.active({ frequency: 'monthly' })
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect(body).toMatchObject({ status: 'active', order_id: orderId, payment_id: paymentId, method: 'card' })
    expect(body['executions']).toMatchObject([{ kind: 'registration', status: 'captured', try: 1 }])
    expect(body['transitions']).toMatchObject([
      { to: 'created' },
      { from: 'created', to: 'active', event: 'activated' },
    ])
    expect((await merchant.get(`/v1/orders/${orderId}`)).body).toMatchObject({ status: 'paid', mandate_id: mandateId })
    expect(await mandates.events(mandateId)).toEqual(['mandate.created', 'mandate.registering', 'mandate.activated'])
    const listed = await merchant.get(`/v1/mandates?order_id=${orderId}`)
    expect(listed.body['items']).toMatchObject([{ id: mandateId }])
  })

  test('stays created through a declined attempt, and becomes active with the next', async () => {
    const { orderId, mandateId } = await mandates.order({})
    const declined = await mandates.pay(orderId, 'tok_decline_insufficient_funds')
    expect(declined.body['status']).toBe('declined')
    expect(await mandates.status(mandateId)).toBe('created')
    expect((await mandates.pay(orderId, 'tok_approve')).body['status']).toBe('captured')
    expect(await mandates.status(mandateId)).toBe('active')
  })

  test('is activated by whoever brings the news: here the payer answers on the page of the bank', async () => {
    const { orderId, mandateId } = await mandates.order({})
    const payment = await merchant.post(`/v1/orders/${orderId}/payments`, {
      instrument: { method: 'upi', flow: 'collect', vpa: 'success@sandbox' },
    })
    expect(payment.body['status']).toBe('requires_action')
    expect(await mandates.status(mandateId)).toBe('created')
    await advanceClock(server, 60)
    await mandates.whenStatus(mandateId, 'active')
  })

  test('that is required refuses a method without mandates; an optional one is dropped, and said so', async () => {
    const wallet = { instrument: { method: 'wallet', wallet: 'sandbox_wallet' } }
    const required = await mandates.order({})
    const refused = await merchant.post(`/v1/orders/${required.orderId}/payments`, wallet)
    expect(refused).toMatchObject({ status: 422, body: { code: 'not_supported_by_gateway' } })

    const optional = await mandates.order({ requirement: 'optional' })
    expect((await merchant.post(`/v1/orders/${optional.orderId}/payments`, wallet)).body['status']).toBe('captured')
    const { body } = await merchant.get(`/v1/mandates/${optional.mandateId}`)
    expect(body).toMatchObject({ status: 'failed', failure_reason: 'paid_without_it' })
    expect(await mandates.events(optional.mandateId)).toEqual(['mandate.created', 'mandate.failed'])
  })

  test('fails with its order', async () => {
    const { orderId, mandateId } = await mandates.order({})
    await merchant.post(`/v1/orders/${orderId}/cancel`)
    expect((await merchant.get(`/v1/mandates/${mandateId}`)).body).toMatchObject({
      status: 'failed',
      failure_reason: 'order_canceled',
    })
  })

  test.each([
    [{ frequency: 'daily', day_rule: { rule: 'on', day: 3 } }, 'frequency_has_no_days'],
    [{ block_funds: true }, 'funds_blocked_more_than_once'],
    [{ max_amount: 100 }, 'amount_above_maximum'],
    [{ amount_rule: 'fixed' }, 'amount_not_exact'],
    [{ ends_at: '2020-01-01T00:00:00Z' }, 'ends_before_it_starts'],
  ])('with the terms %o is refused: %s', async (terms, reason) => {
    const answer = await merchant.post('/v1/orders', mandates.orderBody(terms))
    expect(answer).toMatchObject({ status: 422, body: { code: 'mandate_terms_invalid', details: { reason } } })
  })
})

describe('A charge', () => {
  test('without a notice sends one, waits its day, and is captured once', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const charge = await mandates.charge(mandateId, 40_000)
    expect(charge).toMatchObject({ status: 201, body: { status: 'created', mandate_id: mandateId } })
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect(body['pre_debit_notices']).toMatchObject([{ status: 'succeeded', amount: 40_000 }])
    expect((body['executions'] as object[])[0]).toMatchObject({ status: 'waiting', kind: 'charge' })
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(0)

    await advanceClock(server, 23 * HOUR)
    expect(await mandates.paymentStatus(charge)).toBe('created')
    for (let hours = 0; hours < 28; hours += 4) await advanceClock(server, 4 * HOUR)
    expect(await mandates.paymentStatus(charge)).toBe('captured')
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(1)
    const order = (await merchant.get(`/v1/orders/${String(charge.body['order_id'])}`)).body
    expect(order).toMatchObject({ status: 'paid', amount_captured: 40_000, mandate_id: mandateId })
    expect(await mandates.noticeEvents(mandateId)).toEqual(['pre_debit_notice.succeeded'])
  })

  test('of a method without notices is made at once, once per period', async () => {
    const { mandateId } = await mandates.active({ frequency: 'daily' })
    await advanceClock(server, DAY)
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
    const second = await mandates.charge(mandateId, 30_000)
    expect(second).toMatchObject({ status: 422, body: { details: { reason: 'period_used' } } })
    await advanceClock(server, DAY)
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
  })

  test('in the period of the registration is refused, unless the terms leave it free', async () => {
    const used = await mandates.active({ frequency: 'daily' })
    expect((await mandates.charge(used.mandateId, 30_000)).body).toMatchObject({ details: { reason: 'period_used' } })
    const free = await mandates.active({ frequency: 'daily', registration_uses_period: false })
    expect((await mandates.charge(free.mandateId, 30_000)).body['status']).toBe('captured')
  })

  test.each([
    [{ amount: 100_001 }, 'amount_above_maximum'],
    [{ debit_day: '2020-01-01' }, 'day_past'],
    [{ debit_day: '2090-01-01' }, 'mandate_ended'],
  ])('with %o is refused and leaves nothing behind: %s', async (more, reason) => {
    const { mandateId } = await mandates.active({ frequency: 'daily', registration_uses_period: false })
    const answer = await mandates.charge(mandateId, 30_000, more)
    expect(answer).toMatchObject({ status: 422, body: { code: 'mandate_charge_refused', details: { reason } } })
    expect(await mandates.status(mandateId)).toBe('active')
    const { rows } = await server.db.pools.owner.query('select 1 from payments where mandate_id = $1', [mandateId])
    expect(rows).toHaveLength(1)
  })

  test('in another currency is refused', async () => {
    const { mandateId } = await mandates.active({ frequency: 'daily', registration_uses_period: false })
    const answer = await mandates.charge(mandateId, 30_000, { currency: 'USD' })
    expect(answer).toMatchObject({ status: 422, body: { code: 'amount_invalid', field: 'currency' } })
  })

  test('that is declined frees its period four times, and not a fifth', async () => {
    const terms = { frequency: 'daily', registration_uses_period: false }
    const { mandateId } = await mandates.active(terms, 'tok_mandate_declines')
    const reference = mandates.reference()
    for (let tried = 0; tried < 4; tried += 1) {
      const answer = await mandates.charge(mandateId, 30_000, { reference })
      expect(answer.body).toMatchObject({ status: 'declined', decline: { code: 'insufficient_funds' } })
    }
    const fifth = await mandates.charge(mandateId, 30_000, { reference })
    expect(fifth).toMatchObject({ status: 422, body: { details: { reason: 'tries_exhausted' } } })
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect((body['executions'] as { try: number }[]).map((one) => one.try)).toEqual([4, 3, 2, 1, 1])
  })

  test('whose answer is lost holds its period, and is found captured, once', async () => {
    const terms = { frequency: 'daily', registration_uses_period: false }
    const { mandateId } = await mandates.active(terms, 'tok_mandate_lost')
    const charge = await mandates.charge(mandateId, 30_000)
    expect(['unknown', 'captured']).toContain(charge.body['status'])
    expect((await mandates.charge(mandateId, 30_000)).body).toMatchObject({ details: { reason: 'period_used' } })
    await advanceClock(server, 60)
    expect(await mandates.paymentStatus(charge)).toBe('captured')
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(1)
  })

  test('that is pending at the bank hears of its end', async () => {
    const terms = { frequency: 'daily', registration_uses_period: false }
    const { mandateId } = await mandates.active(terms, 'tok_mandate_pending')
    const charge = await mandates.charge(mandateId, 30_000)
    expect(charge.body['status']).toBe('processing')
    await advanceClock(server, 60)
    await eventually(async () => ((await mandates.paymentStatus(charge)) === 'captured' ? true : undefined), 'capture')
  })

  test('above the limit needs the payer', async () => {
    const terms = { frequency: 'daily', registration_uses_period: false, max_amount: 2_000_000 }
    const { mandateId } = await mandates.active(terms)
    const charge = await mandates.charge(mandateId, 1_500_001)
    expect(charge.body).toMatchObject({ status: 'requires_action', action: { type: 'redirect' } })
    const { url } = charge.body['action'] as { url: string }
    await fetch(url, { method: 'POST', body: new URLSearchParams({ answer: 'approve' }), redirect: 'manual' })
    await eventually(async () => ((await mandates.paymentStatus(charge)) === 'captured' ? true : undefined), 'capture')
  })

  test('by its own reference is an order: the same reference again is refused once that is paid', async () => {
    const { mandateId } = await mandates.active(
      { frequency: 'as_presented', registration_uses_period: false },
      'netbanking',
    )
    const reference = mandates.reference()
    expect((await mandates.charge(mandateId, 30_000, { reference })).body['status']).toBe('captured')
    const again = await mandates.charge(mandateId, 30_000, { reference })
    expect(again).toMatchObject({ status: 409, body: { code: 'order_not_payable' } })
    const other = await mandates.charge(mandateId, 20_000, { reference })
    expect(other).toMatchObject({ status: 409, body: { code: 'order_reference_taken' } })
  })
})

describe('The pre-debit notice', () => {
  test('that fails takes its charge along, and the period is free', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' }, 'tok_mandate_notice_fails')
    const charge = await mandates.charge(mandateId, 30_000)
    await advanceClock(server, 1)
    expect(await mandates.paymentStatus(charge)).toBe('failed')
    expect((await merchant.get(`/v1/payments/${String(charge.body['id'])}`)).body['failure_reason']).toBe(
      'notice_failed',
    )
    expect(await mandates.noticeEvents(mandateId)).toEqual(['pre_debit_notice.failed'])
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(0)
  })

  test('sent ahead by the merchant is used, for its day and no more than its amount', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const day = await mandates.day(2)
    const notice = await merchant.post(`/v1/mandates/${mandateId}/pre-debit-notices`, {
      amount: 30_000,
      debit_day: day,
    })
    expect(notice).toMatchObject({ status: 201, body: { debit_day: day } })
    await advanceClock(server, 1)
    const charge = await mandates.charge(mandateId, 25_000)
    expect(charge.body['status']).toBe('created')
    const { body } = await merchant.get(`/v1/mandates/${mandateId}`)
    expect(body['pre_debit_notices']).toHaveLength(1)
    expect((body['executions'] as object[])[0]).toMatchObject({
      debit_day: day,
      pre_debit_notice_id: notice.body['id'],
    })
    const more = await mandates.charge(mandateId, 30_001, { pre_debit_notice_id: notice.body['id'] })
    expect(more.body).toMatchObject({ details: { reason: 'notice_amount_exceeded' } })
    for (let hours = 0; hours < 72; hours += 6) await advanceClock(server, 6 * HOUR)
    expect(await mandates.paymentStatus(charge)).toBe('captured')
  })

  test('for a day to come is sent on the clock, between 24 and 48 hours ahead', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const charge = await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(6) })
    expect(charge.body['status']).toBe('created')
    const noticeOf = async () =>
      ((await merchant.get(`/v1/mandates/${mandateId}`)).body['pre_debit_notices'] as { status: string }[])[0]
    expect(await noticeOf()).toMatchObject({ status: 'pending' })
    for (let hours = 0; hours < 7 * 24; hours += 6) await advanceClock(server, 6 * HOUR)
    expect(await noticeOf()).toMatchObject({ status: 'succeeded' })
    expect(await mandates.paymentStatus(charge)).toBe('captured')
    const { rows } = await server.db.pools.owner.query(
      `select extract(epoch from e.started_at - n.succeeded_at) / 3600 as hours, e.debit_day::text as day,
              (e.started_at at time zone 'Asia/Kolkata')::date::text as started
         from mandate_executions e join pre_debit_notices n on n.id = e.notice_id where e.payment_id = $1`,
      [charge.body['id']],
    )
    expect(Number(rows[0].hours)).toBeGreaterThanOrEqual(24)
    expect(Number(rows[0].hours)).toBeLessThanOrEqual(48)
    expect(rows[0].started).toBe(rows[0].day)
  })

  test('cannot be told in time for today', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const answer = await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(0) })
    expect(answer.body).toMatchObject({ details: { reason: 'notice_too_late' } })
  })
})
