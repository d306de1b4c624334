import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp, freshKey } from '../../testing/api-setup.ts'
import type { ApiReply, ApiRequest, Loose } from '../../testing/api-setup.ts'
import { complaintAbout } from '../../testing/check-reply.ts'
import { startTestServer } from '../../testing/start-server.ts'
import type { TestServer } from '../../testing/start-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

/** The answer keeps what its route promises. */
async function asApp(token: string, request: ApiRequest): Promise<ApiReply> {
  const reply = await callApp(server.runtime.app, { token, ...request })
  expect(complaintAbout(request, reply)).toBeUndefined()
  return reply
}

async function asMerchant(path: string, body: object): Promise<Loose> {
  const reply = await asApp(server.secretKey, { method: 'POST', path, body })
  expect(reply.status, reply.text).toBe(201)
  return reply.body
}

const givenOrder = (more: object = {}) =>
  asMerchant('/v1/orders', { reference: freshKey(), amount: 49900, currency: 'INR', ...more })

async function givenSession(order: object = {}): Promise<Loose> {
  const { id } = await givenOrder(order)
  return asMerchant(`/v1/orders/${id}/sessions`, {})
}

async function givenPayment(): Promise<Loose> {
  const { id } = await givenOrder()
  return asMerchant(`/v1/orders/${id}/payments`, { instrument: { method: 'card', token: 'tok_approve' } })
}

describe('An app with a client token', () => {
  test('sees its order and what can be paid with, pays it, and sees the outcome', async () => {
    const { client_token: token, url } = await givenSession({ description: 'Broadband' })
    expect(url).toBe(`${server.baseUrl}/pay/${token}`)
    const before = await asApp(token, { path: '/sdk/v1/session' })
    expect(before.body).toMatchObject({
      can_pay: true,
      test_mode: true,
      order: { description: 'Broadband', amount: 49900 },
      payments: [],
    })
    expect(before.body.test_instruments.length).toBeGreaterThan(0)
    const body = { instrument: { method: 'card', token: 'tok_approve' } }
    const paid = await asApp(token, { method: 'POST', path: '/sdk/v1/payments', body })
    expect([paid.status, paid.body.status]).toEqual([201, 'captured'])
    expect(paid.text).not.toMatch(/gateway|reference|rrn/)
    expect((await asApp(token, { path: `/sdk/v1/payments/${paid.body.id}` })).body).toEqual(paid.body)
    const after = await asApp(token, { path: '/sdk/v1/session' })
    expect(after.body).toMatchObject({ can_pay: false, order: { status: 'paid' }, payments: [{ id: paid.body.id }] })
  })

  test('may not name an amount', async () => {
    const { client_token: token } = await givenSession()
    const body = { instrument: { method: 'card', token: 'tok_approve' }, amount: 1 }
    const { status, body: problem } = await asApp(token, { method: 'POST', path: '/sdk/v1/payments', body })
    expect([status, problem.code, problem.field]).toEqual([400, 'request_malformed', 'amount'])
  })

  test("sees no payment of another session's order, and nothing of the merchant's", async () => {
    const theirs = await givenPayment()
    const { client_token: token } = await givenSession()
    expect((await asApp(token, { path: `/sdk/v1/payments/${theirs.id}` })).body.code).toBe('payment_not_found')
    expect((await asApp(token, { path: '/v1/orders' })).status).toBe(401)
  })

  test('may try twenty times a minute', async () => {
    const { client_token: token } = await givenSession()
    const body = { instrument: { method: 'card' } }
    const statuses: number[] = []
    for (let tries = 0; tries < 21; tries += 1) {
      statuses.push((await asApp(token, { method: 'POST', path: '/sdk/v1/payments', body })).status)
    }
    expect(statuses).toEqual([...Array<number>(20).fill(400), 429])
  })
})
