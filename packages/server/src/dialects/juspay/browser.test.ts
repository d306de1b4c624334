import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp } from '../../testing/api-setup.ts'
import type { ApiReply } from '../../testing/api-setup.ts'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'
import { verifyReturn } from './return-url.ts'

let server: TestServer
let juspay: JuspayClient

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const visit = (url: string): Promise<ApiReply> => callApp(server.runtime.app, { path: new URL(url).pathname })

async function givenPaid(order_id: string) {
  const return_url = 'https://shop.example/done?cart=7'
  const made = await juspay.post('/orders', { form: { order_id, amount: '1.00', return_url } })
  const form = { order_id, payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }
  const link = await visit(made.body.payment_links.web)
  const txn = await juspay.post('/txns', { form })
  return { link, finish: txn.body.payment.authentication.url as string, id: made.body.id as string }
}

async function parametersAt(url: string): Promise<Record<string, string>> {
  const { status, headers } = await visit(url)
  expect(status).toBe(302)
  return Object.fromEntries(new URL(String(headers.location)).searchParams)
}

describe('A browser', () => {
  test('comes from the payment link to the page, and from the bank back to the shop with the outcome', async () => {
    const { link, finish } = await givenPaid('BACK000001')
    expect([link.status, link.headers.location]).toEqual([302, expect.stringContaining('/pay/ct_test_')])
    const outcome = { cart: '7', order_id: 'BACK000001', status: 'CHARGED', status_id: '21' }
    expect(await parametersAt(finish)).toEqual(outcome)
  })

  test('carries a signature once the merchant has a response key, from a session as from a transaction', async () => {
    const { body } = await juspay.post('/juspay/settings/response-key')
    const { finish, id } = await givenPaid('BACK000002')
    for (const url of [finish, `${server.baseUrl}/v2/pay/finish/${server.merchantId}/order/${id}`]) {
      const { signature = '', ...rest } = await parametersAt(url)
      expect(rest).toMatchObject({ cart: '7', status: 'CHARGED', signature_algorithm: 'HMAC-SHA256' })
      expect(verifyReturn(rest, body.response_key, signature)).toBe(true)
      expect(verifyReturn({ ...rest, status: 'NEW' }, body.response_key, signature)).toBe(false)
    }
  })

  test('finds nothing behind a link of nobody', async () => {
    for (const path of [
      '/merchant/pay/ord_x',
      `/merchant/pay/ord_${'0'.repeat(26)}`,
      `/v2/pay/start/${server.merchantId}/pay_${'0'.repeat(26)}`,
      `/v2/pay/finish/mer_${'0'.repeat(26)}/pay_${'0'.repeat(26)}/x`,
    ]) {
      expect((await visit(`${server.baseUrl}${path}`)).status, path).toBe(404)
    }
  })
})
