// The Juspay connector against the conformance suite and the samples of its public documents (fixtures/, restated from
// wire juspay), which need neither gateway nor database. Whole payments are played in test/journeys/juspay-gateway.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Value } from 'typebox/value'
import { money } from '../../kernel/money.ts'
import { describeConnector, INPUTS, reportOf } from '../../testing/describe-connector.ts'
import type { ExchangeKind, Recorded } from '../../testing/describe-connector.ts'
import type { WireReply } from '../contract/wire.ts'
import { toDecline } from './decline-codes.ts'
import { juspay } from './index.ts'
import { STATUS_WORDS } from './statuses.ts'
import type { StatusWord } from './statuses.ts'
import { sync } from './sync.ts'
import { basicAuth, JuspayCredentials, nameOf } from './wire.ts'

const credentials: JuspayCredentials = {
  base_url: 'https://sandbox.juspay.in',
  merchant_id: 'teahouse',
  api_key: '0A1B2C3D4E5F60718293A4B5C6D7E8F9',
  payment_page_client_id: 'picasso',
  webhook_user: 'purser',
  webhook_password: 'only-the-two-of-us-know',
}
const inr = (minor: bigint) => ({ minor, currency: 'INR' })
const state = (name: string, more: object = {}) => ({ kind: 'report', report: { state: name, ...more } })
const none = { authorized: inr(0n), captured: inr(0n) }
const onPage = { onPage: true }
const used = new Set<string>()

function body(name: string): { status: number; body: object } {
  used.add(name)
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))
}
function replyOf(name: string): WireReply {
  const sample = body(name)
  return { kind: 'reply', status: sample.status, headers: {}, body: JSON.stringify(sample.body) }
}
const at = (name: string, says: string, result: object, input: object = {}): Recorded => ({
  says,
  result,
  input,
  reply: replyOf(name),
})

const AUTHORIZE = [
  at(
    'session-new',
    'a session sends the payer to the gateway’s page until it shuts',
    state('requires_action', {
      ...none,
      gatewayPaymentId: 'pay_reference_1',
      reference: 'pay_reference_1',
      amount: inr(123450n),
      action: { type: 'redirect', url: 'https://sandbox.juspay.in/orders/ordeh_7d32/payment-page' },
      closesAt: new Date('2026-11-20T10:30:00Z'),
    }),
  ),
  at('key-invalid', 'a wrong key did nothing', { kind: 'failed' }),
  at('mandatory-missing', 'a missing field did nothing', { kind: 'failed' }),
  at('session-charged', 'a session for an order that is charged is looked at', { kind: 'unknown' }),
]
const SYNC = [
  at('order-new', 'an order that nobody tried to pay waits on its page', state('requires_action', none), onPage),
  at('order-pending', 'a payer at the bank is pending', state('pending', none), onPage),
  at(
    'order-charged',
    'charged is captured, whole and for good',
    state('captured', {
      captured: inr(123450n),
      captureFinal: true,
      facts: {
        network: 'visa',
        funding: 'credit',
        issuer: 'JP Morgan',
        bin: '411111',
        lastFour: '2354',
        rrn: '156555',
        authCode: '156555',
        gatewayTry: 'eulwh5vWyWTYCXxLXUk',
      },
    }),
    onPage,
  ),
  at('order-upi', 'a charge by UPI tells the payer’s id', state('captured', { facts: { vpa: 'asha@bank' } }), onPage),
  at(
    'order-failed',
    'a refused try on the page is told beside, and the payment goes on',
    state('requires_action', {
      ...none,
      tries: [
        {
          gatewayPaymentId: 'teahouse-pay_reference_1-1',
          amount: inr(123450n),
          decline: { stage: 'authorization', code: 'insufficient_funds', gatewayCode: '03' },
        },
      ],
    }),
    onPage,
  ),
  at(
    'order-failed',
    'a refused charge without a page is declined',
    state('declined', { ...none, decline: { code: 'insufficient_funds' } }),
  ),
  at('order-new', 'an order without a transaction was never charged, as far as it knows', { kind: 'absent' }),
  at(
    'order-new',
    'an order whose transaction is gone contradicts itself',
    { kind: 'unknown' },
    { gatewayPaymentId: 'gw_1' },
  ),
  at('order-authorized', 'authorized is held', state('authorized', { authorized: inr(123450n), captured: inr(0n) })),
  at('order-partial', 'a part is captured', state('captured', { captured: inr(100000n), captureFinal: false })),
  at('order-voided', 'voided is given back', state('voided', none)),
  at('order-cod', 'cash on delivery is no money yet', state('pending', none), onPage),
  at(
    'order-auto-refunded',
    'what Juspay took and gave back by itself is none of ours',
    state('voided', { ...none, refunds: [] }),
    onPage,
  ),
  at(
    'order-mandate',
    'a registered mandate is told of along the way',
    state('captured', {
      mandate: { gatewayMandateId: '3XME0000000000000000k8', state: 'active', maxAmount: inr(2_000_000n) },
    }),
    onPage,
  ),
  at('order-unknown', 'an order that was never seen is absent', { kind: 'absent' }, onPage),
  at('order-unknown-200', 'also with status 200', { kind: 'absent' }, onPage),
  at('order-unknown', 'an order that it named is not unknown to it', { kind: 'unknown' }, { gatewayPaymentId: 'gw_1' }),
  at('key-invalid', 'a wrong key answers no question', { kind: 'failed' }),
]
const REFUND_INPUT = { gatewayPaymentId: 'pay_reference_1' }
const SYNC_REFUND = [
  at(
    'refund-success',
    'a settled refund with its ARN',
    state('succeeded', {
      gatewayRefundId: 'pay_reference_1/ref_reference_1',
      gatewayPaymentId: 'pay_reference_1',
      amount: inr(123450n),
      arn: '74332741327',
    }),
    REFUND_INPUT,
  ),
  at('refund-failure', 'a failed refund with its code', state('failed', { gatewayCode: '105' }), REFUND_INPUT),
  at('refund-review', 'one that a person looks at', state('review'), REFUND_INPUT),
  at('refund-pending', 'one under way', state('pending'), REFUND_INPUT),
  at('order-charged', 'an order without refunds has none of ours', { kind: 'absent' }, REFUND_INPUT),
  at('order-charged', 'another order tells nothing', { kind: 'unknown' }, { gatewayPaymentId: 'gw_1' }),
]

