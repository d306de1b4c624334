// What a payer's client token opens, and what it leaves behind: one order and its attempts, no word about the payer,
// and nothing in any row by which somebody who reads the database could pay, sign or sign in.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GatewayAccountId } from '../../src/kernel/ids.ts'
import { openGatewayAccount } from '../../src/operations/gateway.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

let server: TestServer
let merchant: MerchantClient

beforeAll(async () => {
  server = await startTestServer()
  merchant = merchantClient(server)
})
afterAll(() => server.close())

type Said = { readonly status: number; readonly text: string }

async function openSession(orderId: string): Promise<string> {
  const { body } = await merchant.post(`/v1/orders/${orderId}/sessions`, {})
  return String(body['client_token'])
}

async function ask(token: string, path: string, body?: object): Promise<Said> {
  const response = await fetch(`${server.baseUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: (await response.text()).replaceAll(/req_[0-9a-f]{32}/g, 'req') }
}

const waiting = { instrument: { method: 'upi', flow: 'intent' } }
const UNKNOWN = `pay_${'0'.repeat(26)}`

describe('A client token', () => {
  test('answers about an attempt of another order as about one that does not exist', async () => {
    const mine = await openSession(await merchant.order())
    const theirs = await openSession(await merchant.order())
    const { id } = JSON.parse((await ask(theirs, '/sdk/v1/payments', waiting)).text) as { id: string }
    for (const [path, body] of [
      ['', undefined],
      ['/events', undefined],
      ['/cancel', {}],
    ] as const) {
      const foreign = await ask(mine, `/sdk/v1/payments/${id}${path}`, body)
      expect(foreign.status).toBe(404)
      expect(foreign).toEqual(await ask(mine, `/sdk/v1/payments/${UNKNOWN}${path}`, body))
    }
    const code = (token: string) => fetch(`${server.baseUrl}/pay/${token}/qr/${id}.svg`)
    expect((await code(mine)).status).toBe(404)
    expect((await code(theirs)).status).toBe(200)
    expect(JSON.parse((await ask(theirs, `/sdk/v1/payments/${id}`)).text)).toMatchObject({ status: 'requires_action' })
  })

  test('opens nothing of the merchant, and a key of the merchant opens no session', async () => {
    const orderId = await merchant.order()
    const token = await openSession(orderId)
    for (const path of [`/v1/orders/${orderId}`, '/v1/payments', '/v1/events', '/v1/balances', '/v1/payment-page']) {
      expect((await ask(token, path)).status).toBe(401)
    }
    for (const key of [server.secretKey, server.publishableKey]) {
      expect((await ask(key, '/sdk/v1/session')).status).toBe(401)
    }
  })

  test('stops what a payer started, from another page of the same order too', async () => {
    const orderId = await merchant.order()
    const first = await openSession(orderId)
    const { id } = JSON.parse((await ask(first, '/sdk/v1/payments', waiting)).text) as { id: string }
    const stopped = await ask(await openSession(orderId), `/sdk/v1/payments/${id}/cancel`, {})
    expect([stopped.status, JSON.parse(stopped.text).status]).toEqual([200, 'canceled'])
  })

  test('does not stop cash that the merchant sends somebody to collect', async () => {
    const orderId = await merchant.order()
    const cash = { instrument: { method: 'cash_on_delivery' } }
    const started = await merchant.post(`/v1/orders/${orderId}/payments`, cash)
    const id = String(started.body['id'])
    const refused = await ask(await openSession(orderId), `/sdk/v1/payments/${id}/cancel`, {})
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, 'payment_state_conflict'])
    expect((await merchant.get(`/v1/payments/${id}`)).body).toMatchObject({ status: 'requires_action' })
  })

  test('stops nothing any more once its session has run out', async () => {
    const orderId = await merchant.order()
    const token = await openSession(orderId)
    const { id } = JSON.parse((await ask(token, '/sdk/v1/payments', waiting)).text) as { id: string }
    await server.db.pools.owner.query(`update sessions set expires_at = created_at where order_id = $1`, [orderId])
    const refused = await ask(token, `/sdk/v1/payments/${id}/cancel`, {})
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, 'session_not_open'])
  })

  test('starts nothing any more once its order is paid', async () => {
    const token = await openSession(await merchant.order())
    const paid = { instrument: { method: 'card', token: 'tok_approve' } }
    expect((await ask(token, '/sdk/v1/payments', paid)).status).toBe(201)
    const again = await ask(token, '/sdk/v1/payments', paid)
    expect([again.status, JSON.parse(again.text).code]).toEqual([409, 'order_not_payable'])
  })

  test('shows who pays nowhere, and takes no amount', async () => {
    const payer = { name: 'Asha Canary', email: 'canary@shop.example', phone: '+91 98000 12345' }
    const orderId = await merchant.order(50_000, { payer, metadata: { note: 'metadata-canary' } })
    const token = await openSession(orderId)
    const cheaper = await ask(token, '/sdk/v1/payments', { ...waiting, amount: 1 })
    expect([cheaper.status, JSON.parse(cheaper.text).field]).toEqual([400, 'amount'])
    const started = await ask(token, '/sdk/v1/payments', waiting)
    expect(started.status).toBe(201)
    const seen = `${started.text}${(await ask(token, '/sdk/v1/session')).text}`
    for (const canary of ['Asha Canary', 'canary@shop', '98000 12345', 'metadata-canary']) {
      expect(seen).not.toContain(canary)
    }
  })
})

describe('The database', () => {
  test('holds no token, key, secret or password by which somebody who reads it could act', async () => {
    const { demo, runtime, tenant } = server
    const token = await openSession(await merchant.order())
    await ask(token, '/sdk/v1/payments', waiting)
    const endpoint = await merchant.post('/v1/webhook-endpoints', { url: `${server.baseUrl}/hook` })
    const { paymentId } = await merchant.pay()
    const receipt = await merchant.get(`/v1/payments/${paymentId}/receipt`)
    const link = await merchant.post(`/v1/receipts/${String(receipt.body['id'])}/links`, {})
    const signedIn = await fetch(`${server.baseUrl}/dashboard/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: demo.dashboard.email, password: demo.dashboard.password }),
    })
    const accountId = GatewayAccountId.parse(demo.gateway_account_id)
    const { credentials } = await runtime.deps.store.inTransaction(tenant, (tx) =>
      openGatewayAccount(runtime.deps, tx, accountId),
    )
    const gateway = credentials as { api_key: string; notification_secret: string }
    const secrets = {
      'client token': token,
      'secret key': demo.secret_key,
      'publishable key': demo.publishable_key,
      'webhook secret': String(endpoint.body['secret']),
      'receipt link': String(link.body['url']).split('/').at(-1) ?? '',
      'sign-in': /purser_sign_in=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '',
      password: demo.dashboard.password,
      'gateway key': gateway.api_key,
      'notification secret': gateway.notification_secret,
    }
    const { rows: tables } = await server.db.pools.owner.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'purser' and table_type = 'BASE TABLE'`,
    )
    expect(tables.length).toBeGreaterThan(20)
    const found: string[] = []
    for (const { name } of tables) {
      for (const [what, secret] of Object.entries(secrets)) {
        expect(secret.length, what).toBeGreaterThan(10)
        const { rows } = await server.db.pools.owner.query<{ rows: number }>(
          `select count(*)::int as rows from purser.${name} t
            where position($1 in t::text) > 0 or position(encode($1::text::bytea, 'hex') in t::text) > 0`,
          [secret],
        )
        if (rows[0]?.rows !== 0) found.push(`${what} in ${name}`)
      }
    }
    expect(found).toEqual([])
  })
})
