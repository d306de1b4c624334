// A shop that orders and pays without pause and writes down what the server acknowledged, in a book of its own. After
// each kill the server's book must have all of it, word for word; what was not acknowledged may be there or not, but
// never twice.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_AGAIN_MS = 5

type Json = Record<string, unknown>

export type Shop = {
  /** Lets `customers` order and pay, one after the other each, until `stop`. */
  open(server: { readonly url: string; readonly secretKey: string }, customers: number): Shift
  readonly acknowledged: { readonly orders: readonly Json[]; readonly payments: readonly Json[] }
}

export type Shift = {
  /** Resolves when so many payments were acknowledged in this shift, or when nobody gets through any more. */
  served(payments: number): Promise<void>
  stop(): Promise<void>
}

/** What can never change after it was acknowledged. */
const ORDER_FACTS = ['id', 'reference', 'amount', 'currency', 'description', 'metadata', 'created_at']
const PAYMENT_FACTS = [
  'id',
  'order_id',
  'session_id',
  'reference',
  'status',
  'amount',
  'currency',
  'amount_captured',
  'method',
  'gateway_payment_id',
  'created_at',
  'captured_at',
]

export function openShop(): Shop {
  const orders: Json[] = []
  const payments: Json[] = []
  return {
    acknowledged: { orders, payments },
    open(server, customers) {
      const before = payments.length
      const closing = new AbortController()
      const customer = async () => {
        while (!closing.signal.aborted) {
          const call = caller(server.url)
          const reference = `kill-${randomUUID()}`
          const order = await call(server.secretKey, '/v1/orders', { reference, amount: 49_900, currency: 'INR' })
          if (order === undefined) return
          orders.push(order)
          const session = await call(server.secretKey, `/v1/orders/${String(order['id'])}/sessions`, {})
          if (session === undefined) return
          const instrument = { method: 'card', token: 'tok_approve' }
          const payment = await call(String(session['client_token']), '/sdk/v1/payments', { instrument })
          if (payment === undefined) return
          // The page is told little; what the merchant reads of it is a promise, too.
          const read = await call(server.secretKey, `/v1/payments/${String(payment['id'])}`)
          payments.push(read ?? payment)
        }
      }
      const all = Promise.all(Array.from({ length: customers }, customer))
      return {
        async served(wanted) {
          const over = new AbortController()
          void all.finally(() => over.abort())
          while (payments.length - before < wanted && !over.signal.aborted) await sleep(LOOK_AGAIN_MS)
        },
        async stop() {
          closing.abort()
          await all
        },
      }
    },
  }
}

// A customer who gets no answer, or a 5xx, goes home: nothing was acknowledged.
function caller(url: string): (token: string, path: string, body?: Json) => Promise<Json | undefined> {
  return async (token, path, body) => {
    try {
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() }
      const signal = AbortSignal.timeout(15_000)
      const response = await (body === undefined
        ? fetch(url + path, { headers, signal })
        : fetch(url + path, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(body),
            signal,
          }))
      const answer = (await response.json()) as Json
      if (response.ok) return answer
      if (response.status >= 500) return undefined
      throw new Error(`${path} was refused: ${JSON.stringify(answer)}`)
    } catch (error) {
      if (error instanceof Error && error.message.includes('was refused')) throw error
      return undefined
    }
  }
}

export type Difference = { readonly acknowledged: Json; readonly found: Json }

/** Everything acknowledged that the server no longer says in the same words. */
export async function findDifferences(shop: Shop, server: { url: string; secretKey: string }): Promise<Difference[]> {
  const read = async (path: string) => {
    const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${server.secretKey}` } })
    return (await response.json()) as Json
  }
  const differences: Difference[] = []
  const compare = (acknowledged: Json, found: Json, facts: readonly string[]) => {
    const said = facts.filter((fact) => fact in acknowledged)
    const say = (it: Json) => Object.fromEntries(said.map((fact) => [fact, it[fact] ?? null]))
    if (JSON.stringify(say(acknowledged)) !== JSON.stringify(say(found))) differences.push({ acknowledged, found })
  }
  const checkOrder = async (order: Json) => {
    const found = await read(`/v1/orders/${String(order['id'])}`)
    compare(order, found, ORDER_FACTS)
    // One attempt was made at most, so there is at most one payment, and never more money than asked for.
    const payments = found['payments'] as Json[] | undefined
    if ((payments?.length ?? 0) > 1 || Number(found['amount_captured']) > Number(order['amount'])) {
      differences.push({ acknowledged: order, found })
    }
  }
  const checkPayment = async (payment: Json) =>
    compare(payment, await read(`/v1/payments/${String(payment['id'])}`), PAYMENT_FACTS)
  await forEach(shop.acknowledged.orders, checkOrder)
  await forEach(shop.acknowledged.payments, checkPayment)
  return differences
}

const READERS = 8

async function forEach(items: readonly Json[], work: (item: Json) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const reader = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: READERS }, reader))
}
