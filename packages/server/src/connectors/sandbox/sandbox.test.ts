// The sandbox connector against the conformance suite and the replies recorded from the real gateway
// (recordings.test.ts), which need neither gateway nor database here.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DECLINES } from '../../domain/payment/decline-codes.ts'
import { hmacSha256 } from '../../kernel/hmac.ts'
import { money } from '../../kernel/money.ts'
import { SANDBOX_INSTRUMENTS } from '../../sandbox-gateway/index.ts'
import { describeConnector, INPUTS } from '../../testing/describe-connector.ts'
import type { ExchangeKind, Recorded } from '../../testing/describe-connector.ts'
import type { Recording } from '../../testing/record-scenario.ts'
import { SANDBOX_SCENARIOS } from '../../testing/sandbox-scenarios.ts'
import { authorize } from './authorize.ts'
import { toDecline } from './decline-codes.ts'
import { sandbox } from './index.ts'
import { notifications, TOLERANCE_MS } from './notifications.ts'

const secret = `ns_sandbox_${'5'.repeat(64)}`
const credentials = {
  base_url: 'https://sandbox.example',
  api_key: `sk_sandbox_${'a'.repeat(64)}`,
  notification_secret: secret,
}

function sign(body: Buffer, by: string, at: Date): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000).toString()
  const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body])
  return {
    'x-sandbox-event-id': 'sbe_1',
    'x-sandbox-timestamp': timestamp,
    'x-sandbox-signature': `v1=${hmacSha256(by, signed).toString('hex')}`,
  }
}

describeConnector(sandbox, {
  credentials,
  secrets: [credentials.api_key, credentials.notification_secret, 'tok_of_a_card', '0'.repeat(64)],
  recorded: {
    authorize: recordedOf('authorize'),
    capture: recordedOf('capture'),
    void: recordedOf('void'),
    cancel: recordedOf('cancel'),
    refund: recordedOf('refund'),
    sync: recordedOf('sync'),
    syncRefund: recordedOf('syncRefund'),
    chargeMandate: recordedOf('chargeMandate'),
    notifyDebit: recordedOf('notifyDebit'),
    changeMandate: recordedOf('changeMandate'),
    syncMandate: recordedOf('syncMandate'),
  },
  notifications: {
    sign,
    secret,
    signatureHeaders: ['x-sandbox-timestamp', 'x-sandbox-signature'],
    withSecret: (other) => ({ ...credentials, notification_secret: other }),
    toleranceMs: TOLERANCE_MS,
    listed: (headers, count) => ({
      ...headers,
      'x-sandbox-signature': [
        ...Array.from({ length: count - 1 }, () => `v1=${'0'.repeat(64)}`),
        headers['x-sandbox-signature'],
      ].join(','),
    }),
    examples: [
      {
        says: 'reads a paid payment with its totals',
        body: notification('notification-payment'),
        content: {
          gatewayEventId: expect.stringMatching(/^sbe_/),
          reports: [
            {
              kind: 'payment',
              report: {
                reference: 'pay_reference_1',
                state: 'captured',
                captured: money(123450n, 'INR'),
                captureFinal: true,
              },
            },
          ],
        },
      },
      {
        says: 'reads a settled refund',
        body: notification('notification-refund'),
        content: {
          reports: [
            {
              kind: 'refund',
              report: { reference: 'ref_reference_1', state: 'succeeded', amount: money(10000n, 'INR') },
            },
          ],
        },
      },
      {
        says: 'does not read a status that it does not know',
        body: notification('notification-payment').replace('"PAID"', '"MELTED"'),
        content: undefined,
      },
      {
        says: 'does not read a currency that does not exist',
        body: notification('notification-payment').replace('"INR"', '"ZZZ"'),
        content: undefined,
      },
    ],
  },
})

describe('the sandbox connector', () => {
  test.each([
    ['INR', 123450n, '1234.50'],
    ['INR', 1n, '0.01'],
    ['JPY', 123450n, '123450'],
    ['KWD', 123450n, '123.450'],
    ['INR', 10n ** 13n, '100000000000.00'],
  ] as const)('sends %s %i as "%s"', (currency, minor, text) => {
    const request = authorize.toRequest({ ...INPUTS.authorize, amount: money(minor, currency) }, credentials)
    expect(JSON.parse(request.body ?? '')).toMatchObject({ amount: text, currency })
  })

  test('asks by the gateway’s id once it is known', () => {
    const url = (gatewayPaymentId: string | null) =>
      sandbox.sync.toRequest({ ...INPUTS.sync, gatewayPaymentId }, credentials).url
    expect(url(null)).toBe('https://sandbox.example/sandbox/v1/payments/by-reference/pay_reference_1')
    expect(url('sbp_1')).toBe('https://sandbox.example/sandbox/v1/payments/sbp_1')
    expect(url('../../accounts')).toBe('https://sandbox.example/sandbox/v1/payments/..%2F..%2Faccounts')
  })

  test('knows a plain reason for every decline code of ours', () => {
    const tokens = SANDBOX_INSTRUMENTS.flatMap(({ key }) => (key.startsWith('tok_decline_') ? [key.slice(12)] : []))
    expect(new Set(tokens)).toEqual(new Set(Object.keys(DECLINES)))
    expect(toDecline('a code of tomorrow')).toEqual({
      stage: 'authorization',
      code: 'other',
      gatewayCode: 'a code of tomorrow',
    })
    expect(toDecline('constructor').code).toBe('other')
  })

  test('sends the payer nowhere but to the web', () => {
    const { reply } = recording('authorize-3ds')
    if (reply.kind !== 'reply') throw new Error('The recording is a reply.')
    const body = reply.body.replace('https://sandbox.example', 'javascript:alert(1)//')
    expect(authorize.fromReply({ ...reply, body }, INPUTS.authorize).kind).toBe('unknown')
  })

  test('scrubs the payer’s pages out of replies, also inside a UPI link', () => {
    for (const name of ['authorize-3ds', 'authorize-upi-intent']) {
      const { reply } = recording(name)
      expect(JSON.stringify(reply)).toContain('0'.repeat(64))
      expect(sandbox.scrub(JSON.stringify(reply))).not.toContain('0'.repeat(64))
    }
  })

  test('never throws at a notification without headers as an object', () => {
    const headers = { 'x-sandbox-signature': ['v1=00'], 'x-sandbox-timestamp': 7 } as unknown as Record<string, string>
    expect(notifications.verify({ headers, body: Buffer.from('') }, credentials, new Date(0)).ok).toBe(false)
  })
})

function recordedOf(kind: ExchangeKind): Recorded[] {
  return SANDBOX_SCENARIOS.filter((scenario) => scenario.kind === kind).map(({ name, says, result, input = {} }) => ({
    says,
    result,
    input,
    reply: recording(name).reply,
  }))
}

function recording(name: string): Recording {
  return JSON.parse(read(name)) as Recording
}

function notification(name: string): string {
  return (JSON.parse(read(name)) as { body: string }).body
}

function read(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')
}
