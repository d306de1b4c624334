// Two whole servers on two databases: the first has a Juspay account, and its Juspay is the second, which speaks the
// dialect and takes the money in its own sandbox. Between them lie two lines that can fail: calls one way, webhooks the
// other. Nobody moves either clock but the test.
import { randomUUID } from 'node:crypto'
import { GatewayAccountId } from '../kernel/ids.ts'
import type { GatewayBook, TheirPayment } from '../verify/gateway-book.ts'
import { parseDecimal } from '../kernel/money.ts'
import type { VerifyReport } from '../verify/verify.ts'
import type { Loose } from './api-setup.ts'
import { startFaultyLine } from './faulty-line.ts'
import type { FaultyLine } from './faulty-line.ts'
import { merchantClient } from './merchant-client.ts'
import type { MerchantClient } from './merchant-client.ts'
import { startTestServer } from './start-server.ts'
import type { TestServer } from './start-server.ts'
import { verifyServer } from './verify-server.ts'

export const WEBHOOK_USER = 'purser'
export const WEBHOOK_PASSWORD = 'a password that only the two know'.replaceAll(' ', '-')

export type TwoPursers = {
  readonly shop: TestServer
  readonly gateway: TestServer
  readonly merchant: MerchantClient
  /** The merchant of the second server, by its native API. */
  readonly there: MerchantClient
  readonly accountId: GatewayAccountId
  /** From the shop to the gateway. */
  readonly calls: FaultyLine
  /** From the gateway to the shop. */
  readonly webhooks: FaultyLine
  /** Whether the gateway sends webhooks at all; it does not until this is called. */
  sendWebhooks(): Promise<void>
  /** A call of the payer's browser at the gateway, with the token of the page that the shop sent it to. */
  payAt(page: string, instrument: object): Promise<Loose>
  /** A call of the gateway's API, as its own merchant makes it. */
  juspay(method: string, path: string, form?: Record<string, string>): Promise<Loose>
  /** The gateway's own view of an order, as its API tells it. */
  orderThere(reference: string): Promise<Loose>
  /** Moves both clocks, the gateway's first, and lets what is due happen. */
  advance(seconds: number): Promise<void>
  verify(): Promise<{ readonly shop: VerifyReport; readonly gateway: VerifyReport }>
  close(): Promise<void>
}

export async function startTwoPursers(): Promise<TwoPursers> {
  const shop = await startTestServer()
  const gateway = await startTestServer()
  const calls = await startFaultyLine()
  const webhooks = await startFaultyLine()
  calls.connect(gateway.baseUrl)
  webhooks.connect(shop.baseUrl)
  const merchant = merchantClient(shop)
  const there = merchantClient(gateway)
  const connected = await merchant.post('/v1/gateway-accounts', {
    connector: 'juspay',
    label: 'Juspay',
    credentials: {
      base_url: calls.baseUrl,
      merchant_id: gateway.merchantId,
      api_key: gateway.secretKey,
      payment_page_client_id: 'teahouse',
      webhook_user: WEBHOOK_USER,
      webhook_password: WEBHOOK_PASSWORD,
    },
  })
  const accountId = GatewayAccountId.parse(String(connected.body['id']))
  const juspay = async (method: string, path: string, form?: Record<string, string>): Promise<Loose> => {
    const reply = await fetch(`${gateway.baseUrl}${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`${gateway.secretKey}:`).toString('base64')}` },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    })
    return reply.json()
  }
  const orderThere = (reference: string) => juspay('GET', `/orders/${reference}`)
  return {
    shop,
    gateway,
    merchant,
    juspay,
    there,
    accountId,
    calls,
    webhooks,
    sendWebhooks: async () => {
      const url = `${webhooks.baseUrl}/gateways/${accountId}/notifications`
      const who = { username: WEBHOOK_USER, password: WEBHOOK_PASSWORD }
      const made = await juspay('POST', '/juspay/settings/webhooks', { url, ...who })
      if (made.error_code !== undefined) throw new Error(`No webhooks: ${JSON.stringify(made)}`)
    },
    payAt: async (page, instrument) => {
      const token = await clientTokenOf(page)
      const reply = await fetch(`${gateway.baseUrl}/sdk/v1/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({ instrument }),
      })
      return reply.json()
    },
    orderThere,
    advance: async (seconds) => {
      for (const client of [there, merchant]) {
        const moved = await client.post('/v1/test-clock/advance', { seconds })
        if (moved.status !== 200) throw new Error(`The clock stands: ${JSON.stringify(moved.body)}`)
      }
    },
    verify: async () => {
      const book: GatewayBook = { gatewayAccountId: accountId, read: () => readBook(there, orderThere) }
      return { shop: await verifyServer(shop, { books: [book] }), gateway: await verifyServer(gateway) }
    },
    close: async () => {
      await shop.close()
      await gateway.close()
      await calls.close()
      await webhooks.close()
    },
  }
}

// The other merchant's word for an attempt, in the words of a gateway's book.
const WORDS: Readonly<Record<string, string>> = {
  captured: 'PAID',
  authorized: 'HELD',
  voided: 'RELEASED',
  declined: 'REJECTED',
  canceled: 'CANCELLED',
  expired: 'LAPSED',
}
const REFUND_WORDS: Readonly<Record<string, string>> = { SUCCESS: 'RETURNED', FAILURE: 'FAILED', PENDING: 'PROCESSING' }

/** What the second Purser's own merchant has: one entry for each order that took or holds money. */
async function* readBook(there: MerchantClient, orderThere: TwoPursers['orderThere']): AsyncGenerator<TheirPayment> {
  for (const order of await allOf(there, '/v1/orders?limit=100')) {
    const attempts = await allOf(there, `/v1/payments?order_id=${order.id}&limit=100`)
    const shown = attempts.find(({ status }) => status === 'captured' || status === 'authorized' || status === 'voided')
    if (shown === undefined) continue
    const { refunds = [] } = await orderThere(order.reference)
    yield {
      id: order.reference,
      reference: order.reference,
      status: WORDS[shown.status] ?? shown.status,
      currency: shown.currency,
      amountMinor: BigInt(shown.amount),
      heldMinor: BigInt(shown.amount_authorized),
      paidMinor: BigInt(shown.amount_captured),
      returnedMinor: BigInt(shown.amount_refunded),
      refunds: (refunds as Loose[]).map(({ unique_request_id: name, status, amount }) => ({
        id: `${order.reference}/${name}`,
        reference: name,
        status: REFUND_WORDS[status] ?? status,
        amountMinor: parseDecimal(String(amount), 'INR').minor,
      })),
    }
  }
}

async function allOf(client: MerchantClient, path: string): Promise<readonly Loose[]> {
  const { status, body } = await client.get(path)
  if (status !== 200 || body['next_cursor'] !== null) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body['items'] as readonly Loose[]
}

/** The page is opened as a browser does it: a link of the order leads to a page of a session of its own. */
async function clientTokenOf(page: string): Promise<string> {
  const direct = /\/pay\/(ct_[^/?#]+)$/.exec(page)?.[1]
  if (direct !== undefined) return direct
  const reply = await fetch(page, { redirect: 'manual' })
  const token = /\/pay\/(ct_[^/?#]+)$/.exec(reply.headers.get('location') ?? '')?.[1]
  if (token === undefined) throw new Error(`${page} answered ${reply.status} and leads nowhere.`)
  return token
}