describeConnector(juspay, {
  credentials,
  secrets: [
    credentials.api_key,
    basicAuth(credentials.api_key, ''),
    'tkn_0123456789abcdef0123456789abcdef',
    'ct_test_0123456789abcdef',
  ],
  inputs: { authorize: { instrument: { method: 'gateway_page' } }, refund: REFUND_INPUT, syncRefund: REFUND_INPUT },
  recorded: {
    authorize: AUTHORIZE,
    capture: [
      at('order-charged', 'captures', state('captured', { captured: inr(123450n) })),
      at('order-partial', 'captures a part', state('captured', { captured: inr(100000n) })),
      at('void-charged', 'a refused one did nothing', { kind: 'failed' }),
    ],
    void: [
      at('order-voided', 'gives the hold back', state('voided')),
      at('order-void-initiated', 'a void under way still holds', state('authorized', { authorized: inr(123450n) })),
      at('void-charged', 'what is charged cannot be voided', { kind: 'failed' }),
    ],
    refund: [
      at('refund-pending', 'is taken', state('pending', { reference: 'ref_reference_1', amount: inr(123450n) })),
      at('refund-duplicate', 'one that may be there already is asked about', { kind: 'unknown' }),
      at('refund-exceeded', 'too much is refused', { kind: 'failed' }),
      at('refund-unsuccessful', 'of an order that was never paid is refused', { kind: 'failed' }),
      at('order-charged', 'an order that does not show it is asked about', { kind: 'unknown' }),
    ],
    sync: SYNC,
    syncRefund: SYNC_REFUND,
    chargeMandate: [
      at('txn-charged', 'a charge is pending until the order tells its amount', state('pending', none)),
      at('txn-not-active', 'a refusal that may be about a repeat is asked about', { kind: 'unknown' }),
      at('key-invalid', 'a wrong key did nothing', { kind: 'failed' }),
    ],
    changeMandate: [
      at('mandate-paused', 'is paused until its end', {
        kind: 'report',
        report: { state: 'paused', pausedUntil: new Date('2026-12-20T10:00:00Z'), maxAmount: inr(2_000_000n) },
      }),
      at('mandate-revoked', 'is revoked', state('revoked', { maxAmount: inr(2_000_000n) }), { change: 'revoke' }),
      at('mandate-resumed', 'is active again', state('active', { pausedUntil: null }), { change: 'resume' }),
      at('mandate-invalid-command', 'an unknown command is asked about', { kind: 'unknown' }),
    ],
    syncMandate: [at('mandate-status', 'is active', state('active', { sequence: 1_598_781_250 }))],
    notifyDebit: [
      at(
        'notice-success',
        'the payer was told',
        state('succeeded', { gatewayNoticeId: '1957074', amount: inr(123450n) }),
      ),
      at('notice-failure', 'the payer could not be told', state('failed', { failureReason: 'JP_852' })),
    ],
  },
  notifications: {
    sign: (_body, secret) => ({ authorization: basicAuth(credentials.webhook_user, secret) }),
    secret: credentials.webhook_password,
    signatureHeaders: ['authorization'],
    withSecret: (other) => ({ ...credentials, webhook_password: other }),
    signsBody: false,
    toleranceMs: null,
    examples: [
      claim('webhook-order', 'an order claims its amount', 'payment_claim', { amount: money(123450n, 'INR') }),
      claim('webhook-txn', 'a transaction claims that of its order', 'payment_claim', {
        amount: money(123450n, 'INR'),
      }),
      claim('webhook-refund-as-text', 'older ones write numbers as text', 'payment_claim', {
        amount: money(123450n, 'INR'),
      }),
      claim('webhook-mandate', 'a mandate is named', 'mandate_claim', { gatewayMandateId: 'gw_mandate_1' }),
      claim('webhook-notification', 'a notice names its mandate', 'mandate_claim', {
        gatewayMandateId: 'gw_mandate_1',
      }),
      {
        says: 'a currency that does not exist is not read',
        body: JSON.stringify(body('webhook-order').body).replace('"INR"', '"ZZZ"'),
        content: undefined,
      },
    ],
  },
})

