// What the model gateway does beside payments and refunds, in the sandbox's own JSON and CSV: it registers mandates
// with a payment, charges them, and pays out in settlement files. The book stays the model's; this reads and words it.
import type { WireReply, WireRequest } from '../../connectors/contract/wire.ts'
import { formatDecimal, money } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { GatewayModel, Outcome } from './gateway-model.ts'
import { actOn } from './gateway-wire.ts'

export type Counter = {
  /** Acts on one request, whatever it is about. */
  act(request: WireRequest, outcome: () => Outcome): WireReply
  /** Pays out what was taken and returned since the last time, in a file of its own; nothing where there is nothing. */
  payOut(): void
}

type Mandate = { readonly id: string; readonly reference: string; readonly maximum: string; readonly currency: string }
type PaidOut = { readonly id: string; readonly utr: string; readonly netMinor: bigint; readonly csv: string }
type Counting = {
  readonly gateway: GatewayModel
  readonly prefix: string
  /** By the payment that registered it. */
  readonly mandates: Map<string, Mandate>
  readonly files: PaidOut[]
  /** Of each payment, what was paid out; and the refunds that were taken back. */
  readonly taken: Map<string, bigint>
  readonly returned: Set<string>
}

export function openCounter(gateway: GatewayModel, prefix = ''): Counter {
  const counting: Counting = {
    gateway,
    prefix,
    mandates: new Map(),
    files: [],
    taken: new Map(),
    returned: new Set(),
  }
  return {
    act: (request, outcome) => act(counting, request, outcome),
    payOut: () => payOut(counting),
  }
}

function act(counting: Counting, request: WireRequest, outcome: () => Outcome): WireReply {
  const { pathname, searchParams } = new URL(request.url)
  const [noun = '', id = '', verb] = pathname
    .replace(/^\/sandbox\/v1\//, '')
    .split('/')
    .map(decodeURIComponent)
  if (noun === 'settlements') return id === '' ? list(counting, searchParams.get('after')) : file(counting, id)
  if (noun === 'mandates') {
    const mandate = [...counting.mandates.values()].find((known) => known.id === id)
    if (mandate === undefined) return json(404, { error: { code: 'NOT_FOUND' } })
    return verb === 'charges' ? charge(counting, request, outcome) : json(200, mandateJson(mandate))
  }
  if (request.method === 'POST' && noun === 'payments' && id === '') register(counting, request)
  return withMandate(counting, actOn(counting.gateway, request, outcome))
}

function register({ mandates, prefix }: Counting, request: WireRequest): void {
  const body = JSON.parse(request.body ?? '{}') as {
    readonly reference: string
    readonly currency: string
    readonly mandate?: { readonly reference: string; readonly max_amount: string }
  }
  if (body.mandate === undefined || mandates.has(body.reference)) return
  const { reference, max_amount: maximum } = body.mandate
  mandates.set(body.reference, { id: `${prefix}gm_${mandates.size + 1}`, reference, maximum, currency: body.currency })
}

/** The payment that registers a mandate tells of it once it is paid. */
function withMandate({ mandates }: Counting, reply: WireReply): WireReply {
  if (reply.kind !== 'reply' || reply.status >= 300) return reply
  const body = JSON.parse(reply.body) as { readonly reference?: string; readonly status?: string }
  const mandate = mandates.get(body.reference ?? '')
  if (mandate === undefined || body.status !== 'PAID') return reply
  return { ...reply, body: JSON.stringify({ ...body, mandate: mandateJson(mandate) }) }
}

const mandateJson = ({ id, reference, maximum, currency }: Mandate) => ({
  id,
  reference,
  status: 'ACTIVE',
  currency,
  max_amount: maximum,
  pause_until: null,
  version: 1,
})

/** A charge is a payment like any other, under the reference that it came with. */
function charge(counting: Counting, request: WireRequest, outcome: () => Outcome): WireReply {
  const body = JSON.parse(request.body ?? '{}') as Record<string, unknown>
  const url = request.url.replace(/\/mandates\/.*$/, '/payments')
  return actOn(counting.gateway, { ...request, url, body: JSON.stringify({ ...body, capture: 'NOW' }) }, outcome)
}

const HEAD = 'settlement_id,utr,line,type,id,payment_id,reference,currency,payment_amount,gross,fee,gst,tds,net,at'
const AT = '2026-11-20T10:00:00.000Z'
const NONE = '0.00'

function payOut({ gateway, prefix, files, taken, returned }: Counting): void {
  const [id, utr] = [`${prefix}st_${files.length + 1}`, `${prefix}UTR${files.length + 1}`]
  const rows: string[] = []
  let netMinor = 0n
  const add = (type: string, about: string, reference: string, amount: Money, gross: Money, payment: string) => {
    const sign = type === 'REFUND' ? '-' : ''
    netMinor += type === 'REFUND' ? -gross.minor : gross.minor
    const words = [type, about, payment, reference, 'INR', formatDecimal(amount), formatDecimal(gross)]
    rows.push([id, utr, rows.length + 1, ...words, NONE, NONE, NONE, `${sign}${formatDecimal(gross)}`, AT].join(','))
  }
  for (const payment of gateway.payments.values()) {
    const growth = payment.paid - (taken.get(payment.id) ?? 0n)
    if (growth <= 0n) continue
    taken.set(payment.id, payment.paid)
    const about = `${payment.id}_${payment.paid}`
    add('CAPTURE', about, payment.reference, payment.amount, money(growth, 'INR'), payment.id)
  }
  for (const refund of gateway.refunds.values()) {
    const payment = gateway.payments.get(refund.paymentId)
    if (refund.status !== 'RETURNED' || returned.has(refund.id) || payment === undefined) continue
    returned.add(refund.id)
    const reference = refund.reference ?? `made_${refund.id}`
    add('REFUND', refund.id, reference, payment.amount, money(refund.amount, 'INR'), payment.id)
  }
  if (rows.length > 0) files.push({ id, utr, netMinor, csv: `${[HEAD, ...rows].join('\r\n')}\r\n` })
}

function list({ files }: Counting, after: string | null): WireReply {
  const from = after === null ? 0 : files.findIndex((known) => known.id === after) + 1
  const settlements = files.slice(from).map(({ id, utr, netMinor }) => {
    const amount = netMinor < 0n ? `-${formatDecimal(money(-netMinor, 'INR'))}` : formatDecimal(money(netMinor, 'INR'))
    return { id, utr, currency: 'INR', bank_credit: { amount, at: AT }, created_at: AT }
  })
  return json(200, { settlements, next: null })
}

function file({ files }: Counting, name: string): WireReply {
  const found = files.find(({ id }) => name === `${id}.csv`)
  if (found === undefined) return json(404, { error: { code: 'NOT_FOUND' } })
  return { kind: 'reply', status: 200, headers: { 'content-type': 'text/csv' }, body: found.csv }
}

const json = (status: number, body: object): WireReply => ({
  kind: 'reply',
  status,
  headers: {},
  body: JSON.stringify(body),
})

/** What a person who looks into the gateway's book can say about a payment; undefined while it is open there, too. */
export function lookUp(gateway: GatewayModel, reference: string) {
  const there = gateway.payment({ reference })
  if (there === undefined) return undefined
  const outcomes = { PAID: 'captured', HELD: 'authorized', REJECTED: 'declined', RELEASED: 'voided' } as const
  const outcome = Object.entries(outcomes).find(([status]) => status === there.status)?.[1]
  return outcome === undefined ? undefined : { outcome, gatewayPaymentId: there.id }
}
