import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp } from '../testing/api-setup.ts'
import type { ApiRequest } from '../testing/api-setup.ts'
import { complaintAboutError } from '../testing/check-reply.ts'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server.close())

const path = () => `/gateways/${server.demo.gateway_account_id}/notifications`
const send = (request: Partial<ApiRequest>) =>
  callApp(server.runtime.app, { method: 'POST', path: path(), idempotencyKey: null, ...request })

async function stored(): Promise<number> {
  const { rows } = await server.db.pools.owner.query<{ count: string }>('select count(*) from notifications')
  return Number.parseInt(rows[0]?.count ?? '', 10)
}

describe('A notification', () => {
  test('that nobody signed is refused whatever it says, and is not kept', async () => {
    const before = await stored()
    for (const raw of ['', '{}', '{', 'a=b', Buffer.from([0xff, 0x00]), 'x'.repeat(256 * 1024)]) {
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        '',
        'no type',
        'a/b; "',
      ]) {
        const reply = await send({ raw, headers: { 'content-type': type } })
        expect([reply.status, reply.body.code]).toEqual([401, 'credentials_invalid'])
        expect(complaintAboutError(reply)).toBeUndefined()
      }
    }
    expect(await stored()).toBe(before)
  })

  test('over 256 KiB is not read', async () => {
    const { status, body } = await send({ raw: 'x'.repeat(256 * 1024 + 1) })
    expect([status, body.code]).toEqual([413, 'body_too_large'])
  })

  test('for an account that does not exist is refused', async () => {
    const unknown = await send({ path: `/gateways/gwa_${'0'.repeat(26)}/notifications`, raw: '{}' })
    expect([unknown.status, unknown.body.code]).toEqual([404, 'gateway_account_not_found'])
    const malformed = await send({ path: "/gateways/' or 1=1/notifications".replaceAll(' ', '%20'), raw: '{}' })
    expect(malformed.status).toBe(404)
    const nothing = await send({ path: '/gateways//notifications', raw: '{}' })
    expect(nothing.status).toBe(404)
    expect((await send({ path: '/gateways/%00/notifications', raw: '{}' })).status).toBe(404)
  })

  test('that the gateway signed is kept and acknowledged, once', async () => {
    const { db, secretKey } = server
    const call = (request: ApiRequest) => callApp(server.runtime.app, { token: secretKey, ...request })
    const order = await call({
      method: 'POST',
      path: '/v1/orders',
      body: { reference: 'notified', amount: 500, currency: 'INR' },
    })
    const instrument = { method: 'card', token: 'tok_duplicate_notice' }
    const payment = await call({ method: 'POST', path: `/v1/orders/${order.body.id}/payments`, body: { instrument } })
    expect(payment.body.status).toBe('captured')
    const arrived = async () => {
      const { rows } = await db.pools.owner.query<{ ids: string; all: string }>(
        `select count(distinct gateway_event_id) as ids, count(*) as all from notifications`,
      )
      return rows[0]
    }
    await expect.poll(arrived, { timeout: 20_000 }).toMatchObject({ ids: expect.not.stringMatching(/^0$/) })
    const { ids, all } = (await arrived()) ?? { ids: '', all: 'none' }
    expect(ids).toBe(all)
  })
})
