import { describe, expect, test } from 'vitest'
import { returnAddress, signReturn, verifyReturn } from './return-url.ts'

const KEY = 'YOUR_RESPONSE_KEY'

describe('A return address', () => {
  // Made by running the vendor's own sample.
  const vectors = [
    [{ order_id: 'ORD-1', status: 'CHARGED', status_id: '21' }, 'AXmWHkV5IIlS+fIMg/0OHa9M5XO4KTEm+WVG5+VklLw='],
    [
      { order_id: 'order_1727694028', status: 'AUTHORIZATION_FAILED', status_id: '27', myQP: 'aGVsbG9Xb3JsZA==' },
      'XR/bjrE45wiLoT6zLE0UMJHpuNmwhhdim/sDoQmx0ho=',
    ],
    [
      { order_id: 'ORD-1', status: 'CHARGED', status_id: '21', note: 'a b*~é' },
      'Ym7OXvBocy6CwwR1XFlrPkj+JTZ4sostJeQhv/H0mJ8=',
    ],
  ] as const

  test.each(vectors)('is signed as the vendor signs %j', (parameters, signature) => {
    expect(signReturn(parameters, KEY)).toBe(signature)
    expect(verifyReturn(parameters, KEY, signature)).toBe(true)
    expect(verifyReturn(parameters, KEY, encodeURIComponent(signature))).toBe(true)
    expect(verifyReturn({ ...parameters, status_id: '22' }, KEY, signature)).toBe(false)
    expect(verifyReturn(parameters, 'ANOTHER', signature)).toBe(false)
  })

  test('verifies in the form of the shorter samples, too', () => {
    expect(verifyReturn(vectors[1][0], KEY, '7KzLcTveGO2mGusdzmU+40iO7cGKMwGhNbzjM8uN774=')).toBe(true)
  })

  test('keeps what was in it, and signs that along', () => {
    const outcome = { order_id: 'ORD-1', status: 'CHARGED', status_id: '21' }
    const url = new URL(returnAddress('https://shop.example/done?cart=a+b', outcome, KEY))
    const { signature = '', ...rest } = Object.fromEntries(url.searchParams)
    expect(rest).toEqual({ ...outcome, cart: 'a b', signature_algorithm: 'HMAC-SHA256' })
    expect(verifyReturn(rest, KEY, signature)).toBe(true)
    expect(returnAddress('https://shop.example/done', outcome, undefined)).not.toContain('signature')
  })
})
