// Gateway accounts by the API: a merchant connects, renames, pauses and gives other credentials, and no credential is
// ever found again but sealed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GatewayAccountId } from '../../kernel/ids.ts'
import { createApiKeys, createMerchant } from '../../operations/create-merchant.ts'
import { openGatewayAccount } from '../../operations/gateway.ts'
import { callApp, freshKey } from '../../testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../testing/api-setup.ts'
import { complaintAbout } from '../../testing/check-reply.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ live: true })
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const CREDENTIALS = {
  base_url: 'https://sandbox.juspay.in',
  merchant_id: 'teahouse',
  api_key: 'KEY0A1B2C3D4E5F60718293A4B5C6D7E8F9',
  payment_page_client_id: 'picasso',
  webhook_user: 'purser',
  webhook_password: 'only-the-two-of-us-know',
}
const JUSPAY = { connector: 'juspay', label: 'Juspay', credentials: CREDENTIALS }
const CARD = { instrument: { method: 'card', token: 'tok_approve' } }

/** With the demo's secret key; the answer keeps what its route promises. */
async function call(request: ApiRequest): Promise<ApiReply> {
  const reply = await callApp(server.runtime.app, { token: server.secretKey, ...request })
  expect(complaintAbout(request, reply)).toBeUndefined()
  return reply
}
const post = (path: string, body?: object, more: Partial<ApiRequest> = {}) =>
  call({ method: 'POST', path, ...(body === undefined ? {} : { body }), ...more })
const get = async (path: string): Promise<Loose> => (await call({ path })).body

async function connected(): Promise<Loose> {
  const { status, body, text } = await post('/v1/gateway-accounts', JUSPAY)
  expect(status, text).toBe(201)
  return body
}
const countAccounts = async (): Promise<number> => (await get('/v1/gateway-accounts')).items.length

async function credentialsOf(id: string): Promise<unknown> {
  const { deps } = server.runtime
  const open = await deps.store.inTransaction(server.tenant, (tx) =>
    openGatewayAccount(deps, tx, GatewayAccountId.parse(id)),
  )
  return open.credentials
}

async function auditOf(id: string): Promise<readonly Loose[]> {
  const { rows } = await server.db.pools.owner.query(
    'select actor, action, details from audit where object_id = $1 order by id',
    [id],
  )
  return rows
}

async function payment(): Promise<ApiReply> {
  const order = await post('/v1/orders', { reference: freshKey(), amount: 49_900, currency: 'INR' })
  return post(`/v1/orders/${order.body.id}/payments`, CARD)
}

test('The connectors say what each asks for, and which of it is secret', async () => {
  const { items } = await get('/v1/connectors')
  const juspay = items.find(({ name }: Loose) => name === 'juspay')
  expect(juspay).toMatchObject({ methods: ['gateway_page'], mandate_methods: ['gateway_page'], test_only: false })
  expect(juspay.credentials.map(({ name }: Loose) => name)).toEqual(Object.keys(CREDENTIALS))
  const secret = juspay.credentials.filter((field: Loose) => field.secret).map(({ name }: Loose) => name)
  expect(secret).toEqual(['api_key', 'webhook_password'])
  for (const { name, description, pattern, required } of juspay.credentials) {
    expect([description.length > 0, required], name).toEqual([true, true])
    expect(CREDENTIALS[name as keyof typeof CREDENTIALS]).toMatch(new RegExp(pattern))
  }
  expect(items.find(({ name }: Loose) => name === 'sandbox')).toMatchObject({ test_only: true })
})

