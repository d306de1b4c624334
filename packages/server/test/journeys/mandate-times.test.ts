// What a mandate does by itself as time goes by: a pause that begins later, a notice whose outcome comes later, and a
// declined charge that is tried again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { givenMandates } from '../../src/testing/mandate-setup.ts'
import type { Mandates } from '../../src/testing/mandate-setup.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { Answer, MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock } from '../../src/testing/virtual-time.ts'

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
const DAY_MS = 86_400_000
const FREE = { frequency: 'daily', registration_uses_period: false }
const change = (mandateId: string, what: string, body?: object) =>
  merchant.post(`/v1/mandates/${mandateId}/${what}`, body)
const read = async (mandateId: string) => (await merchant.get(`/v1/mandates/${mandateId}`)).body
const ahead = async (seconds: number) => {
  const { body } = await merchant.get('/v1/test-clock')
  return new Date(Date.parse(String(body['now'])) + seconds * 1_000).toISOString()
}
const uses = async (mandateId: string) => (await read(mandateId))['executions'] as Record<string, unknown>[]
const statuses = async (mandateId: string) => (await uses(mandateId)).map((use) => use['status'])

/** To one o'clock at night in India on a Tuesday: the day and the week have just begun. */
async function toTuesdayNight(): Promise<void> {
  const now = Date.parse(await ahead(0)) + 5.5 * HOUR * 1_000
  const days = Math.floor(now / DAY_MS)
  // The first of January 1970 was a Thursday.
  const tuesday = days + ((5 - (days % 7) + 7) % 7 || 7)
  await advanceClock(server, Math.round((tuesday * DAY_MS + HOUR * 1_000 - now) / 1_000))
}

async function atGateway(gatewayMandateId: string): Promise<unknown> {
  const { rows } = await server.db.pools.owner.query('select status from sandbox.mandates where id = $1', [
    gatewayMandateId,
  ])
  return rows[0]?.status
}

describe('A pause that begins later', () => {
  test('leaves the mandate to be charged until then, begins here and at the gateway, and ends itself', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    const [startsAt, endsAt] = [await ahead(30 * HOUR), await ahead(100 * HOUR)]
    const asked = await change(mandateId, 'pause', { starts_at: startsAt, ends_at: endsAt })
    expect(asked.body).toMatchObject({ status: 'active', pending_change: null, pause_starts_at: startsAt })
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
    expect(await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(3) })).toMatchObject({
      status: 422,
      body: { code: 'mandate_charge_refused', details: { reason: 'mandate_paused_then' } },
    })
    await advanceClock(server, 29 * HOUR)
    expect(await mandates.status(mandateId)).toBe('active')
    await advanceClock(server, 2 * HOUR)
    expect(await read(mandateId)).toMatchObject({ status: 'paused', pause_ends_at: endsAt })
    expect(await atGateway(gatewayMandateId)).toBe('PAUSED')
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({ status: 409 })
    await advanceClock(server, 70 * HOUR)
    expect(await mandates.status(mandateId)).toBe('active')
    expect((await mandates.charge(mandateId, 30_000)).body['status']).toBe('captured')
    expect(await mandates.events(mandateId)).toEqual([
      'mandate.created',
      'mandate.registering',
      'mandate.activated',
      'mandate.paused',
      'mandate.resumed',
    ])
  })

  test('is taken back by resuming before it begins', async () => {
    const { mandateId, gatewayMandateId } = await mandates.active(FREE)
    await change(mandateId, 'pause', { starts_at: await ahead(30 * HOUR) })
    expect((await change(mandateId, 'resume')).body).toMatchObject({ status: 'active', pause_starts_at: null })
    await advanceClock(server, 40 * HOUR)
    expect(await mandates.status(mandateId)).toBe('active')
    expect(await atGateway(gatewayMandateId)).toBe('ACTIVE')
  })

  test('is refused when it ends before it begins, or begins after the mandate', async () => {
    const { mandateId } = await mandates.active(FREE)
    const times = { starts_at: await ahead(30 * HOUR), ends_at: await ahead(29 * HOUR) }
    expect(await change(mandateId, 'pause', times)).toMatchObject({ status: 422, body: { code: 'field_invalid' } })
    expect(await change(mandateId, 'pause', { starts_at: '2041-01-01T00:00:00Z' })).toMatchObject({ status: 422 })
    expect(await read(mandateId)).toMatchObject({ status: 'active', pause_starts_at: null })
  })

  test('holds though nobody has looked: the database lets no charge start', async () => {
    const { mandateId } = await mandates.active(FREE)
    await change(mandateId, 'pause', { starts_at: await ahead(HOUR) })
    await server.db.pools.owner.query(`update mandates set due_at = due_at + interval '9 days', version = version + 1
      where id = '${mandateId}'`)
    await advanceClock(server, 2 * HOUR)
    expect(await read(mandateId)).toMatchObject({ status: 'active' })
    expect(await mandates.charge(mandateId, 30_000)).toMatchObject({
      status: 422,
      body: { details: { reason: 'mandate_paused_then' } },
    })
    const open = `update mandate_executions set status = 'open', started_at = now() + interval '400 days',
      version = version + 1 where mandate_id = '${mandateId}' and status = 'waiting'`
    await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(0) })
    await server.db.pools.owner.query(`update mandates set pause_from = null, version = version + 1
      where id = '${mandateId}'`)
    expect((await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(2) })).status).toBe(201)
    await server.db.pools.owner.query(`update mandates set pause_from = now(), version = version + 1
      where id = '${mandateId}'`)
    await expect(server.db.pools.owner.query(open)).rejects.toMatchObject({ code: 'PU005' })
  })
})

