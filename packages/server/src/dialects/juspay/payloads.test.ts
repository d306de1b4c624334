import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp } from '../../testing/api-setup.ts'
import type { Loose } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer
let juspay: JuspayClient
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const freshId = () => `PAYL${String((count += 1)).padStart(6, '0')}`
const ask = (path: string, body: object, token: string | null = server.secretKey) =>
  callApp(server.runtime.app, { method: 'POST', path, body, token, idempotencyKey: null })

async function givenOrder(): Promise<Loose> {
  const form = { order_id: freshId(), amount: '12.50', 'options.get_client_auth_token': 'true' }
  return (await juspay.post('/orders', { form })).body
}

async function keyNamed(id: string) {
  const { body } = await callApp(server.runtime.app, { path: `/jwks/${server.merchantId}` })
  return createPublicKey({ key: body.keys.find(({ kid }: Loose) => kid === id), format: 'jwk' })
}

const orders = async () => (await server.db.pools.owner.query('select count(*)::int as n from orders')).rows[0].n

describe('An initiate payload', () => {
  test('is signed over its exact text, verifies with the published key, and makes the customer', async () => {
    for (const path of ['/sdk/v1/initiate-payloads', '/v1/initiate-payloads']) {
      const body = { customer_id: 'cust_signed', mobile_number: '9876543210', client_id: 'tea' }
      const reply = await ask(path, body)
      expect(reply.status, reply.text).toBe(201)
      const { payload, service } = reply.body
      expect([service, payload.action, payload.clientId, payload.customerId]).toEqual([
        'in.juspay.hyperpay',
        'initiate',
        'tea',
        'cust_signed',
      ])
      const text = Buffer.from(payload.signaturePayload)
      const signature = Buffer.from(payload.signature, 'base64')
      expect(verify('RSA-SHA256', text, await keyNamed(payload.merchantKeyId), signature)).toBe(true)
      const said = JSON.parse(payload.signaturePayload)
      expect(said).toMatchObject({ customer_id: 'cust_signed', mobile_number: '9876543210' })
      expect(Date.parse(said.expires_at) - Number(said.timestamp)).toBe(900_000)
    }
    expect((await juspay.get('/customers/cust_signed')).status).toBe(200)
  })

  test('names a customer only for a secret key or that customer: others get a guest, a refusal, or nobody', async () => {
    const path = '/sdk/v1/initiate-payloads'
    const guest = await ask(path, {}, server.publishableKey)
    expect([guest.status, guest.body.payload.customerId]).toEqual([201, undefined])
    expect((await ask(path, { customer_id: 'cust_signed' }, server.publishableKey)).status).toBe(403)
    const form = { object_reference_id: freshId(), mobile_number: '1', 'options.get_client_auth_token': 'true' }
    const customer = (await juspay.post('/customers', { form })).body
    const token = customer.juspay.client_auth_token
    expect((await ask(path, {}, token)).body.payload.customerId).toBe(form.object_reference_id)
    expect((await ask(path, { customer_id: 'cust_signed' }, token)).status).toBe(404)
    const both = { customer_token: token, customer_id: 'cust_signed' }
    expect((await ask(path, both, server.publishableKey)).status).toBe(404)
    expect((await ask(path, {}, null)).status).toBe(401)
    expect((await ask(path, {}, `sk_test_${'0'.repeat(64)}`)).status).toBe(401)
  })
})