function claim(name: string, says: string, kind: string, told: object) {
  const sample = body(name).body
  const named = kind === 'payment_claim' ? { gatewayPaymentId: 'pay_reference_1', reference: 'pay_reference_1' } : {}
  const content = { gatewayEventId: Reflect.get(sample, 'id'), reports: [{ kind, claim: { ...named, ...told } }] }
  return { says, body: JSON.stringify(sample), content }
}

// What each word comes to: on the page, and for a charge without one.
const EXPECTED: Readonly<Record<StatusWord, readonly [page: string, direct: string]>> = {
  NEW: ['requires_action', 'absent'],
  CREATED: ['requires_action', 'absent'],
  STARTED: ['pending', 'pending'],
  PENDING: ['pending', 'pending'],
  PENDING_AUTHENTICATION: ['pending', 'pending'],
  PENDING_VBV: ['pending', 'pending'],
  VBV_SUCCESSFUL: ['pending', 'pending'],
  AUTHORIZING: ['pending', 'pending'],
  AUTHORIZED: ['authorized', 'authorized'],
  CAPTURE_INITIATED: ['authorized', 'authorized'],
  CAPTURE_FAILED: ['authorized', 'authorized'],
  CHARGED: ['captured', 'captured'],
  SUCCESS: ['captured', 'captured'],
  PARTIAL_CHARGED: ['captured', 'captured'],
  TO_BE_CHARGED: ['pending', 'pending'],
  COD_INITIATED: ['pending', 'pending'],
  VOID_INITIATED: ['authorized', 'authorized'],
  VOID_FAILED: ['authorized', 'authorized'],
  VOIDED: ['voided', 'voided'],
  MERCHANT_VOIDED: ['voided', 'voided'],
  AUTO_VOIDED: ['voided', 'voided'],
  AUTO_REFUNDED: ['voided', 'voided'],
  AUTHENTICATION_FAILED: ['requires_action', 'declined'],
  AUTHORIZATION_FAILED: ['requires_action', 'declined'],
  JUSPAY_DECLINED: ['requires_action', 'declined'],
  DECLINED: ['requires_action', 'declined'],
  FAILURE: ['requires_action', 'declined'],
  NOP: ['unknown', 'unknown'],
  ERROR: ['unknown', 'unknown'],
  NOT_FOUND: ['unknown', 'unknown'],
}

function withStatus(word: string, more: object = {}): WireReply {
  const order = { ...body('order-partial').body, status: word, ...more }
  return { kind: 'reply', status: 200, headers: {}, body: JSON.stringify(order) }
}
const comesTo = (reply: WireReply, page: boolean) => {
  const result = sync.fromReply(reply, { ...INPUTS.sync, onPage: page })
  return result.kind === 'report' ? result.report.state : result.kind
}

