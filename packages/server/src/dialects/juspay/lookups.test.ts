import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createJuspayClient } from '../../testing/juspay-client.ts'
import type { JuspayClient } from '../../testing/juspay-client.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer
let juspay: JuspayClient

beforeAll(async () => {
  server = await startTestServer()
  juspay = createJuspayClient(server.runtime.app, server.secretKey)
})

afterAll(() => server.close())

describe('Lookups', () => {
  test('say what can be paid with and whether a UPI id can be one', async () => {
    const methods = await juspay.get(`/merchants/${server.merchantId}/paymentmethods?options.add_outage=true`)
    expect(methods.body.payment_methods).toContainEqual({
      payment_method_type: 'CARD',
      payment_method: 'VISA',
      description: 'Visa',
    })
    const good = await juspay.post('/v2/upi/verify-vpa', { form: { vpa: 'asha@sandbox' } })
    expect(good.body).toEqual({
      vpa: 'asha@sandbox',
      status: 'VALID',
      mandate_details: { is_handle_supported: true },
      customer_name: 'Verified',
    })
    expect((await juspay.post('/v2/upi/verify-vpa', { json: { vpa: 'asha' } })).body.status).toBe('INVALID')
  })
})
