import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { createWebhookSecret, signatureHeaders } from './signature.ts'

const BODY = '{"type":"order.paid","timestamp":"2026-01-02T03:04:05.000Z","data":{"name":"चाय ☕"}}'

describe('signatureHeaders', () => {
  test('is verified by the reference library, byte for byte', () => {
    const secret = createWebhookSecret()
    const headers = signatureHeaders({ id: 'evt_1', at: new Date(), body: BODY, secrets: [secret] })
    expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY))
    expect(() => new Webhook(secret).verify(BODY.replace('paid', 'sold'), headers)).toThrow()
    expect(() => new Webhook(createWebhookSecret()).verify(BODY, headers)).toThrow()
  })

  test('equals what the reference library signs', () => {
    const secret = createWebhookSecret()
    const at = new Date()
    const headers = signatureHeaders({ id: 'evt_1', at, body: BODY, secrets: [secret] })
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign('evt_1', at, BODY))
    expect(headers['webhook-timestamp']).toBe(String(Math.floor(at.getTime() / 1_000)))
  })

  test('is verified with either secret while both sign', () => {
    const [current, previous] = [createWebhookSecret(), createWebhookSecret()]
    const headers = signatureHeaders({ id: 'evt_1', at: new Date(), body: BODY, secrets: [current, previous] })
    expect(new Webhook(current).verify(BODY, headers)).toBeDefined()
    expect(new Webhook(previous).verify(BODY, headers)).toBeDefined()
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
  })

  test('refuses to sign with a secret that is empty or too short', () => {
    for (const secret of ['whsec_', 'whsec_c2hvcnQ=', 'plain', '']) {
      expect(() => signatureHeaders({ id: 'evt_1', at: new Date(), body: BODY, secrets: [secret] })).toThrow()
    }
  })
})

describe('createWebhookSecret', () => {
  test('has 256 bits and never repeats', () => {
    const secrets = Array.from({ length: 100 }, () => createWebhookSecret())
    expect(new Set(secrets).size).toBe(100)
    for (const secret of secrets) expect(Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).toHaveLength(32)
  })
})