describe('A status', () => {
  test.each(STATUS_WORDS)('%s means the same wherever it is told', (word) => {
    expect([comesTo(withStatus(word), true), comesTo(withStatus(word), false)]).toEqual(EXPECTED[word])
  })

  test('that nobody knows is unknown, never failed', () => {
    for (const word of ['MELTED', 'charged', ' CHARGED', 'constructor', '__proto__', 'CANCELLED', 'FAILED']) {
      expect([comesTo(withStatus(word), true), comesTo(withStatus(word), false)]).toEqual(['unknown', 'unknown'])
    }
  })

  test('counts by its text: the number beside it says nothing', () => {
    for (const status_id of [21, 40, -1, '21', null]) {
      expect(comesTo(withStatus('AUTHORIZED', { status_id }), true)).toBe('authorized')
    }
  })

  test('refused without anybody having tried ends the order', () => {
    expect(comesTo(withStatus('JUSPAY_DECLINED', { txn_id: null, txn_uuid: null }), true)).toBe('canceled')
  })
})

describe('The Juspay connector', () => {
  test('names orders and refunds within Juspay’s limits, and never two alike', () => {
    const ids = ['pay_0mwpb9g577glb2svogwl9u4ovm', 'pay_0mwpb9g577glb2svogwl9u4ovn']
    expect(ids.map(nameOf)).toEqual(['77glb2svogwl9u4ovm', '77glb2svogwl9u4ovn'])
  })

  test('asks for a mandate with the terms as Juspay writes them', () => {
    const terms = {
      reference: 'man_1',
      maxAmount: money(2_000_000n, 'INR'),
      amountRule: 'variable',
      frequency: 'half_yearly',
      dayRule: { rule: 'after', day: 30 },
      startsAt: new Date('2020-08-30T00:00:00Z'),
      endsAt: new Date('2050-08-30T00:00:00Z'),
      revocableByCustomer: true,
      blockFunds: false,
      registrationUsesPeriod: false,
    } as const
    const request = juspay.authorize?.toRequest({ ...INPUTS.authorize, mandate: terms }, credentials)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      customer_id: 'man_1',
      'options.create_mandate': 'REQUIRED',
      'mandate.max_amount': '20000.00',
      'mandate.frequency': 'HALFYEARLY',
      'mandate.rule_type': 'AFTER',
      'mandate.rule_value': '30',
      'mandate.start_date': '1598745600',
    })
  })

  test('reads amounts as numbers and as text, with decimals that say nothing', () => {
    for (const amount of [1234.5, '1234.5', '1234.50', ' 1234.500 ']) {
      const result = sync.fromReply(withStatus('CHARGED', { amount }), { ...INPUTS.sync, onPage: true })
      expect(reportOf(result).captured).toEqual(money(123450n, 'INR'))
    }
    for (const amount of ['1234.505', '1,234.50', '1e3', 'NaN', '']) {
      expect(comesTo(withStatus('CHARGED', { amount }), true)).toBe('unknown')
    }
  })

  test('sends the payer nowhere but to the web', () => {
    const links = { payment_links: { web: 'javascript:alert(1)//https://x' } }
    expect(comesTo(withStatus('NEW', links), true)).toBe('unknown')
  })

  test('knows reasons by code, by text, by stage, and else keeps the code', () => {
    expect(toDecline('authorization', '51', '').code).toBe('insufficient_funds')
    expect(toDecline('authorization', 'U30', 'Not sufficient funds').code).toBe('insufficient_funds')
    expect(toDecline('authentication', 'x', '').code).toBe('authentication_failed')
    expect(toDecline('risk', 'constructor', '')).toEqual({ stage: 'risk', code: 'other', gatewayCode: 'constructor' })
  })

  test('asks for credentials that can work', () => {
    expect(Value.Check(JuspayCredentials, credentials)).toBe(true)
    const wrong = [
      { base_url: 'https://sandbox.juspay.in/' },
      { base_url: 'https://user@sandbox.juspay.in' },
      { base_url: 'ftp://sandbox.juspay.in' },
      { api_key: 'with:colon-and-long-enough' },
      { webhook_user: 'tea house' },
      { webhook_password: 'short' },
      { merchant_id: '' },
      { payment_page_client_id: undefined },
    ]
    for (const change of wrong) expect(Value.Check(JuspayCredentials, { ...credentials, ...change })).toBe(false)
  })

  test('leaves no sample unused', () => {
    const files = readdirSync(new URL('fixtures', import.meta.url))
    expect(used).toEqual(new Set(files.map((file) => file.replace(/\.json$/, ''))))
  })

  test('has a sample for everything that it can', () => {
    const kinds: readonly ExchangeKind[] = ['authorize', 'capture', 'void', 'refund', 'sync', 'syncRefund']
    for (const kind of kinds) expect(juspay[kind]).toBeDefined()
    expect(juspay.cancel).toBeUndefined()
  })
})
