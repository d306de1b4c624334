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
  for (let number = 0; number < 5; number += 1) {
    const { status, text } = await juspay.post('/orders', { form: { order_id: `LIST${number}`, amount: '10.00' } })
    expect(status, text).toBe(200)
  }
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

describe('The list of orders', () => {
  test('is paged by number, the newest first, and says how many there are', async () => {
    const pages = await Promise.all([0, 2, 4].map((offset) => juspay.get(`/order/list?count=2&offset=${offset}`)))
    expect(pages.map(({ body }) => [body.count, body.offset, body.total])).toEqual([
      [2, 0, 5],
      [2, 2, 5],
      [1, 4, 5],
    ])
    const ids = pages.flatMap(({ body }) => body.list.map(({ order_id }: { order_id: string }) => order_id))
    expect(ids).toEqual(['LIST4', 'LIST3', 'LIST2', 'LIST1', 'LIST0'])
    expect((await juspay.get('/order/list')).body.list).toHaveLength(5)
  })

  test.each(['count=51', 'count=-1', 'offset=1e2', 'offset=951'])('does not take %s', async (query) => {
    expect((await juspay.get(`/order/list?${query}`)).body.error_code).toBe('invalid_request')
  })
})

describe('A fulfilment', () => {
  test('is kept beside a paid order as it was told, and cannot be changed afterwards', async () => {
    const card = { payment_method_type: 'CARD', card_token: 'tok_approve', format: 'json' }
    expect((await juspay.post('/txns', { form: { order_id: 'LIST0', ...card } })).body.status).toBe('CHARGED')
    const form = { fulfillment_status: 'SUCCESS', fulfillment_id: 'AWB-1', fulfillment_data: 'left at the door' }
    expect((await juspay.post('/orders/LIST0/fulfillment', { form })).status).toBe(200)
    const { rows } = await server.db.pools.owner.query('select status, command, reference, note from fulfilments')
    expect(rows).toEqual([{ status: 'SUCCESS', command: 'NO_ACTION', reference: 'AWB-1', note: 'left at the door' }])
    await expect(server.db.pools.owner.query(`update fulfilments set status = 'FAILED'`)).rejects.toThrow(/append-only/)
    const strange = await juspay.post('/orders/LIST0/fulfillment', { form: { fulfillment_status: 'half done' } })
    expect(strange.body.error_info.fields).toEqual([{ field_name: 'status', reason: 'Invalid value.' }])
    expect((await juspay.get('/orders/LIST0')).body.status).toBe('CHARGED')
  })
})
