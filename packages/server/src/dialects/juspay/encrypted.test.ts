import {
  constants,
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp } from '../../testing/api-setup.ts'
import type { Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

// A client of its own, written from the description of the wire and not with the server's code.
const own = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const b64 = (data: Buffer | string) => Buffer.from(data).toString('base64url')
const un64 = (text: string) => Buffer.from(text, 'base64url')

let server: TestServer
let keyId: string
let theirKey: string

type How = { hash?: 'sha1' | 'sha256'; alg?: string; compact?: boolean; signer?: typeof own.privateKey; kid?: string }

function seal(
  body: object,
  { hash = 'sha1', alg = 'RSA-OAEP', compact = false, signer = own.privateKey, kid = keyId }: How = {},
) {
  const header = b64(JSON.stringify({ alg: 'RS256', kid }))
  const payload = b64(JSON.stringify(body))
  const signature = b64(sign('RSA-SHA256', Buffer.from(`${header}.${payload}`), signer))
  const jws = compact ? `${header}.${payload}.${signature}` : JSON.stringify({ header, payload, signature })
  const outer = b64(JSON.stringify({ alg, enc: 'A256GCM', cty: 'JWT', kid }))
  const [cek, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', cek, iv).setAAD(Buffer.from(outer))
  const text = Buffer.concat([cipher.update(jws), cipher.final()])
  const encryptedKey = publicEncrypt({ key: theirKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, cek)
  const parts = [outer, b64(encryptedKey), b64(iv), b64(text), b64(cipher.getAuthTag())]
  if (compact) return { JWT: parts.join('.') }
  return { header: parts[0], encryptedKey: parts[1], iv: parts[2], encryptedPayload: parts[3], tag: parts[4] }
}

function unseal(reply: Loose): Loose {
  const compact = reply.JWT?.split('.')
  const names = ['header', 'encryptedKey', 'iv', 'encryptedPayload', 'tag']
  const [header, encryptedKey, iv, text, tag] = compact ?? names.map((name) => reply[name])
  expect(JSON.parse(un64(header).toString())).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: keyId })
  const how = { key: own.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const decipher = createDecipheriv('aes-256-gcm', privateDecrypt(how, un64(encryptedKey)), un64(iv))
  decipher.setAAD(Buffer.from(header)).setAuthTag(un64(tag))
  const inside = Buffer.concat([decipher.update(un64(text)), decipher.final()]).toString()
  const [jwsHeader, payload, signature] = compact
    ? inside.split('.')
    : ['header', 'payload', 'signature'].map((name) => JSON.parse(inside)[name])
  expect(verify('RSA-SHA256', Buffer.from(`${jwsHeader}.${payload}`), theirKey, un64(signature ?? ''))).toBe(true)
  return JSON.parse(un64(payload ?? '').toString())
}

const send = (path: string, body: object) =>
  callApp(server.runtime.app, {
    method: 'POST',
    path,
    body,
    token: null,
    idempotencyKey: null,
    headers: { 'x-merchantid': server.merchantId },
  })

beforeAll(async () => {
  server = await startTestServer()
  const juspay = createJuspayClient(server.runtime.app, server.secretKey)
  const public_key = own.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { body } = await juspay.post('/juspay/settings/keys', { json: { public_key } })
  keyId = body.key_id
  theirKey = body.public_key
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

describe('The encrypted API', () => {
  test('opens a session, pays, tells the status and refunds, whichever hash the client encrypts with', async () => {
    const order_id = 'JWE000001'
    const opened = await send('/v4/session', seal({ order_id, amount: '30.00', payment_page_client_id: 'tea' }))
    expect(opened.status, opened.text).toBe(200)
    expect(unseal(opened.body)).toMatchObject({ status: 'NEW', order_id })
    const txn = { order_id, payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }
    const paid = await send('/v4/txns', seal(txn, { hash: 'sha256', alg: 'RSA-OAEP-256' }))
    expect(unseal(paid.body)).toMatchObject({ order_id, status: 'CHARGED' })
    // The header says one hash, the key is wrapped with the other.
    const mixed = await send('/v4/order-status', seal({ order_id }, { hash: 'sha256' }))
    expect(unseal(mixed.body)).toMatchObject({ status: 'CHARGED', amount: 30 })
    const compact = await send('/juspay/v4/order-status', seal({ order_id }, { compact: true }))
    expect(unseal(compact.body).status_id).toBe(21)
    const refund = await send(`/v4/orders/${order_id}/refunds`, seal({ unique_request_id: 'JR1', amount: '5.00' }))
    expect(unseal(refund.body)).toMatchObject({ amount_refunded: 5 })
  })

  test('refuses in plain words what is malformed, changed, signed by another or of an unknown key', async () => {
    const order = { order_id: 'JWE000001', amount: '1.00', payment_page_client_id: 'tea' }
    const good = seal(order) as Record<string, string>
    const changed = {
      ...good,
      encryptedPayload: b64(Buffer.concat([Buffer.from([0]), un64(good['encryptedPayload'] ?? '')])),
    }
    for (const body of [
      {},
      { JWT: 'a.b' },
      { ...good, header: 'e30' },
      changed,
      { ...good, encryptedKey: b64('no') },
    ]) {
      const reply = await send('/v4/session', body)
      expect([reply.status, reply.body.error_info.code], reply.text).toEqual([400, 'INVALID_INPUT'])
    }
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
    for (const body of [seal(order, { signer: stranger }), seal(order, { kid: `key_${'0'.repeat(26)}` })]) {
      const reply = await send('/v4/session', body)
      expect([reply.status, reply.body.error_code]).toEqual([401, 'access_denied'])
    }
    const unknown = await send('/v4/order-status', seal({ order_id: 'nobody' }))
    expect([unknown.status, unknown.body.error_code]).toEqual([404, 'order_not_found'])
  })
})
