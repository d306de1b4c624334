// Where the payment page may be framed and how it looks: who may say so, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { money } from '../kernel/money.ts'
import { merchantClient } from '../testing/merchant-client.ts'
import type { MerchantClient } from '../testing/merchant-client.ts'
import { startTestServer } from '../testing/start-server.ts'
import type { TestServer } from '../testing/start-server.ts'
import { createOrder } from './create-order.ts'
import type { Actor } from './deps.ts'
import { openSession } from './open-session.ts'
import { updatePageSettings } from './page-settings.ts'

let server: TestServer
let merchant: MerchantClient
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const policyOf = async (address: string) => (await fetch(address)).headers.get('content-security-policy') ?? ''
async function sessionFor(frameOrigins?: readonly string[]) {
  const orderId = await merchant.order()
  return merchant.post(
    `/v1/orders/${orderId}/sessions`,
    frameOrigins === undefined ? {} : { frame_origins: frameOrigins },
  )
}

describe('the page of a session', () => {
  test('may be framed by exactly the origins that the session names', async () => {
    const { body } = await sessionFor(['https://shop.example', 'http://127.0.0.1:7301'])
    const answer = await fetch(String(body['url']))
    expect(answer.headers.get('content-security-policy')).toMatch(
      /frame-ancestors https:\/\/shop\.example http:\/\/127\.0\.0\.1:7301(;|$)/,
    )
    expect(answer.headers.get('x-frame-options')).toBeNull()
  })

  test('is framed by nobody where the session names none, and neither is a page without a session', async () => {
    const { body } = await sessionFor()
    expect(await policyOf(String(body['url']))).toContain("frame-ancestors 'none'")
    expect(await policyOf(`${server.baseUrl}/pay/ct_test_${'0'.repeat(64)}`)).toContain("frame-ancestors 'none'")
    expect((await fetch(String(body['url']))).headers.get('x-frame-options')).toBe('DENY')
  })

  test.each([
    ['https://shop.example/', 'a path'],
    ['https://shop.example; script-src *', 'another directive'],
    ['https://*.example', 'a wildcard'],
    ['https://Shop.Example', 'capitals, which no browser sends'],
    ['https://shop.example:443', 'a port that no browser says'],
    ['null', 'null'],
    ['javascript:alert(1)', 'a script'],
  ])('is not opened for %s: %s', async (origin) => {
    expect([400, 422]).toContain((await sessionFor([origin])).status)
  })

  test('asks the page for no data where it is only warmed', async () => {
    const policy = await policyOf(`${server.baseUrl}/pay/warm`)
    expect(policy).toContain('frame-ancestors *')
    expect(policy).toContain("connect-src 'none'")
  })
})

describe('in live mode', () => {
  test('only a registered origin on https may be named', async () => {
    const { deps } = server.runtime
    const actor: Actor = { ...server.actor, tenant: { merchantId: server.merchantId, mode: 'live' } }
    const { id: orderId } = await createOrder(deps, actor, { reference: 'live-1', amount: money(100n, 'INR') })
    const open = (origin: string) => openSession(deps, actor, { orderId, frameOrigins: [origin] })
    await updatePageSettings(deps, actor, { frameOrigins: ['https://shop.example', 'http://shop.example'] })
    await expect(open('https://other.example')).rejects.toMatchObject({ code: 'origin_not_registered' })
    await expect(open('http://shop.example')).rejects.toMatchObject({ code: 'origin_not_registered' })
    // Further than this no session comes here: the demo merchant has no live gateway account.
    await expect(open('https://shop.example')).rejects.toMatchObject({ code: 'method_not_available' })
  })
})

describe('the settings', () => {
  test('are changed one by one, shown to the payer, and taken away with null', async () => {
    const set = await merchant.post('/v1/payment-page', { color: '#0a7d4f', logo: PIXEL })
    expect(set).toMatchObject({ status: 200, body: { color: '#0a7d4f', logo: PIXEL } })
    const session = await sessionFor()
    const seen = await fetch(`${server.baseUrl}/sdk/v1/session`, {
      headers: { authorization: `Bearer ${String(session.body['client_token'])}` },
    })
    expect(await seen.json()).toMatchObject({ merchant: { name: 'Demo Store', logo: PIXEL, color: '#0a7d4f' } })
    await merchant.post('/v1/payment-page', { logo: null })
    expect((await merchant.get('/v1/payment-page')).body).toMatchObject({ color: '#0a7d4f', logo: null })
  })

  test.each([
    [{ color: 'red' }],
    [{ color: '#0A7D4F' }],
    [{ logo: 'https://shop.example/logo.png' }],
    [{ logo: 'data:image/svg+xml;base64,PHN2Zz4=' }],
    [{ logo: `data:image/png;base64,${Buffer.from('<svg onload=alert(1)>').toString('base64')}` }],
    [{ frame_origins: ['https://shop.example/pay'] }],
    [{}],
  ])('refuse %j', async (change) => {
    const { status } = await merchant.post('/v1/payment-page', change)
    expect([400, 422]).toContain(status)
  })
})