describe('A process payload', () => {
  const path = '/sdk/v1/process-payloads'

  test('is for an order that the caller may pay', async () => {
    const [own, other] = [await givenOrder(), await givenOrder()]
    const token = own.juspay.client_auth_token
    const bySecret = await ask(path, { order_id: own.order_id })
    expect(bySecret.body.payload).toMatchObject({ action: 'paymentPage', orderId: own.order_id, amount: '12.50' })
    expect((await ask(path, { order_id: own.order_id }, token)).status).toBe(201)
    expect((await ask(path, { order_id: other.order_id }, token)).status).toBe(404)
    expect((await ask(path, { order_id: own.order_id }, server.publishableKey)).status).toBe(403)
    const held = { order_id: own.order_id, client_token: token }
    expect((await ask(path, held, server.publishableKey)).status).toBe(201)
    expect((await ask(path, { ...held, order_id: other.order_id }, server.publishableKey)).status).toBe(404)
  })

  test('is taken at /v2/orders while it lives, as it was signed, and using it twice makes nothing', async () => {
    const order = await givenOrder()
    const { payload } = (await ask(path, { order_id: order.order_id })).body
    const json = {
      signature: payload.signature,
      order_details: payload.orderDetails,
      merchant_key_id: payload.merchantKeyId,
    }
    const before = await orders()
    for (const _ of [1, 2]) {
      const { status, body } = await juspay.post('/v2/orders', { key: null, json })
      expect([status, body.id, body.amount]).toEqual([200, order.id, 12.5])
      expect(body.juspay.client_auth_token).toMatch(/^ct_test_/)
    }
    const forged = { ...json, order_details: payload.orderDetails.replace('12.50', '1.00') }
    const refusedOne = await juspay.post('/v2/orders', { key: null, json: forged })
    expect([refusedOne.status, refusedOne.body.error_code]).toEqual([401, 'access_denied'])
    await juspay.post(`/orders/${order.order_id}`, { form: { amount: '20.00' } })
    expect((await juspay.post('/v2/orders', { key: null, json })).body.error_info.code).toBe('EXPIRED')
    expect(await orders()).toBe(before)
  })

  test('runs out, and a key that was replaced signs no more while its payloads live on', async () => {
    const order = await givenOrder()
    const sent = async () => {
      const { payload } = (await ask(path, { order_id: order.order_id })).body
      const { signature, orderDetails: order_details, merchantKeyId: merchant_key_id } = payload
      return { signature, order_details, merchant_key_id }
    }
    const old = await sent()
    const rotated = await juspay.post('/juspay/settings/signing-keys')
    expect(rotated.body.merchant_key_id).not.toBe(old.merchant_key_id)
    expect((await sent()).merchant_key_id).toBe(rotated.body.merchant_key_id)
    expect((await juspay.post('/v2/orders', { key: null, json: old })).status).toBe(200)
    await server.db.pools.owner.query(
      `update signed_payloads set created_at = created_at - interval '20 minutes', expires_at = expires_at - interval '20 minutes'`,
    )
    expect((await juspay.post('/v2/orders', { key: null, json: old })).body.error_info.code).toBe('EXPIRED')
  })
})

describe('An order signed by the merchant', () => {
  test('is made by its first use and found by the second; a wrong signature and an old one make nothing', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const public_key = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { key_id } = (await juspay.post('/juspay/settings/keys', { json: { public_key } })).body
    const signed = (details: object, key = privateKey) => {
      const signature_payload = JSON.stringify(details)
      const signature = sign('RSA-SHA256', Buffer.from(signature_payload), key).toString('base64')
      return { key: null, json: { signature_payload, signature, merchant_key_id: key_id } }
    }
    const details = {
      order_id: freshId(),
      merchant_id: server.merchantId,
      amount: '7.00',
      timestamp: String(Date.now()),
      customer_id: 'cust_own_key',
    }
    const before = await orders()
    const made = await juspay.post('/v2/orders', signed(details))
    const again = await juspay.post('/v2/orders', signed(details))
    expect([made.status, again.body.id]).toEqual([200, made.body.id])
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
    for (const call of [
      signed({ ...details, order_id: freshId() }, stranger),
      signed({ ...details, order_id: freshId(), timestamp: '1571922200845' }),
      signed({ ...details, amount: '8.00' }),
    ]) {
      expect((await juspay.post('/v2/orders', call)).status).toBeGreaterThanOrEqual(400)
    }
    expect(await orders()).toBe(before + 1)
    expect((await juspay.post(`/juspay/settings/keys/${key_id}/retire`)).body.status).toBe('RETIRED')
    expect((await juspay.post('/v2/orders', signed(details))).status).toBe(401)
  })
})
