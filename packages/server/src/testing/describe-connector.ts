// The promises that every connector keeps. A new connector hands over recorded replies; it passes when the gateway's
// words and ours line up. The suite knows the contract and no gateway: whatever is special comes in as an option.
import type { TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import type {
  AuthorizeInput,
  ChangeMandateInput,
  ChargeMandateInput,
  CancelInput,
  Connector,
  Exchange,
  FollowUpInput,
  NotifyDebitInput,
  RefundInput,
  Result,
  SyncInput,
  SyncMandateInput,
  SyncRefundInput,
} from '../connectors/contract/connector.ts'
import type { WireReply, WireRequest } from '../connectors/contract/wire.ts'
import { money } from '../kernel/money.ts'
import { describeNotifications } from './describe-notifications.ts'
import type { NotificationOptions } from './describe-notifications.ts'

export type Inputs = {
  readonly authorize: AuthorizeInput
  readonly capture: FollowUpInput
  readonly void: FollowUpInput
  readonly cancel: CancelInput
  readonly refund: RefundInput
  readonly sync: SyncInput
  readonly syncRefund: SyncRefundInput
  readonly chargeMandate: ChargeMandateInput
  readonly notifyDebit: NotifyDebitInput
  readonly changeMandate: ChangeMandateInput
  readonly syncMandate: SyncMandateInput
}
export type ExchangeKind = keyof Inputs

export type Recorded = {
  /** A sentence: "pending, then approved". */
  readonly says: string
  readonly reply: WireReply
  /** Compared with `toMatchObject`: what matters of the result. */
  readonly result: object
  /** What was asked, where it is not the suite's own input. */
  readonly input?: object
}

export type ConnectorOptions<Credentials> = {
  readonly credentials: Credentials
  /** Texts that must never be seen in a log. */
  readonly secrets: readonly string[]
  /** Changes to the suite's inputs that this gateway needs: its own tokens, banks, ids. */
  readonly inputs?: { readonly [Kind in ExchangeKind]?: Partial<Inputs[Kind]> }
  readonly recorded: { readonly [Kind in ExchangeKind]?: readonly Recorded[] }
  /** Required when the connector reads notifications. */
  readonly notifications?: NotificationOptions<Credentials>
}

const amount = money(1234_50n, 'INR')
const FOLLOW_UP = {
  gatewayPaymentId: 'gw_1',
  reference: 'pay_reference_1',
  amount,
  final: true,
  gatewayTry: 'gw_try_1',
} as const
export const INPUTS: Inputs = {
  authorize: {
    reference: 'pay_reference_1',
    amount,
    capture: 'automatic',
    instrument: { method: 'card', token: 'tok_of_a_card' },
    description: 'Two "tickets" & a programme – ₹',
    payer: { name: 'Asha', email: 'asha@example.com', phone: null },
    returnUrl: 'https://shop.example/return?order=1&x=%20',
  },
  capture: { ...FOLLOW_UP, operationId: 'op_1' },
  void: { ...FOLLOW_UP, operationId: 'op_2' },
  cancel: { reference: 'pay_reference_1', gatewayPaymentId: 'gw_1', amount },
  refund: { reference: 'ref_reference_1', gatewayPaymentId: 'gw_1', amount, reason: 'not_satisfied' },
  sync: { reference: 'pay_reference_1', gatewayPaymentId: null, amount, onPage: false },
  syncRefund: { reference: 'ref_reference_1', gatewayRefundId: null, gatewayPaymentId: 'gw_1', amount },
  chargeMandate: {
    reference: 'pay_reference_2',
    gatewayMandateId: 'gw_mandate_1',
    customer: 'cus_1',
    amount,
    description: 'Broadband – November',
    debitDay: '2026-12-05',
    gatewayNoticeId: null,
    additionalFactor: false,
    returnUrl: 'https://shop.example/return',
  },
  notifyDebit: {
    reference: 'pdn_reference_1',
    gatewayMandateId: 'gw_mandate_1',
    amount,
    debitDay: '2026-12-05',
    description: 'Broadband – November',
  },
  changeMandate: {
    reference: 'man_reference_1',
    gatewayMandateId: 'gw_mandate_1',
    maxAmount: money(2_000_000n, 'INR'),
    change: 'pause',
    askedAt: new Date('2026-11-20T10:00:00.000Z'),
    pauseEndsAt: null,
  },
  syncMandate: {
    reference: 'man_reference_1',
    gatewayMandateId: 'gw_mandate_1',
    maxAmount: money(2_000_000n, 'INR'),
  },
}

/** What must travel, so that a repeat is known as one. */
const KEY_OF: { readonly [Kind in ExchangeKind]: (input: Inputs[Kind]) => string } = {
  authorize: (input) => input.reference,
  capture: (input) => input.operationId,
  void: (input) => input.operationId,
  cancel: (input) => input.gatewayPaymentId,
  refund: (input) => input.reference,
  sync: (input) => input.gatewayPaymentId ?? input.reference,
  syncRefund: (input) => input.gatewayRefundId ?? input.reference,
  chargeMandate: (input) => input.reference,
  notifyDebit: (input) => input.reference,
  // Asked twice, it is the same change.
  changeMandate: (input) => input.gatewayMandateId,
  syncMandate: (input) => input.gatewayMandateId,
}

const silence = { kind: 'no_reply', reason: 'timeout' } as const
const reply = (status: number, body: string): WireReply => ({ kind: 'reply', status, headers: {}, body })
const NONSENSE: readonly (readonly [string, WireReply])[] = [
  ['silence', silence],
  ['a 500', reply(500, '{}')],
  ['a 503 with a page', reply(503, '<html></html>')],
  ['a page with status 200', reply(200, '<!doctype html><title>Maintenance</title>')],
  ['an empty body', reply(200, '')],
  ['JSON of another shape', reply(200, '{"ok":true}')],
  ['null', reply(200, 'null')],
  ['a list', reply(200, '[]')],
  ['a key named twice', reply(200, '{"id":"a","id":"b"}')],
  ['a prototype', reply(200, '{"__proto__":{"status":"PAID"}}')],
  ['a 404 with a page', reply(404, '<html>not found</html>')],
  ['a 401 of another shape', reply(401, '{"message":"no"}')],
  ['a redirect', reply(302, '')],
]

type Field = { readonly description?: string; readonly writeOnly?: boolean }

export function describeConnector<Credentials>(
  connector: Connector<Credentials>,
  options: ConnectorOptions<Credentials>,
): void {
  describe(`connector ${connector.name}`, () => {
    describeExchange(connector, options, 'authorize', connector.authorize)
    describeExchange(connector, options, 'capture', connector.capture)
    describeExchange(connector, options, 'void', connector.void)
    describeExchange(connector, options, 'cancel', connector.cancel)
    describeExchange(connector, options, 'refund', connector.refund)
    describeExchange(connector, options, 'sync', connector.sync)
    describeExchange(connector, options, 'syncRefund', connector.syncRefund)
    describeExchange(connector, options, 'chargeMandate', connector.chargeMandate)
    describeExchange(connector, options, 'notifyDebit', connector.notifyDebit)
    describeExchange(connector, options, 'changeMandate', connector.changeMandate)
    describeExchange(connector, options, 'syncMandate', connector.syncMandate)

    test('says of each credential what it is, and hides what is secret', () => {
      const schema = connector.credentialsSchema as TSchema & { properties: Readonly<Record<string, Field>> }
      for (const [name, { description, writeOnly }] of Object.entries(schema.properties)) {
        expect(description ?? '', name).not.toBe('')
        if (/key|secret|password|token/.test(name)) expect(writeOnly, name).toBe(true)
      }
    })
    test('waits before "never seen it" counts', () => {
      expect(connector.absentGraceMs).toBeGreaterThanOrEqual(10_000)
    })
    test('scrubs secrets and card numbers from any text', () => {
      const text = `${options.secrets.join(' ')} 4111 1111 1111 1111 5555555555554444`
      const scrubbed = connector.scrub(text)
      for (const secret of options.secrets) expect(scrubbed).not.toContain(secret)
      expect(scrubbed).not.toMatch(/4111 1111 1111 1111|5555555555554444/)
    })

    const { notifications } = options
    test('brings examples of its notifications if it reads any', () => {
      expect(notifications !== undefined).toBe(connector.notifications !== undefined)
    })
    if (connector.notifications !== undefined && notifications !== undefined) {
      describeNotifications(connector.notifications, options.credentials, notifications)
    }
  })
}

function describeExchange<Credentials, Kind extends ExchangeKind, Report>(
  connector: Connector<Credentials>,
  options: ConnectorOptions<Credentials>,
  kind: Kind,
  exchange: Exchange<Inputs[Kind], Credentials, Report> | undefined,
): void {
  if (exchange === undefined) return
  const input: Inputs[Kind] = { ...INPUTS[kind], ...options.inputs?.[kind] }
  const send = (change: object = {}) => exchange.toRequest({ ...input, ...change }, options.credentials)
  const read = (answer: WireReply, change: object = {}) => exchange.fromReply(answer, { ...input, ...change })

  describeRequests(kind, send, KEY_OF[kind](input))
  test(`${kind}: no secret survives scrubbing, plain or inside an escaped text`, () => {
    const text = JSON.stringify(send())
    for (const logged of [connector.scrub(text), connector.scrub(JSON.stringify({ text }))]) {
      for (const secret of options.secrets) expect(logged).not.toContain(secret)
    }
  })
  describeSilence(kind, read)
  describeReplies(kind, read, options.recorded[kind] ?? [])
}

type Send = (change?: object) => WireRequest
type Read = (answer: WireReply, change?: object) => Result<unknown>

function describeRequests(kind: ExchangeKind, send: Send, key: string): void {
  test(`${kind}: the key that makes a repeat harmless travels with the request`, () => {
    expect(JSON.stringify(send())).toContain(key)
  })

  test(`${kind}: the same input makes the same request`, () => {
    const first = send()
    expect(send()).toEqual(first)
  })

  test(`${kind}: the request is one that can be sent`, () => {
    const request = send()
    expect(URL.canParse(request.url)).toBe(true)
    for (const [name, value] of Object.entries(request.headers)) {
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect(value).toMatch(/^[\t\x20-\x7e]*$/)
    }
  })

  if (kind === 'changeMandate' || kind === 'syncMandate' || kind === 'sync' || kind === 'syncRefund') return
  // One minor unit too many would charge a payer a hundredfold in a currency without decimals.
  test(`${kind}: two amounts that differ by one minor unit make two requests, at any size`, () => {
    const sent = (minor: bigint, currency: 'INR' | 'JPY' | 'KWD') =>
      JSON.stringify(send({ amount: money(minor, currency) }))
    // A void and a cancel say no amount at all, or the whole of it.
    const saysAmount = sent(100n, 'INR') !== sent(101n, 'INR')
    expect(saysAmount || kind === 'void' || kind === 'cancel').toBe(true)
    if (!saysAmount) return
    for (const currency of ['INR', 'JPY', 'KWD'] as const) {
      for (const minor of [1n, 99n, 1001n, 10n ** 13n - 2n]) {
        expect(sent(minor, currency)).not.toBe(sent(minor + 1n, currency))
      }
    }
  })
}

function describeSilence(kind: ExchangeKind, read: Read): void {
  test(`${kind}: what never left has failed, and may be tried again`, () => {
    expect(read({ kind: 'not_sent', reason: 'connect_refused' }).kind).toBe('failed')
  })

  test.each(NONSENSE)(`${kind}: %s is unknown, never a decline and never "never seen"`, (_, answer) => {
    expect(read(answer).kind).toBe('unknown')
  })
}

function describeReplies(kind: ExchangeKind, read: Read, recorded: readonly Recorded[]): void {
  const replies = recorded.filter(isReply)

  test(`${kind}: has recorded replies`, () => {
    expect(recorded.length).toBeGreaterThan(0)
  })

  test.each(recorded)(`${kind}: $says`, ({ reply: answer, result, input }) => {
    expect(read(answer, input)).toMatchObject(result)
  })

  test.each(replies)(`${kind}: "$says" cut short is unknown`, ({ reply: answer, input }) => {
    for (let length = 0; length < answer.body.length; length += 7) {
      expect(read({ ...answer, body: answer.body.slice(0, length) }, input).kind).toBe('unknown')
    }
  })

  test.each(replies)(`${kind}: "$says" with status 500 is unknown`, ({ reply: answer, input }) => {
    expect(read({ ...answer, status: 500 }, input).kind).toBe('unknown')
  })

  test.each(replies)(
    `${kind}: "$says" damaged in any field is never more than was said`,
    ({ reply: answer, input }) => {
      const said = read(answer, input).kind
      for (const body of damaged(answer.body)) {
        expect(['unknown', said]).toContain(read({ ...answer, body }, input).kind)
      }
    },
  )

  if (kind === 'sync' || kind === 'syncRefund') return
  test(`${kind}: "never seen" is an answer to questions only`, () => {
    for (const { reply: answer, input } of recorded) expect(read(answer, input).kind).not.toBe('absent')
  })
}

type RecordedReply = Recorded & { readonly reply: Extract<WireReply, { kind: 'reply' }> }

function isReply(recorded: Recorded): recorded is RecordedReply {
  return recorded.reply.kind === 'reply'
}

/** The body with each of its fields, at any depth, taken away or replaced by something else. */
function* damaged(body: string): Generator<string> {
  const parsed = parse(body)
  for (const path of paths(parsed, [])) {
    for (const value of [undefined, null, 7, '', 'x'.repeat(300), {}, []]) {
      yield JSON.stringify(replaced(parsed, path, value)) ?? ''
    }
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function* paths(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    yield [...path, key]
    yield* paths(item, [...path, key])
  }
}

function replaced(value: unknown, [key = '', ...rest]: readonly string[], by: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = { ...value }
  copy[key] = rest.length === 0 ? by : replaced(copy[key], rest, by)
  return copy
}

/** For a connector's own test: the report of a result, or a failure that says what it was. */
export function reportOf<Report>(result: Result<Report>): Report {
  if (result.kind !== 'report') throw new Error(`Expected a report, got ${JSON.stringify(result)}.`)
  return result.report
}
