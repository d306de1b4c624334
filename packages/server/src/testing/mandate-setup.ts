// Mandates for tests of the whole server: registered with a real payment, charged over the API, looked up at the
// gateway.
import { randomUUID } from 'node:crypto'
import type { Answer, MerchantClient } from './merchant-client.ts'
import type { TestServer } from './start-server.ts'
import { eventually } from './virtual-time.ts'

export type Mandates = {
  orderBody(terms: object): object
  reference(): string
  /** An order with a mandate of up to 1,000.00 INR, charged 500.00 by its registration. */
  order(terms: object): Promise<{ orderId: string; mandateId: string }>
  pay(orderId: string, instrument: string): Promise<Answer>
  active(
    terms: object,
    instrument?: string,
  ): Promise<{ orderId: string; mandateId: string; paymentId: string; gatewayMandateId: string }>
  charge(mandateId: string, amount: number, more?: object): Promise<Answer>
  status(mandateId: string): Promise<unknown>
  whenStatus(mandateId: string, status: string): Promise<void>
  paymentStatus(answer: Answer): Promise<unknown>
  events(mandateId: string): Promise<readonly string[]>
  noticeEvents(mandateId: string): Promise<readonly string[]>
  chargesAtGateway(reference: string): Promise<number>
  /** The day so many days from now, on the merchant's clock and in its zone. */
  day(ahead: number): Promise<string>
  /** What the payer does in the bank's app. */
  payer(gatewayMandateId: string, change: 'pause' | 'resume' | 'revoke', more?: object): Promise<number>
}

const IN_A_LONG_TIME = '2040-01-01T00:00:00Z'

export function givenMandates(server: TestServer, merchant: MerchantClient): Mandates {
  return { ...made(merchant), ...found(server, merchant), payer: payerOf(server) }
}

type Made = Pick<Mandates, 'reference' | 'orderBody' | 'order' | 'pay' | 'active' | 'charge'>

function made(merchant: MerchantClient): Made {
  const mandates: Made = {
    reference: () => `m-${randomUUID()}`,
    orderBody: (terms) => ({
      reference: mandates.reference(),
      amount: 50_000,
      currency: 'INR',
      mandate: { max_amount: 100_000, frequency: 'monthly', ends_at: IN_A_LONG_TIME, ...terms },
    }),
    order: async (terms) => {
      const { status, body } = await merchant.post('/v1/orders', mandates.orderBody(terms))
      if (status !== 201) throw new Error(JSON.stringify(body))
      return { orderId: String(body['id']), mandateId: String(body['mandate_id']) }
    },
    pay: (orderId, instrument) =>
      merchant.post(`/v1/orders/${orderId}/payments`, {
        instrument:
          instrument === 'netbanking'
            ? { method: 'netbanking', bank: 'sandbox_bank' }
            : { method: 'card', token: instrument },
      }),
    active: async (terms, instrument = 'tok_approve') => {
      const { orderId, mandateId } = await mandates.order(terms)
      const { body } = await mandates.pay(orderId, instrument)
      const action = body['action'] as { url: string } | null
      if (action !== null) {
        await fetch(action.url, {
          method: 'POST',
          body: new URLSearchParams({ answer: 'approve' }),
          redirect: 'manual',
        })
      }
      const mandate = await eventually(async () => {
        const read = await merchant.get(`/v1/mandates/${mandateId}`)
        return read.body['status'] === 'active' ? read.body : undefined
      }, `${mandateId} active`)
      const gatewayMandateId = String(mandate['gateway_mandate_id'])
      return { orderId, mandateId, paymentId: String(body['id']), gatewayMandateId }
    },
    charge: (mandateId, amount, more = {}) =>
      merchant.post(`/v1/mandates/${mandateId}/charges`, { reference: mandates.reference(), amount, ...more }),
  }
  return mandates
}

type Found = Omit<Mandates, keyof Made | 'payer'>

const NOTICE_EVENTS = `
  select e.type from events e join pre_debit_notices n on n.id = e.object_id where n.mandate_id = $1 order by e.id`
const DAY = `
  select ((now() + clock_offset) at time zone zone + $2 * interval '1 day')::date::text as day
    from merchants where id = $1`

function found(server: TestServer, merchant: MerchantClient): Found {
  const sql = async (text: string, values: readonly unknown[]) =>
    (await server.db.pools.owner.query<Record<string, string>>(text, [...values])).rows
  const status = async (mandateId: string) => (await merchant.get(`/v1/mandates/${mandateId}`)).body['status']
  const types = (rows: readonly Record<string, string>[]) => rows.map((row) => row['type'] ?? '')
  return {
    status,
    whenStatus: async (mandateId, wanted) => {
      const look = async () => ((await status(mandateId)) === wanted ? true : undefined)
      await eventually(look, `${mandateId} ${wanted}`)
    },
    paymentStatus: async (answer) => (await merchant.get(`/v1/payments/${String(answer.body['id'])}`)).body['status'],
    events: async (mandateId) =>
      types(await sql('select type from events where object_id = $1 order by id', [mandateId])),
    noticeEvents: async (mandateId) => types(await sql(NOTICE_EVENTS, [mandateId])),
    chargesAtGateway: async (reference) =>
      (await sql('select id from sandbox.payments where reference = $1 and is_charge', [reference])).length,
    day: async (ahead) => (await sql(DAY, [server.merchantId, ahead]))[0]?.['day'] ?? '',
  }
}

function payerOf(server: TestServer): Mandates['payer'] {
  return async (gatewayMandateId, change, more = {}) => {
    const { account_id, admin_token } = server.demo.sandbox
    const url = `${server.baseUrl}/sandbox/accounts/${account_id}/mandates/${gatewayMandateId}/${change}`
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(more),
    })
    return response.status
  }
}
