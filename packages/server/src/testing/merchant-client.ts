// What a merchant's server does, for tests: calls of the native API with a fresh Idempotency-Key unless one is given.
import { randomUUID } from 'node:crypto'
import type { TestServer } from './start-server.ts'

export type Answer<Body = Record<string, unknown>> = {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

export type MerchantClient = {
  get(path: string): Promise<Answer>
  post(path: string, body?: object, key?: string): Promise<Answer>
  /** An order and what the gateway made of one attempt to pay it with `token`. */
  pay(options?: {
    amount?: number
    token?: string
    capture?: 'automatic' | 'manual'
  }): Promise<{ orderId: string; paymentId: string; status: string; answer: Answer }>
  order(amount?: number, more?: object): Promise<string>
}

let count = 0

export function merchantClient(server: Pick<TestServer, 'baseUrl' | 'secretKey'>): MerchantClient {
  const call = async (method: string, path: string, body?: object, key?: string): Promise<Answer> => {
    const response = await fetch(`${server.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.secretKey}`,
        ...(method === 'GET' ? {} : { 'idempotency-key': key ?? randomUUID() }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      headers: response.headers,
    }
  }
  const client: MerchantClient = {
    get: (path) => call('GET', path),
    post: (path, body, key) => call('POST', path, body, key),
    order: async (amount = 50_000, more = {}) => {
      count += 1
      const answer = await call('POST', '/v1/orders', {
        reference: `t-${process.pid}-${count}`,
        amount,
        currency: 'INR',
        ...more,
      })
      if (answer.status !== 201) throw new Error(`The order was refused: ${JSON.stringify(answer.body)}`)
      return String(answer.body['id'])
    },
    pay: async ({ amount = 50_000, token = 'tok_approve', capture = 'automatic' } = {}) => {
      const orderId = await client.order(amount, { capture })
      const answer = await client.post(`/v1/orders/${orderId}/payments`, { instrument: { method: 'card', token } })
      return { orderId, paymentId: String(answer.body['id']), status: String(answer.body['status']), answer }
    },
  }
  return client
}
