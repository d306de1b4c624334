// What can come back from the sandbox gateway, one scenario per reply that means something else. The same list is
// played against the real gateway (connectors/sandbox/recordings.test.ts), which writes the recorded replies, and
// against the recorded replies (connectors/sandbox/sandbox.test.ts), which need neither gateway nor database.
import type { ExchangeKind } from './describe-connector.ts'
import { CustomerId } from '../kernel/ids.ts'
import { MANDATE_SCENARIOS } from './mandate-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { HOLD_LASTS_MS, PAYER_STEP_LASTS_MS } from '../sandbox-gateway/book/payment.ts'

const failed = { kind: 'failed' }
const unknown = { kind: 'unknown' }
const state = (name: string, more: object = {}) => ({ kind: 'report', report: { state: name, ...more } })
const inr = (minor: bigint) => ({ minor, currency: 'INR' })
const ASHA = CustomerId.parse(`cus_${'0'.repeat(26)}`)
const card = (token: string) => ({ instrument: { method: 'card', token } })
// Addresses and ids are made alike when they are recorded (testing/record-scenario.ts).
const pageOf = (page: string) => `https://sandbox.example/sandbox/${page}/${'0'.repeat(64)}`
const DAY_MS = 86_400_000

const AUTHORIZE: readonly Scenario[] = [
  scenario(
    'authorize',
    'authorize-paid',
    'a sale is captured at once',
    state('captured', {
      amount: inr(123450n),
      authorized: inr(123450n),
      captured: inr(123450n),
      captureFinal: true,
      reference: 'pay_reference_1',
      facts: { network: 'visa', lastFour: '0001', funding: 'credit' },
    }),
  ),
  scenario(
    'authorize',
    'authorize-held',
    'a hold is authorized and nothing is captured',
    state('authorized', { authorized: inr(123450n), captured: inr(0n), captureFinal: false }),
    { input: { capture: 'manual' } },
  ),
  scenario(
    'authorize',
    'authorize-declined',
    'no funds is a decline of the issuer',
    state('declined', {
      authorized: inr(0n),
      decline: { stage: 'authorization', code: 'insufficient_funds', gatewayCode: '51' },
    }),
    { input: card('tok_decline_insufficient_funds') },
  ),
  scenario(
    'authorize',
    'authorize-fraud',
    'suspected fraud is a decline of its own stage',
    state('declined', { decline: { stage: 'risk', code: 'suspected_fraud' } }),
    { input: card('tok_decline_suspected_fraud') },
  ),
  scenario(
    'authorize',
    'authorize-3ds',
    'a bank step sends the payer on',
    state('requires_action', { action: { type: 'redirect', url: pageOf('acs') } }),
    { input: card('tok_3ds_approve') },
  ),
  scenario(
    'authorize',
    'authorize-upi-intent',
    'UPI answers with a link for the payer’s app',
    state('requires_action', { action: { type: 'upi_intent' } }),
    { input: { instrument: { method: 'upi', flow: 'intent' } } },
  ),
  scenario(
    'authorize',
    'authorize-upi-collect',
    'a collect request waits for the payer’s app',
    state('requires_action', { action: { type: 'upi_collect', vpa: 'success@sandbox' } }),
    { input: { instrument: { method: 'upi', flow: 'collect', vpa: 'success@sandbox' } } },
  ),
  scenario(
    'authorize',
    'authorize-netbanking',
    'net banking sends the payer to the bank',
    state('requires_action', { action: { type: 'redirect', url: pageOf('bank') } }),
    { input: { instrument: { method: 'netbanking', bank: 'sandbox_bank' } } },
  ),
  scenario('authorize', 'authorize-wallet', 'a wallet pays at once', state('captured'), {
    input: { instrument: { method: 'wallet', wallet: 'sandbox_wallet' } },
  }),
  scenario(
    'authorize',
    'authorize-keeping-card',
    'a card that is to be kept comes back with a name to pay with',
    state('captured', {
      kept: {
        kind: 'card',
        gatewayMethodId: `svi_${'0'.repeat(32)}`,
        lastFour: '0001',
        expiry: { month: 12, year: 2090 },
        network: 'visa',
        funding: 'credit',
        issuer: 'Sandbox Bank',
        bin: '400000',
      },
    }),
    { input: { ...card('tok_approve'), keepFor: ASHA } },
  ),
  scenario('authorize', 'authorize-saved-by-nobody', 'a name that the gateway never gave changed nothing', failed, {
    input: { instrument: { method: 'card', gatewayMethodId: 'svi_of_nobody', customerId: ASHA } },
  }),
  scenario(
    'authorize',
    'authorize-pending',
    'a bank that thinks is pending',
    state('pending', { authorized: inr(0n), captured: inr(0n) }),
    { input: card('tok_pending_approve') },
  ),
  scenario('authorize', 'authorize-repeat', 'a repeat shows the same payment', state('captured'), {
    given: { before: {} },
  }),
  scenario(
    'authorize',
    'authorize-reference-reused',
    'another body under our reference is unknown: something of that name exists',
    unknown,
    { given: { before: { description: 'Another thing' } } },
  ),
  scenario('authorize', 'authorize-no-instrument', 'an instrument that does not exist changed nothing', failed, {
    input: card('tok_of_nobody'),
  }),
  scenario('authorize', 'authorize-stranger', 'a wrong key changed nothing', failed, { asStranger: true }),
  scenario('authorize', 'authorize-too-many', 'too many requests changed nothing', failed, {
    fault: { fault: 'refuse', status: 429 },
  }),
  scenario('authorize', 'authorize-conflict', 'a conflict changed nothing', failed, {
    fault: { fault: 'refuse', status: 409 },
  }),
  scenario('authorize', 'authorize-error', 'an error of the gateway’s is unknown', unknown, {
    fault: { fault: 'http_500' },
  }),
  scenario('authorize', 'authorize-garbage', 'a page instead of an answer is unknown', unknown, {
    fault: { fault: 'garbage' },
  }),
  scenario(
    'authorize',
    'authorize-wrong-amount',
    'reports what the gateway says, not what we asked',
    state('captured', { amount: inr(123451n), captured: inr(123451n) }),
    { fault: { fault: 'wrong_amount' } },
  ),
]

