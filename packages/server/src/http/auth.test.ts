import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nativeRoutes } from '../dialects/native/routes.ts'
import { sdkRoutes } from '../dialects/sdk/session.ts'
import { hashToken } from '../kernel/secret.ts'
import { OrderId } from '../kernel/ids.ts'
import { revokeCredential } from '../store/credentials.ts'
import { createApiKeys } from '../operations/create-merchant.ts'
import { freshKey, startTestApi } from '../testing/api-setup.ts'
import type { ApiReply, TestApi } from '../testing/api-setup.ts'
import { SIGN_IN_COOKIE } from './auth.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi({ rateLimits: { refusedPerAddress: 100_000, signInPerAddress: 1_000 } })
})

afterAll(() => api.close())

const code = ({ status, body }: ApiReply) => [status, body.code]

/** A path of the route with identifiers that are well formed and name nothing. */
function pathOf(route: { path: string }): string {
  return route.path.replaceAll(/:[a-z_]+/g, `ord_${'0'.repeat(26)}`)
}

describe('A route of our own APIs', () => {
  const ROUTES = [...nativeRoutes, ...sdkRoutes].map((route) => [`${route.method} ${route.path}`, route] as const)

  test.each(ROUTES)('%s refuses whoever shows no credentials, or wrong ones', async (_name, route) => {
    const request = { method: route.method, path: pathOf(route) }
    expect(code(await api.call({ ...request, token: null }))).toEqual([401, 'credentials_missing'])
    for (const token of ['x', `sk_test_${'0'.repeat(64)}`, `ct_test_${'f'.repeat(64)}`, 'a'.repeat(512)]) {
      const reply = await api.call({ ...request, token })
      expect(code(reply)).toEqual([401, 'credentials_invalid'])
      expect(reply.headers['www-authenticate']).toBe('Bearer')
    }
    for (const authorization of ['Basic eDp5', 'Bearer', 'Bearer a b', 'bearer\t', api.merchant.secretKey]) {
      const reply = await api.call({ ...request, token: null, headers: { authorization } })
      expect(code(reply)).toEqual([401, 'credentials_invalid'])
    }
  })

  test.each(ROUTES)('%s refuses a key that may only do what an app may', async (_name, route) => {
    const request = { method: route.method, path: pathOf(route), token: api.merchant.publishableKey }
    const expected = route.access.kind === 'session' ? [401, 'credentials_invalid'] : [403, 'scope_missing']
    expect(code(await api.call(request))).toEqual(expected)
  })

  test.each(ROUTES)('%s refuses a key without its scope and takes one with it', async (_name, route) => {
    if (route.access.kind !== 'merchant') return
    const { scope } = route.access
    const all = ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings']
    const request = { method: route.method, path: pathOf(route) }
    const without = await givenKey(all.filter((name) => name !== scope))
    const refused = await api.call({ ...request, token: without })
    expect([...code(refused), refused.body.details]).toEqual([403, 'scope_missing', { scope }])
    expect((await api.call({ ...request, token: await givenKey([scope]) })).status).not.toBe(403)
  })
})

async function givenKey(scopes: readonly string[]): Promise<string> {
  const { secretKey } = await createApiKeys(api.deps, api.merchant.tenant, 'narrow')
  await api.db.pools.owner.query('update credentials set scopes = $2 where hash = $1', [hashToken(secretKey), scopes])
  return secretKey
}

describe('A key', () => {
  test('that is revoked or expired is like one that never was', async () => {
    const { secretKey } = await createApiKeys(api.deps, api.merchant.tenant, 'short-lived')
    expect((await api.call({ path: '/v1/orders', token: secretKey })).status).toBe(200)
    await api.db.pools.owner.query(`update credentials set expires_at = now() where hash = $1`, [hashToken(secretKey)])
    const expired = await api.call({ path: '/v1/orders', token: secretKey })
    await api.db.pools.owner.query(`update credentials set expires_at = null where hash = $1`, [hashToken(secretKey)])
    await api.deps.store.inTransaction(api.merchant.tenant, (tx) => revokeCredential(tx, hashToken(secretKey)))
    const revoked = await api.call({ path: '/v1/orders', token: secretKey })
    const unknown = await api.call({ path: '/v1/orders', token: `sk_test_${'1'.repeat(64)}` })
    const withoutId = ({ body }: ApiReply) => ({ ...body, request_id: '' })
    expect(withoutId(expired)).toEqual(withoutId(unknown))
    expect(withoutId(revoked)).toEqual(withoutId(unknown))
  })

  test('in a cookie is no credential, and a sign-in in the header is none either', async () => {
    const asCookie = { cookie: `${SIGN_IN_COOKIE}=${api.merchant.secretKey}` }
    expect(code(await api.call({ path: '/v1/orders', token: null, headers: asCookie }))).toEqual([
      401,
      'credentials_invalid',
    ])
    const { cookie } = await signedIn()
    const token = cookie.split('=')[1] ?? ''
    expect(code(await api.call({ path: '/v1/orders', token }))).toEqual([401, 'credentials_invalid'])
  })

  test('whose guesses are too many makes its address wait', async () => {
    const strict = await startTestApi({ rateLimits: { refusedPerAddress: 3 } })
    try {
      const guess = async () => strict.call({ path: '/v1/orders', token: 'guess' })
      for (let tries = 0; tries < 3; tries += 1) expect((await guess()).status).toBe(401)
      const limited = await guess()
      expect(code(limited)).toEqual([429, 'rate_limited'])
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
      expect((await strict.call({ path: '/v1/orders' })).status).toBe(200)
    } finally {
      await strict.close()
    }
  })
})

