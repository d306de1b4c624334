import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, hashToken } from '../kernel/secret.ts'
import { startTestApi } from '../testing/api-setup.ts'
import type { TestApi } from '../testing/api-setup.ts'

let api: TestApi

beforeAll(async () => {
  api = await startTestApi()
})

afterAll(() => api.close())

const origin = { origin: 'https://shop.example' }

describe('A browser of another origin', () => {
  test('may call the app API, without credentials of its own', async () => {
    const preflight = await api.call({
      method: 'OPTIONS',
      path: '/sdk/v1/payments',
      token: null,
      idempotencyKey: null,
      headers: { ...origin, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key',
    })
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
    const refused = await api.call({ path: '/sdk/v1/session', token: null, headers: origin })
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, '*'])
  })

  test('may not call anything else', async () => {
    for (const path of ['/v1/orders', '/dashboard/sign-in', '/health/live', '/jwks/x', '/sdkv1']) {
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await api.call({ method, path, headers: origin })
        expect(headers['access-control-allow-origin']).toBeUndefined()
      }
    }
  })

  test('hears nothing about a live session, because no origin is registered', async () => {
    const live = await startTestApi({ live: true })
    try {
      const call = async (mode: 'test' | 'live') => {
        const token = createToken(`ct_${mode}_`)
        const { merchantId } = live.merchant.tenant
        await live.db.pools.owner.query(
          `insert into credentials (hash, merchant_id, mode, kind, subject_id, scopes)
           values ($1, $2, $3, 'client_token', 'ses_00000000000000000000000000', '{session}')`,
          [hashToken(token), merchantId, mode],
        )
        const { status, headers } = await live.call({ path: '/sdk/v1/session', token, headers: origin })
        return [status, headers['access-control-allow-origin']]
      }
      expect(await call('live')).toEqual([404, undefined])
      expect(await call('test')).toEqual([404, '*'])
      const refused = await live.call({ path: '/sdk/v1/session', token: null, headers: origin })
      expect(refused.headers['access-control-allow-origin']).toBeUndefined()
    } finally {
      await live.close()
    }
  })
})
