import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERRORS } from '../kernel/errors.ts'
import type { TestApi } from '../testing/api-setup.ts'
import { startTestApi } from '../testing/api-setup.ts'
import { buildApp } from './app.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi()
})

afterAll(() => api.close())

const order = (reference: string) => ({ reference, amount: 49900, currency: 'INR' })

describe('Every response', () => {
  const REQUESTS = [
    { path: '/health/live' },
    { path: '/v1/orders' },
    { path: '/v1/orders', token: null },
    { path: '/nowhere' },
    { method: 'PUT', path: '/v1/orders' },
    { method: 'POST', path: '/v1/orders', raw: '{' },
    { method: 'POST', path: '/v1/orders', raw: 'x'.repeat(70_000) },
    { path: '/v1/%zz' },
    { path: `/v1/orders/${'x'.repeat(600)}` },
    { method: 'POST', path: '/v1/orders', body: order('stamped') },
  ]

  test('carries a request id of its own and the security headers, errors included', async () => {
    const seen = new Set<unknown>()
    for (const request of REQUESTS) {
      const { headers } = await api.call(request)
      expect(headers, JSON.stringify(request).slice(0, 80)).toMatchObject({
        'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      })
      expect(headers['strict-transport-security']).toBeUndefined()
      seen.add(headers['x-request-id'])
    }
    expect(seen.size).toBe(REQUESTS.length)
  })

  test('insists on https where the public address is https', async () => {
    const secure = await startTestApi({ publicUrl: 'https://pay.example' })
    try {
      const { headers } = await secure.call({ path: '/nowhere' })
      expect(headers['strict-transport-security']).toBe('max-age=31536000')
    } finally {
      await secure.close()
    }
  })

  test('does not take its request id from the caller', async () => {
    const { headers } = await api.call({ path: '/health/live', headers: { 'x-request-id': 'req_forged' } })
    expect(headers['x-request-id']).not.toBe('req_forged')
  })
})

describe('An error', () => {
  test('is a problem document that names its code, its request and what to do', async () => {
    const { status, headers, body } = await api.call({ path: '/nowhere' })
    expect(status).toBe(404)
    expect(headers['content-type']).toBe('application/problem+json')
    expect(body).toEqual({
      type: '/docs/errors#route_not_found',
      title: 'There is nothing at this path.',
      status: 404,
      code: 'route_not_found',
      detail: 'Compare method and path with the API reference.',
      request_id: headers['x-request-id'],
      details: {},
    })
  })

  test('points to a page that explains its code', async () => {
    const { body } = await api.call({ path: '/v1/nothing' })
    const [page = '', anchor = ''] = String(body.type).split('#')
    const { status, text } = await api.call({ path: page, token: null })
    expect(status).toBe(200)
    for (const code of [anchor, ...Object.keys(ERRORS)]) expect(text).toContain(`id="${code}"`)
  })

  test('of a wrong method says which methods the path has', async () => {
    const { status, headers, body } = await api.call({ method: 'PUT', path: '/v1/webhook-endpoints/anything' })
    expect([status, body.code, headers['allow']]).toEqual([405, 'method_not_allowed', 'DELETE, GET, POST'])
  })

  test('of a HEAD request is one, because nothing answers HEAD', async () => {
    expect((await api.call({ method: 'HEAD', path: '/v1/orders' })).status).toBe(405)
  })

  test('of a body over the limit is a 413, at the first byte too many', async () => {
    const padded = (size: number) => {
      const body = JSON.stringify({ ...order(`padded-${size}`), note: '' })
      return body.replace('"note":""', `"note":"${'x'.repeat(size - body.length)}"`)
    }
    const fits = await api.call({ method: 'POST', path: '/v1/orders', raw: padded(64 * 1024) })
    expect([fits.status, fits.body.code, fits.body.field]).toEqual([400, 'request_malformed', 'note'])
    const over = await api.call({ method: 'POST', path: '/v1/orders', raw: padded(64 * 1024 + 1) })
    expect([over.status, over.body.code]).toEqual([413, 'body_too_large'])
  })

  test('of a path that is not decodable, or that no identifier could fill, is a client error', async () => {
    expect((await api.call({ path: '/v1/%zz' })).body.code).toBe('request_malformed')
    expect((await api.call({ path: '/v1/orders/%ff' })).body.code).toBe('request_malformed')
    expect((await api.call({ path: `/v1/orders/${'x'.repeat(600)}` })).body.code).toBe('route_not_found')
  })

  test('of ours is a 500 without a word of what went wrong inside, and is logged and counted', async () => {
    const boom = new Error('select secret from vault')
    const deps = {
      ...api.deps,
      store: { ...api.deps.store, inTransaction: () => Promise.reject(boom), inSnapshot: () => Promise.reject(boom) },
    }
    const app = await buildApp(deps, {
      surfaces: (await import('../dialects/registry.ts')).surfaces,
      readiness: async () => [],
    })
    try {
      const before = api.errors.length
      const headers = { authorization: `Bearer ${api.merchant.secretKey}` }
      const reply = await app.inject({ url: '/v1/orders', headers })
      expect(reply.statusCode).toBe(500)
      expect(reply.json()).toMatchObject({ code: 'internal_error', details: {} })
      expect(reply.body).not.toMatch(/select|vault|stack|\.ts/)
      expect(api.errors.slice(before)).toMatchObject([{ details: { request_id: reply.headers['x-request-id'] } }])
      const { body } = await app.inject('/metrics')
      expect(body).toContain('purser_internal_errors_total{route="/v1/orders"} 1')
    } finally {
      await app.close()
    }
  })
})

describe('A body', () => {
  const post = (raw: string | Buffer, headers = {}) => api.call({ method: 'POST', path: '/v1/orders', raw, headers })

  test('that is not JSON is a 400 that names what is wrong with it', async () => {
    const codes = async (raw: string | Buffer) => {
      const { status, body } = await post(raw)
      return [status, body.code]
    }
    expect(await codes('{"reference":')).toEqual([400, 'json_malformed'])
    expect(await codes('')).toEqual([400, 'request_malformed'])
    expect(await codes(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toEqual([400, 'encoding_invalid'])
    expect(await codes('{"amount":1,"amount":2}')).toEqual([400, 'json_duplicate_key'])
    expect(await codes('{"__proto__":{"amount":1}}')).toEqual([400, 'json_forbidden_key'])
    expect(await codes(`{"metadata":${'['.repeat(40)}${']'.repeat(40)}}`)).toEqual([400, 'json_too_deep'])
    expect(await codes('[]')).toEqual([400, 'request_malformed'])
    expect(await codes('null')).toEqual([400, 'request_malformed'])
  })

  test('of another content type is a 415', async () => {
    const form = await post('reference=a', { 'content-type': 'application/x-www-form-urlencoded' })
    expect([form.status, form.body.code]).toEqual([415, 'media_type_unsupported'])
    const typeless = await post('{}', { 'content-type': '' })
    expect(typeless.status).toBe(415)
    const broken = await post('{}', { 'content-type': 'not a type' })
    expect(broken.status).toBe(415)
  })

  test('may say its charset', async () => {
    const { status } = await post(JSON.stringify(order('charset')), {
      'content-type': 'application/json; charset=utf-8',
    })
    expect(status).toBe(201)
  })

  test('that holds a card number is refused, naming the field and not the number', async () => {
    const { status, body, text } = await post(
      JSON.stringify({ ...order('pan'), description: 'card 4111 1111 1111 1111' }),
    )
    expect([status, body.code, body.field]).toEqual([422, 'card_number_refused', 'description'])
    expect(text).not.toContain('1111')
  })

  test('is not read from a caller who may not be here', async () => {
    const { status, body } = await api.call({
      method: 'POST',
      path: '/v1/orders',
      raw: 'x'.repeat(70_000),
      token: null,
    })
    expect([status, body.code]).toEqual([401, 'credentials_missing'])
  })
})

describe('A route', () => {
  test('without declared access ends the start', async () => {
    const careless = {
      name: 'native' as const,
      wrongMethod: 'method_not_allowed' as const,
      wordError: () => ({ status: 500, contentType: 'text/plain', body: '' }),
      register: (app: Parameters<typeof import('../dialects/native/index.ts')['native']['register']>[0]) => {
        app.get('/careless', () => 'open to everyone')
      },
    }
    await expect(buildApp(api.deps, { surfaces: [careless], readiness: async () => [] })).rejects.toThrow()
  })
})

describe('Health', () => {
  test('is ready while the database answers, and says what is missing when it does not', async () => {
    expect((await api.call({ path: '/health/live', token: null })).body).toEqual({ status: 'live' })
    expect((await api.call({ path: '/health/ready', token: null })).body).toEqual({ status: 'ready' })
    const app = await buildApp(api.deps, { surfaces: [], readiness: async () => ['The database cannot be reached.'] })
    const reply = await app.inject('/health/ready')
    expect(reply.statusCode).toBe(503)
    expect(reply.json()).toMatchObject({ code: 'not_ready', details: { problem: 'The database cannot be reached.' } })
    expect(reply.headers['retry-after']).toBe('1')
    await app.close()
  })

  test('metrics are for this machine, or for whoever has the token', async () => {
    const { secret } = await import('../kernel/secret.ts')
    const app = await buildApp(api.deps, { surfaces: [], readiness: async () => [], metricsToken: secret('letmein') })
    const codes = async (options: object) => (await app.inject({ url: '/metrics', ...options })).statusCode
    expect(await codes({ remoteAddress: '127.0.0.1' })).toBe(200)
    expect(await codes({ remoteAddress: '10.0.0.9' })).toBe(401)
    expect(await codes({ remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '10.0.0.9' } })).toBe(401)
    expect(await codes({ remoteAddress: '10.0.0.9', headers: { authorization: 'Bearer letmein' } })).toBe(200)
    expect(await codes({ remoteAddress: '127.0.0.1', headers: { authorization: 'Bearer wrong' } })).toBe(401)
    await app.close()
  })
})