async function signedIn(): Promise<{ cookie: string; reply: ApiReply }> {
  const { email, password } = api.merchant
  const reply = await api.call({ method: 'POST', path: '/dashboard/sign-in', token: null, body: { email, password } })
  const [cookie = ''] = String(reply.headers['set-cookie']).split(';')
  return { cookie, reply }
}

describe('A sign-in to the dashboard', () => {
  const sameOrigin = { 'sec-fetch-site': 'same-origin', 'x-purser-csrf': '1' }

  test('gives a cookie that scripts cannot read and other sites cannot send', async () => {
    const { reply } = await signedIn()
    expect(reply.body).toMatchObject({ object: 'sign_in', user: { email: api.merchant.email, role: 'owner' } })
    expect(reply.text).not.toContain('si_')
    expect(reply.headers['set-cookie']).toMatch(
      /^purser_sign_in=si_[0-9a-f]{64}; Path=\/; Expires=.+; HttpOnly; SameSite=Strict$/,
    )
  })

  test('is sent over https only where the public address is https', async () => {
    const secure = await startTestApi({ publicUrl: 'https://pay.example' })
    try {
      const { email, password } = secure.merchant
      const reply = await secure.call({
        method: 'POST',
        path: '/dashboard/sign-in',
        token: null,
        body: { email, password },
      })
      expect(reply.headers['set-cookie']).toContain('; Secure')
    } finally {
      await secure.close()
    }
  })

  test('says the same to a wrong password and to an unknown address', async () => {
    const answer = async (body: object) => {
      const reply = await api.call({ method: 'POST', path: '/dashboard/sign-in', token: null, body })
      return [reply.status, { ...reply.body, request_id: '' }, reply.headers['set-cookie']]
    }
    const wrong = await answer({ email: api.merchant.email, password: 'wrong' })
    expect(wrong).toEqual(await answer({ email: 'nobody@example.com', password: 'wrong' }))
    expect(wrong[0]).toBe(401)
  })

  test('opens the native API for reading', async () => {
    const { cookie } = await signedIn()
    expect((await api.call({ path: '/v1/orders', token: null, headers: { cookie } })).status).toBe(200)
  })

  test('opens it for writing only when our own page asks', async () => {
    const { cookie } = await signedIn()
    const write = (headers: object) =>
      api.call({
        method: 'POST',
        path: '/v1/orders',
        token: null,
        body: { reference: freshKey(), amount: 100, currency: 'INR' },
        headers: { cookie, host: 'pay.example', ...headers },
      })
    expect(code(await write({}))).toEqual([403, 'origin_refused'])
    expect(code(await write({ 'x-purser-csrf': '1' }))).toEqual([403, 'origin_refused'])
    expect(code(await write({ 'sec-fetch-site': 'same-origin' }))).toEqual([403, 'origin_refused'])
    expect(code(await write({ 'sec-fetch-site': 'same-site', 'x-purser-csrf': '1' }))).toEqual([403, 'origin_refused'])
    expect(code(await write({ origin: 'http://evil.example', 'x-purser-csrf': '1' }))).toEqual([403, 'origin_refused'])
    expect((await write(sameOrigin)).status).toBe(201)
    expect((await write({ origin: 'http://pay.example', 'x-purser-csrf': '1' })).status).toBe(201)
  })

  test('from another site is refused', async () => {
    const { email, password } = api.merchant
    const request = { method: 'POST', path: '/dashboard/sign-in', token: null, body: { email, password } }
    const reply = await api.call({ ...request, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(code(reply)).toEqual([403, 'origin_refused'])
  })

  test('ends with a sign-out', async () => {
    const { cookie } = await signedIn()
    const headers = { cookie, ...sameOrigin }
    const out = await api.call({ method: 'POST', path: '/dashboard/sign-out', token: null, headers })
    expect(out.status).toBe(200)
    expect(out.headers['set-cookie']).toMatch(/^purser_sign_in=; /)
    expect((await api.call({ path: '/v1/orders', token: null, headers: { cookie } })).status).toBe(401)
  })

  test('is tried ten times a minute at most', async () => {
    const strict = await startTestApi()
    try {
      const body = { email: 'nobody@example.com', password: 'guess' }
      const statuses: number[] = []
      for (let tries = 0; tries < 11; tries += 1) {
        statuses.push((await strict.call({ method: 'POST', path: '/dashboard/sign-in', token: null, body })).status)
      }
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429])
    } finally {
      await strict.close()
    }
  })
})

describe('What belongs to somebody else', () => {
  test('answers exactly like what does not exist', async () => {
    const created = await api.call({
      method: 'POST',
      path: '/v1/orders',
      body: { reference: 'theirs', amount: 100, currency: 'INR' },
    })
    const foreign = await api.call({ path: `/v1/orders/${created.body.id}`, token: api.stranger.secretKey })
    const unknown = await api.call({
      path: `/v1/orders/${OrderId.create(api.deps.clock.now())}`,
      token: api.stranger.secretKey,
    })
    const bytes = ({ status, text, body }: ApiReply) => [status, text.replace(body.request_id, '')]
    expect(bytes(foreign)).toEqual(bytes(unknown))
    expect(foreign.status).toBe(404)
  })
})
