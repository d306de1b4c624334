// Mandates for tests that speak the Juspay dialect: registered by paying an order, executed as a transaction.
import type { ApiReply, Loose } from './api-setup.ts'
import type { JuspayClient } from './juspay-client.ts'
import type { TestServer } from './start-server.ts'
import { eventually } from './virtual-time.ts'

type Form = Readonly<Record<string, string>>

export type JuspayMandates = {
  readonly customer: string
  /** Pays by a bank, whose charges need no notice. */
  readonly bank: Form
  /** 1.00 INR that registers a mandate of up to 1,000.00; an empty text takes a field away. */
  orderForm(more: Form): Record<string, string>
  order(more: Form): Promise<string>
  /** By a card that is approved at once, unless it says otherwise. */
  pay(orderId: string, more?: Form): Promise<Loose>
  /** A registered mandate, as its order shows it. */
  active(more: Form, instrument?: Form): Promise<{ readonly orderId: string; readonly mandate: Loose }>
  /** 500.00 INR by an order of its own. */
  execute(more: Form): Promise<ApiReply>
  /** As the function of this name. */
  epochInDays(days: number): Promise<string>
}

export function givenJuspayMandates(server: TestServer, juspay: JuspayClient, prefix = 'MAN'): JuspayMandates {
  let count = 0
  const freshId = () => `${prefix}${String((count += 1)).padStart(6, '0')}`
  const good = (reply: ApiReply): Loose => {
    if (reply.status !== 200) throw new Error(reply.text)
    return reply.body
  }
  const mandates: JuspayMandates = {
    customer: 'cust_tea',
    bank: { payment_method_type: 'NB', payment_method: 'NB_DUMMY', card_token: '' },
    orderForm: (more) => {
      const form: Record<string, string> = {
        order_id: freshId(),
        amount: '1.00',
        customer_id: mandates.customer,
        'options.create_mandate': 'REQUIRED',
        'mandate.max_amount': '1000.00',
        'mandate.frequency': 'ASPRESENTED',
        ...more,
      }
      return Object.fromEntries(Object.entries(form).filter(([, text]) => text !== ''))
    },
    order: async (more) => {
      const form = mandates.orderForm(more)
      good(await juspay.post('/orders', { form }))
      return form['order_id'] ?? ''
    },
    pay: async (order_id, more = {}) => {
      const card = { payment_method_type: 'CARD', card_token: 'tok_approve', should_create_mandate: 'true' }
      const form = { order_id, ...card, mandate_type: 'EMANDATE', ...more, format: 'json' }
      return good(await juspay.post('/txns', { form }))
    },
    active: async (more, instrument = {}) => {
      const orderId = await mandates.order(more)
      const txn = await mandates.pay(orderId, instrument)
      if (txn['status'] === 'PENDING_VBV') await approve(txn['payment'].authentication.url)
      const look = async () => {
        const { mandate } = good(await juspay.get(`/orders/${orderId}`))
        return mandate?.mandate_status === 'ACTIVE' ? mandate : undefined
      }
      return { orderId, mandate: await eventually(look, `the mandate of ${orderId} is active`) }
    },
    execute: (more) => {
      const order = { 'order.order_id': freshId(), 'order.amount': '500.00' }
      return juspay.post('/txns', { form: { ...order, merchant_id: server.merchantId, ...more, format: 'json' } })
    },
    epochInDays: (days) => epochInDays(server, days),
  }
  return mandates
}

/** Noon of a day so many days ahead, on the merchant's clock and in its zone, in seconds since 1970. */
export async function epochInDays(server: TestServer, days: number): Promise<string> {
  const { rows } = await server.db.pools.owner.query<{ at: string }>(
    `select extract(epoch from date_trunc('day', (now() + clock_offset) at time zone zone
              + $2 * interval '1 day') at time zone zone + interval '12 hours')::bigint::text as at
       from merchants where id = $1`,
    [server.merchantId, days],
  )
  return rows[0]?.at ?? ''
}

/** The payer says yes on the page of the bank. */
async function approve(startUrl: string): Promise<void> {
  const start = await fetch(startUrl, { redirect: 'manual' })
  const page = start.headers.get('location') ?? ''
  const reply = await fetch(page, {
    method: 'POST',
    body: new URLSearchParams({ answer: 'approve' }),
    redirect: 'manual',
  })
  if (reply.status >= 400) throw new Error(await reply.text())
}
