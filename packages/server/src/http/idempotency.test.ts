import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { canonical, claimOf } from './idempotency.ts'

// Only what claimOf reads of a request.
function request(given: { key?: string | string[]; params?: object; url?: string; method?: string }): FastifyRequest {
  return {
    method: given.method ?? 'POST',
    headers: { 'idempotency-key': given.key ?? 'key' },
    params: given.params ?? {},
    routeOptions: { url: given.url ?? '/v1/orders' },
  } as unknown as FastifyRequest
}

const print = (given: Parameters<typeof request>[0], body: unknown) =>
  claimOf(request(given), body).fingerprint.toString('hex')

describe('A request is the same', () => {
  test('whatever the order of its keys, at every depth', () => {
    expect(print({}, { a: 1, b: { c: [1, 2], d: 'x' } })).toBe(print({}, { b: { d: 'x', c: [1, 2] }, a: 1 }))
  })

  test('only with the same method, route, parameters and values', () => {
    const all = [
      print({}, { a: 1 }),
      print({}, { a: '1' }),
      print({}, { a: 2 }),
      print({}, { a: [1, 2] }),
      print({}, { a: [2, 1] }),
      print({}, {}),
      print({}, { a: null }),
      print({ method: 'DELETE' }, { a: 1 }),
      print({ url: '/v1/orders/:id' }, { a: 1 }),
      print({ params: { id: 'x' } }, { a: 1 }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })
})

test('A key belongs to its route', () => {
  expect(claimOf(request({ method: 'POST', url: '/v1/orders/:id/cancel' }), {}).route).toBe(
    'POST /v1/orders/:id/cancel',
  )
})

test('A key is one text that can be printed', () => {
  for (const key of ['a', 'A b', '~'.repeat(255)]) expect(claimOf(request({ key }), {}).key).toBe(key)
  for (const key of ['', ' ', ' a', 'a ', 'a\t', 'é', 'a\u0000', '~'.repeat(256), ['a', 'b']]) {
    expect(() => claimOf(request({ key }), {})).toThrow(expect.objectContaining({ code: 'idempotency_key_invalid' }))
  }
  expect(() => claimOf(request({ key: 'order 4111 1111 1111 1111' }), {})).toThrow(
    expect.objectContaining({ code: 'card_number_refused', details: { field: 'Idempotency-Key' } }),
  )
})

test('Canonical JSON is the same text for equal values, whatever their prototype', () => {
  expect(canonical(Object.assign(Object.create(null), { b: 1, a: [{ d: 1, c: 2 }] }))).toBe(
    '{"a":[{"c":2,"d":1}],"b":1}',
  )
})