const CAPTURE_AND_VOID: readonly Scenario[] = [
  scenario(
    'capture',
    'capture-part',
    'part of a hold is captured and more can be',
    state('captured', { captured: inr(100_00n), captureFinal: false }),
    { given: { capture: 'manual' }, input: { amount: inr(100_00n), final: false } },
  ),
  scenario(
    'capture',
    'capture-second-part',
    'totals are told, not differences',
    state('captured', { captured: inr(300_00n), authorized: inr(123450n), captureFinal: true }),
    {
      given: { capture: 'manual', captured: { minor: 100_00n, final: false } },
      input: { amount: inr(200_00n), final: true },
    },
  ),
  scenario(
    'capture',
    'capture-repeat',
    'a repeat shows the payment as it stands',
    state('captured', { captured: inr(123450n) }),
    { given: { capture: 'manual', before: {} } },
  ),
  scenario('capture', 'capture-too-much', 'more than is held changed nothing', failed, {
    given: { capture: 'manual' },
    input: { amount: inr(123451n) },
  }),
  scenario('capture', 'capture-closed', 'a capture of a closed payment changed nothing', failed, {
    given: { capture: 'manual', captured: { minor: 100_00n, final: true } },
    input: { amount: inr(1n) },
  }),
  scenario(
    'capture',
    'capture-refused',
    'the issuer’s no is a decline',
    { kind: 'declined', decline: { code: 'do_not_honor', gatewayCode: '05' } },
    { given: { capture: 'manual', token: 'tok_capture_fails' } },
  ),
  scenario('capture', 'capture-not-found', 'a payment that the gateway does not know cannot be captured', failed),
  scenario('void', 'void-released', 'a hold is released', state('voided', { captured: inr(0n) }), {
    given: { capture: 'manual' },
  }),
  scenario('void', 'void-repeat', 'a repeat shows the released hold', state('voided'), {
    given: { capture: 'manual', before: {} },
  }),
  scenario('void', 'void-unanswered', 'a payment that the payer has not answered is canceled', state('canceled'), {
    given: { token: 'tok_3ds_approve' },
  }),
  scenario('void', 'void-captured', 'what is captured is not released', failed, { given: {} }),
  scenario('cancel', 'cancel-waiting', 'a payment that waits for its payer is canceled', state('canceled'), {
    given: { token: 'tok_3ds_approve' },
  }),
  scenario('cancel', 'cancel-repeat', 'a repeat shows the canceled payment', state('canceled'), {
    given: { token: 'tok_3ds_approve', before: {} },
  }),
  scenario('cancel', 'cancel-paid', 'what the payer approved first is not canceled', failed, {
    given: { token: 'tok_3ds_approve', answer: 'approve' },
  }),
]