describe('A pre-debit notice whose outcome comes later', () => {
  const TERMS = { frequency: 'weekly', registration_uses_period: false }
  const charge = async (token: string): Promise<{ mandateId: string; charged: Answer }> => {
    await toTuesdayNight()
    const { mandateId } = await mandates.active(TERMS, token)
    const debitDay = await mandates.day(2)
    return { mandateId, charged: await mandates.charge(mandateId, 30_000, { debit_day: debitDay }) }
  }

  test('is heard by notification; the charge waits for it and for its day', async () => {
    const { mandateId, charged } = await charge('tok_mandate_notice_slow')
    expect(charged.body['status']).toBe('created')
    await advanceClock(server, 12 * HOUR)
    const [sent] = (await read(mandateId))['pre_debit_notices'] as Record<string, unknown>[]
    expect(sent).toMatchObject({ status: 'pending', succeeded_at: null })
    await advanceClock(server, 3 * HOUR)
    const [told] = (await read(mandateId))['pre_debit_notices'] as Record<string, unknown>[]
    expect(told).toMatchObject({ status: 'succeeded' })
    expect(await mandates.noticeEvents(mandateId)).toEqual(['pre_debit_notice.succeeded'])
    expect(await mandates.paymentStatus(charged)).toBe('created')
    await advanceClock(server, 40 * HOUR)
    expect(await mandates.paymentStatus(charged)).toBe('captured')
  })

  test('fails in the end: the charge is given up, and nothing is sent', async () => {
    const { mandateId, charged } = await charge('tok_mandate_notice_fails_late')
    await advanceClock(server, 16 * HOUR)
    expect(await mandates.noticeEvents(mandateId)).toEqual(['pre_debit_notice.failed'])
    expect(await mandates.paymentStatus(charged)).toBe('failed')
    expect(await mandates.chargesAtGateway(String(charged.body['id']))).toBe(0)
    expect(await statuses(mandateId)).toEqual(['canceled', 'captured'])
  })
})

describe('A declined charge that may be tried again', () => {
  test('is, by itself, four times in all within its period', async () => {
    await toTuesdayNight()
    const { mandateId } = await mandates.active(FREE, 'tok_mandate_declines')
    const first = await mandates.charge(mandateId, 30_000, { retries: 3 })
    expect(first.body['status']).toBe('declined')
    await advanceClock(server, 7 * HOUR)
    expect(await statuses(mandateId)).toEqual(['declined', 'declined', 'captured'])
    await advanceClock(server, 15 * HOUR)
    const tries = (await uses(mandateId)).filter((use) => use['kind'] === 'charge')
    expect(tries.map((use) => [use['try'], use['status'], use['retries_left'], use['retry_at']])).toEqual(
      [4, 3, 2, 1].map((number) => [number, 'declined', 4 - number, null]),
    )
    expect(new Set(tries.map((use) => use['order_id'])).size).toBe(1)
    await advanceClock(server, 48 * HOUR)
    expect(await statuses(mandateId)).toHaveLength(5)
  })

  test('takes the money when it is there, under the notice that still holds', async () => {
    await toTuesdayNight()
    const { mandateId } = await mandates.active({ ...FREE, frequency: 'monthly' }, 'tok_mandate_declines')
    const charged = await mandates.charge(mandateId, 30_000, { retries: 1 })
    const orderId = String(charged.body['order_id'])
    await advanceClock(server, 26 * HOUR)
    expect(await statuses(mandateId)).toEqual(['declined', 'captured'])
    await server.db.pools.owner.query(`update sandbox.mandates set instrument = 'tok_approve'`)
    await advanceClock(server, 8 * HOUR)
    expect((await merchant.get(`/v1/orders/${orderId}`)).body['status']).toBe('paid')
    expect((await uses(mandateId))[0]).toMatchObject({ status: 'captured', try: 2, retries_left: 0 })
    expect((await read(mandateId))['pre_debit_notices']).toHaveLength(1)
  })

  test('is not, once its period is over or nobody asked for it', async () => {
    await toTuesdayNight()
    await advanceClock(server, 20 * HOUR)
    const late = await mandates.active(FREE, 'tok_mandate_declines')
    await mandates.charge(late.mandateId, 30_000, { retries: 3 })
    await advanceClock(server, 48 * HOUR)
    expect(await statuses(late.mandateId)).toEqual(['declined', 'captured'])
    const plain = await mandates.active(FREE, 'tok_mandate_declines')
    await mandates.charge(plain.mandateId, 30_000)
    await advanceClock(server, 48 * HOUR)
    expect(await statuses(plain.mandateId)).toEqual(['declined', 'captured'])
  })
})

test('The limit above which the payer confirms a charge is a setting of the gateway account', async () => {
  const settings = (text: string) =>
    server.db.pools.owner.query('update gateway_accounts set settings = settings || $1::jsonb', [text])
  const { mandateId } = await mandates.active({ ...FREE, max_amount: 5_000_000 })
  await settings('{"mandates":{"additional_factor_above":{"INR":20000}}}')
  const above = await mandates.charge(mandateId, 20_001)
  expect((await uses(mandateId))[0]).toMatchObject({ additional_factor: true })
  expect(above.status).toBe(201)
  await settings('{"mandates":{"additional_factor_above":{"INR":null}}}')
  await advanceClock(server, 24 * HOUR)
  await mandates.charge(mandateId, 1_000_000)
  expect((await uses(mandateId))[0]).toMatchObject({ additional_factor: false })
})