describe('An account that is connected', () => {
  test('is told with the address for its notifications, and without its credentials', async () => {
    const made = await connected()
    expect(made).toEqual({
      id: expect.stringMatching(/^gwa_/),
      object: 'gateway_account',
      connector: 'juspay',
      label: 'Juspay',
      status: 'active',
      methods: ['gateway_page'],
      notification_url: `${server.baseUrl}/gateways/${made.id}/notifications`,
      settings: {},
      created_at: expect.any(String),
    })
    expect(await get(`/v1/gateway-accounts/${made.id}`)).toEqual(made)
    const { items } = await get('/v1/gateway-accounts')
    expect(items.map(({ id }: Loose) => id)).toEqual([server.demo.gateway_account_id, made.id])
    expect(await credentialsOf(made.id)).toEqual(CREDENTIALS)
    expect(await auditOf(made.id)).toEqual([
      {
        actor: `key:${server.demo.key_id}`,
        action: 'gateway_account.connected',
        details: { connector: 'juspay', label: 'Juspay' },
      },
    ])
  })

  test('has nothing of its credentials in any table but sealed', async () => {
    const { id } = await connected()
    await post(`/v1/gateway-accounts/${id}/credentials`, { credentials: CREDENTIALS })
    const { owner } = server.db.pools
    const tables = await owner.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema in ('purser', 'sandbox')`,
    )
    expect(tables.rows.length).toBeGreaterThan(30)
    for (const { name } of tables.rows) {
      const { rows } = await owner.query<{ dump: string | null }>(
        `select string_agg(t::text, ' ') as dump from ${name} t`,
      )
      for (const secret of [CREDENTIALS.api_key, CREDENTIALS.webhook_password]) {
        for (const spelling of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')])
          expect(rows[0]?.dump ?? '', name).not.toContain(spelling)
      }
    }
  })

  test('is one, however often the same request is sent, also after a crash', async () => {
    const before = await countAccounts()
    const request = { idempotencyKey: freshKey() }
    const [first, second] = [
      await post('/v1/gateway-accounts', JUSPAY, request),
      await post('/v1/gateway-accounts', JUSPAY, request),
    ]
    expect([second.status, second.text]).toEqual([201, first.text])
    // As a crash between the account and its answer leaves it.
    await server.db.pools.owner.query(
      `update idempotency_keys set answer_status = null, answer_body = null, leased_until = now() where key = $1`,
      [request.idempotencyKey],
    )
    expect((await post('/v1/gateway-accounts', JUSPAY, request)).body).toEqual(first.body)
    const other = { ...JUSPAY, credentials: { ...CREDENTIALS, webhook_password: 'another-password-of-ours' } }
    expect((await post('/v1/gateway-accounts', other, request)).body.code).toBe('idempotency_key_reused')
    expect(await countAccounts()).toBe(before + 1)
  })
})

describe('An account is refused, and nothing is kept', () => {
  test.each([
    ['credentials.webhook_password', 'malformed', { credentials: { ...CREDENTIALS, webhook_password: 'short' } }],
    ['credentials.api_key', 'malformed', { credentials: { ...CREDENTIALS, api_key: 'has:a:colon:in:the:middle' } }],
    ['credentials.password', 'no_such_field', { credentials: { ...CREDENTIALS, password: 'x-marks-it' } }],
    ['credentials.base_url', 'missing', { credentials: {} }],
    ['connector', 'not_registered', { connector: 'stripe' }],
  ])('by the name of what is wrong: %s is %s', async (field, reason, change) => {
    const before = await countAccounts()
    const { status, body, text } = await post('/v1/gateway-accounts', { ...JUSPAY, ...change })
    expect([status, body.code, body.field, body.details.reason]).toEqual([422, 'field_invalid', field, reason])
    for (const said of ['short', 'has:a:colon', 'x-marks-it']) expect(text).not.toContain(said)
    expect(await countAccounts()).toBe(before)
  })

  test.each([
    ['juspay', { ...CREDENTIALS, base_url: 'https://10.0.0.1' }],
    ['juspay', { ...CREDENTIALS, base_url: 'http://169.254.169.254' }],
    [
      'sandbox',
      {
        base_url: 'http://169.254.169.254',
        api_key: `sk_sandbox_${'a'.repeat(64)}`,
        notification_secret: `ns_sandbox_${'a'.repeat(64)}`,
      },
    ],
  ])('for an address that may not be called: %s %j', async (connector, credentials) => {
    const { body } = await post('/v1/gateway-accounts', { connector, label: 'Inside', credentials })
    expect(body.code).toBe('url_refused')
  })

  test.each(['', '   ', 'two\nlines', 'x'.repeat(101)])('for the label %j', async (label) => {
    expect((await post('/v1/gateway-accounts', { ...JUSPAY, label })).body.field).toBe('label')
  })

  test('for live money where the connector is for tests', async () => {
    const { deps } = server.runtime
    const { secretKey } = await createApiKeys(deps, { merchantId: server.merchantId, mode: 'live' }, 'live')
    const credentials = {
      base_url: server.baseUrl,
      api_key: `sk_sandbox_${'a'.repeat(64)}`,
      notification_secret: `ns_sandbox_${'a'.repeat(64)}`,
    }
    const asked = { connector: 'sandbox', label: 'Play money', credentials }
    const refused = await post('/v1/gateway-accounts', asked, { token: secretKey })
    expect([refused.body.code, refused.body.field]).toEqual(['test_mode_only', 'connector'])
    expect((await post('/v1/gateway-accounts', JUSPAY, { token: secretKey })).status).toBe(201)
  })

  test('from a key without the scope', async () => {
    const { keyId, secretKey } = await createApiKeys(server.runtime.deps, server.tenant, 'reader')
    await server.db.pools.owner.query(`update credentials set scopes = '{read}' where subject_id = $1`, [keyId])
    const { id } = await connected()
    for (const [path, body] of [
      ['/v1/gateway-accounts', JUSPAY],
      [`/v1/gateway-accounts/${id}`, { status: 'paused' }],
      [`/v1/gateway-accounts/${id}/credentials`, { credentials: CREDENTIALS }],
    ] as const) {
      const { status, body: problem } = await post(path, body, { token: secretKey })
      expect([status, problem.code], path).toEqual([403, 'scope_missing'])
    }
    expect((await call({ path: `/v1/gateway-accounts/${id}`, token: secretKey })).body.status).toBe('active')
  })

  test('beyond twenty, also when they come at once', async () => {
    const { deps } = server.runtime
    const merchantId = await createMerchant(deps, { name: 'Coffee house' })
    const { secretKey: token } = await createApiKeys(deps, { merchantId, mode: 'test' }, 'many')
    const replies = await Promise.all(Array.from({ length: 24 }, () => post('/v1/gateway-accounts', JUSPAY, { token })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(20)
    const refused = replies.filter(({ status }) => status !== 201).map(({ body }) => body.code)
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'gateway_accounts_exhausted'))
  })
})

describe('An account that is changed', () => {
  test('has another name and nothing else', async () => {
    const made = await connected()
    const { body } = await post(`/v1/gateway-accounts/${made.id}`, { label: 'Juspay, shop in Pune' })
    expect(body).toEqual({ ...made, label: 'Juspay, shop in Pune' })
    expect((await auditOf(made.id)).at(-1)).toMatchObject({
      action: 'gateway_account.updated',
      details: {
        before: { label: 'Juspay', status: 'active' },
        after: { label: 'Juspay, shop in Pune', status: 'active' },
      },
    })
  })

  test('takes no payment while it is paused, named or not; what it took is refunded all the same', async () => {
    const taken = await payment()
    expect(taken.body.status).toBe('captured')
    const path = `/v1/gateway-accounts/${server.demo.gateway_account_id}`
    expect((await post(path, { status: 'paused' })).body.status).toBe('paused')
    expect((await payment()).body.code).toBe('method_not_available')
    const { body: order } = await post('/v1/orders', { reference: freshKey(), amount: 100, currency: 'INR' })
    const named = { ...CARD, gateway_account_id: server.demo.gateway_account_id }
    expect((await post(`/v1/orders/${order.id}/payments`, named)).body.code).toBe('method_not_available')
    const refund = await post(`/v1/payments/${taken.body.id}/refunds`, { amount: 100, reason: 'other' })
    // The gateway has it: it gave it a name of its own.
    expect(refund.body).toMatchObject({ status: 'pending', gateway_refund_id: expect.stringMatching(/./) })
    expect((await post(path, { status: 'active' })).body.status).toBe('active')
    expect((await payment()).body.status).toBe('captured')
  })

  test('has other credentials, sealed anew, and the audit says who did it', async () => {
    const { id } = await connected()
    const path = `/v1/gateway-accounts/${id}/credentials`
    const half = await post(path, { credentials: { ...CREDENTIALS, api_key: 'short' } })
    expect([half.status, half.body.field]).toEqual([422, 'credentials.api_key'])
    const inside = await post(path, { credentials: { ...CREDENTIALS, base_url: 'https://10.0.0.1' } })
    expect(inside.body.code).toBe('url_refused')
    expect(await credentialsOf(id)).toEqual(CREDENTIALS)
    const credentials = { ...CREDENTIALS, api_key: 'KEYF9E8D7C6B5A4938271605F4E3D2C1B0A' }
    const { status, text } = await post(path, { credentials })
    expect(status).toBe(200)
    expect(text).not.toContain(credentials.api_key)
    expect(await credentialsOf(id)).toEqual(credentials)
    expect((await auditOf(id)).slice(1)).toEqual([
      {
        actor: `key:${server.demo.key_id}`,
        action: 'gateway_account.credentials_replaced',
        details: { connector: 'juspay' },
      },
    ])
  })
})