const REFUNDS: readonly Scenario[] = [
  scenario(
    'refund',
    'refund-taken',
    'a refund is taken and pending',
    {
      kind: 'report',
      report: { state: 'pending', amount: inr(123450n), reference: 'ref_reference_1' },
    },
    { given: {} },
  ),
  scenario('refund', 'refund-review', 'a refund is looked at by a person', state('review'), {
    given: { token: 'tok_refund_review' },
  }),
  scenario('refund', 'refund-repeat', 'a repeat shows the same refund', state('pending'), { given: { before: {} } }),
  scenario('refund', 'refund-too-much', 'more than was captured changed nothing', failed, {
    given: {},
    input: { amount: inr(123451n) },
  }),
  scenario('refund', 'refund-of-a-hold', 'nothing is returned that was not captured', failed, {
    given: { capture: 'manual' },
  }),
  scenario('syncRefund', 'sync-refund-pending', 'a refund on its way', state('pending', { amount: inr(100_00n) }), {
    given: { token: 'tok_refund_slow', refunded: 100_00n },
  }),
  scenario(
    'syncRefund',
    'sync-refund-returned',
    'a refund that arrived has the acquirer’s number',
    state('succeeded', { amount: inr(100_00n), arn: '749356316904' }),
    { given: { refunded: 100_00n, advanceMs: 1_000 } },
  ),
  scenario(
    'syncRefund',
    'sync-refund-failed',
    'a refund that failed, with the gateway’s code',
    state('failed', { gatewayCode: 'R1' }),
    { given: { token: 'tok_refund_fails', refunded: 100_00n, advanceMs: 1_000 } },
  ),
  scenario(
    'syncRefund',
    'sync-refund-absent',
    'a refund that the gateway has never seen',
    { kind: 'absent' },
    { given: {} },
  ),
  scenario(
    'syncRefund',
    'sync-refund-lost',
    'a refund that the gateway named and no longer knows is unknown',
    unknown,
    { given: {}, input: { gatewayRefundId: 'sbr_nobody' } },
  ),
]

const SYNC: readonly Scenario[] = [
  scenario('sync', 'sync-paid', 'paid', state('captured', { captureFinal: true }), { given: {} }),
  scenario('sync', 'sync-absent', 'never seen', { kind: 'absent' }),
  scenario('sync', 'sync-lost', 'a payment that the gateway named and no longer knows is unknown', unknown, {
    input: { gatewayPaymentId: 'sbp_nobody' },
  }),
  scenario(
    'sync',
    'sync-part-captured',
    'captured in part, and open for more',
    state('captured', { captured: inr(100_00n), captureFinal: false }),
    { given: { capture: 'manual', captured: { minor: 100_00n, final: false } } },
  ),
  scenario('sync', 'sync-voided', 'released', state('voided'), { given: { capture: 'manual', voided: true } }),
  scenario('sync', 'sync-lapsed', 'a hold that ran out', state('expired', { authorized: inr(123450n) }), {
    given: { capture: 'manual', advanceMs: HOLD_LASTS_MS },
  }),
  scenario('sync', 'sync-unanswered', 'a step that nobody answered', state('expired', { authorized: inr(0n) }), {
    given: { token: 'tok_3ds_approve', advanceMs: PAYER_STEP_LASTS_MS },
  }),
  scenario('sync', 'sync-canceled', 'canceled by the payer', state('canceled'), {
    given: { token: 'tok_3ds_approve', answer: 'cancel' },
  }),
  scenario(
    'sync',
    'sync-authentication-failed',
    'a step that failed',
    state('declined', { decline: { stage: 'authentication', code: 'authentication_failed' } }),
    { given: { token: 'tok_3ds_approve', answer: 'fail' } },
  ),
  scenario('sync', 'sync-pending', 'pending', state('pending'), { given: { token: 'tok_pending_approve' } }),
  scenario('sync', 'sync-after-pending', 'pending, then approved', state('captured'), {
    given: { token: 'tok_pending_approve', advanceMs: DAY_MS },
  }),
  scenario('sync', 'sync-too-many', 'a question that was refused says nothing about the payment', failed, {
    fault: { fault: 'refuse', status: 429 },
  }),
]

function scenario(
  kind: ExchangeKind,
  name: string,
  says: string,
  result: object,
  more: Partial<Scenario> = {},
): Scenario {
  return { kind, name, says, result, ...more }
}

export const SANDBOX_SCENARIOS: readonly Scenario[] = [
  ...AUTHORIZE,
  ...CAPTURE_AND_VOID,
  ...REFUNDS,
  ...SYNC,
  ...MANDATE_SCENARIOS,
]
