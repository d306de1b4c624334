import { describe, expect, test } from 'vitest'
import { readPayload } from './payload.ts'

const token = `ct_test_${'a'.repeat(64)}`

describe('a payload', () => {
  test.each([
    { requestId: 'r', service: 'purser', payload: { action: 'paymentPage', clientAuthToken: token } },
    { requestId: 'r', client_token: token, id: 'ses_1', object: 'session' },
  ])('in either form, as an object or as text, names the session: %j', (payload) => {
    for (const given of [payload, JSON.stringify(payload)]) {
      expect(readPayload(given)).toMatchObject({ requestId: 'r', service: 'purser', token })
      expect(readPayload(given).problem).toBeUndefined()
    }
  })

  test('without a token is fine: initiate only warms then', () => {
    expect(readPayload({ payload: { action: 'initiate' } })).toMatchObject({ token: undefined })
    expect(readPayload(undefined).problem).toBeUndefined()
  })

  test.each([
    ['{', 'JP_001'],
    ['7', 'JP_003'],
    ['null', 'JP_003'],
    [`{"client_token":"sk_test_${'a'.repeat(64)}"}`, 'JP_003'],
    ['{"client_token":"../warm"}', 'JP_003'],
    [`{"client_token":"${token}/../x"}`, 'JP_003'],
  ])('%s is refused by name', (given, code) => {
    expect(readPayload(given).problem?.code).toBe(code)
  })
})
