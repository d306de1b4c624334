// What golden exchanges of a dialect are played with: steps that lead up to one, words that stand for what a run makes,
// and kinds for what nobody can know beforehand. `{order}` is an order id of the exchange's own; `{merchant}` and
// `{base}` are the server's; `{noon}` and `{soon}` are the noons of tomorrow and of the day after, in seconds;
// `{txn_uuid}`, `{mandate_id}` and `{mandate_token}` are kept from the last step that told them.
import type { ApiReply, Loose } from './api-setup.ts'
import { plantFault } from './gateway-faults.ts'
import { gatewayVoice } from './gateway-voice.ts'
import { createJuspayClient } from './juspay-client.ts'
import type { JuspayCall } from './juspay-client.ts'
import { epochInDays } from './juspay-mandates.ts'
import { merchantClient } from './merchant-client.ts'
import type { TestServer } from './start-server.ts'
import { advanceClock, eventually, runDue } from './virtual-time.ts'

export type GoldenCall = JuspayCall & { readonly method: 'GET' | 'POST'; readonly path: string }
/** Besides calls: time passes, the order is given up, the gateway errs or finds that a refused payment was paid. */
type Happening =
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'cancel' }
  | { readonly do: 'payAfterAll' }
  | { readonly do: 'fault'; readonly call: string; readonly fault: string }
export type GoldenStep = GoldenCall | Happening
export type Words = Readonly<Record<string, string>>

const PAGE = /^http:\/\/127\.0\.0\.1:\d+\/v2\/pay\//.source
const KINDS: Readonly<Record<string, RegExp>> = {
  '{start}': new RegExp(`${PAGE}start/mer_[0-9a-z]+/pay_[0-9a-z]+$`),
  '{finish}': new RegExp(`${PAGE}finish/mer_[0-9a-z]+/pay_[0-9a-z]+/[A-Z0-9]+$`),
  '{ctkn}': /^ctkn_[a-z0-9]{20}$/,
  '{total}': /^[1-9]\d*$/,
  '{automatic}': /^AR[0-9a-z]{19}$/,
  '{arn}': /^[0-9A-Za-z]{10,40}$/,
  '{code}': /^[0-9A-Z]{1,10}$/,
  '{vpa}': /^[\w.-]+@[\w.-]+$/,
  '{mcc}': /^(?:\d{4})?$/,
  '{name}': /^.+$/,
  '{id}': /^[a-z]{2,5}_[0-9a-zA-Z_]{16,64}$/,
  '{event}': /^evt_V2_[0-9a-z]{26}$/,
  '{time}': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '{epoch}': /^\d{10}$/,
  '{token}': /^[a-z_]{3,24}[0-9a-f]{32,64}$/,
  '{hex}': /^[0-9a-f]{32}$/,
  '{number}': /^\d{1,20}$/,
  '{link}': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+$/,
  '{link}?mobile=true': /^http:\/\/127\.0\.0\.1:\d+\/[\w/-]+\?mobile=true$/,
  'NOREQID-{hex}': /^NOREQID-[0-9a-f]{32}$/,
}

/** The value with every word that is known put in its place; what is not known stands. */
export function fill<T>(value: T, words: Words): T {
  const text = JSON.stringify(value).replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole)
  return JSON.parse(text) as T
}

/** The answer with every value that fits the kind asked for in its place replaced by the kind's name. */
export function veiled(actual: Loose, expected: Loose): Loose {
  const kind = typeof expected === 'string' ? KINDS[expected] : undefined
  if (kind?.test(String(actual))) return expected
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.map((item, index) => veiled(item, expected[index]))
  if (typeof actual !== 'object' || actual === null || typeof expected !== 'object') return actual
  return Object.fromEntries(Object.entries(actual).map(([name, item]) => [name, veiled(item, expected?.[name])]))
}

/** What every exchange knows before its first step. */
export async function firstWords(server: TestServer, order: string): Promise<Words> {
  const [noon, soon] = [await epochInDays(server, 1), await epochInDays(server, 2)]
  return { order, merchant: server.merchantId, base: server.baseUrl, noon, soon }
}

export type Player = {
  send(call: GoldenCall): Promise<ApiReply>
  /** Plays the steps one after the other; the words with what they told. Throws when a call is not answered 200. */
  play(steps: readonly GoldenStep[], words: Words): Promise<Words>
}

export function goldenPlayer(server: TestServer): Player {
  const send = ({ method, path, ...call }: GoldenCall): Promise<ApiReply> => {
    const client = createJuspayClient(server.runtime.app, server.secretKey)
    return method === 'GET' ? client.get(path, call) : client.post(path, call)
  }
  return {
    send,
    play: async (steps, given) => {
      let words = given
      for (const step of steps) {
        if ('do' in step) {
          await happen(server, step, words)
          continue
        }
        const { body, text, status } = await send(fill(step, words))
        if (status !== 200) throw new Error(text)
        words = { ...words, ...told(body) }
      }
      return words
    },
  }
}

function told(body: Loose): Words {
  const names = ['txn_uuid', 'mandate_id', 'mandate_token'] as const
  const found = names.map((name) => [name, body[name] ?? body.mandate?.[name]] as const)
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string'))
}

async function happen(server: TestServer, event: Happening, words: Words): Promise<void> {
  if (event.do === 'advance') return advanceClock(server, event.seconds)
  if (event.do === 'fault') return plantFault(server, event.call, event.fault)
  const merchant = merchantClient(server)
  if (event.do === 'cancel') {
    const { body } = await merchant.get(`/v1/orders/by-reference/${words['order']}`)
    const { status } = await merchant.post(`/v1/orders/${String(body['id'])}/cancel`)
    if (status !== 200) throw new Error(`The order was not given up: ${status}`)
    return
  }
  const gateway = await gatewayVoice(server)
  const payment = words['txn_uuid'] ?? ''
  await gateway.payAfterAll(payment)
  const status = await gateway.notify(await gateway.payment(payment))
  if (status !== 200) throw new Error(`The notification was answered ${status}.`)
  await runDue(server)
  await eventually(async () => {
    await advanceClock(server, 10)
    const { body } = await merchant.get(`/v1/refunds?payment_id=${payment}`)
    const refunds = body['items'] as readonly { readonly status: string }[]
    // One that the gateway refused is followed by another, which waits for its hour.
    const isTold = refunds.some(({ status }) => status === 'succeeded' || status === 'failed')
    return isTold ? refunds : undefined
  }, 'what became of giving the money back')
}
