// What the sandbox gateway may answer about mandates, one scenario per reply that means something else; played and
// recorded like the others (testing/sandbox-scenarios.ts).
import { money } from '../kernel/money.ts'
import type { Given, Scenario } from './scenario.ts'

const failed = { kind: 'failed' }
const report = (state: string, more: object = {}) => ({ kind: 'report', report: { state, ...more } })
const inr = (minor: bigint) => ({ minor, currency: 'INR' })

/** Each begins with an active mandate. */
function scenario(
  kind: Scenario['kind'],
  name: string,
  says: string,
  result: object,
  { given = {}, ...more }: Partial<Scenario> & { given?: Given } = {},
): Scenario {
  return { kind, name, says, result, given: { mandate: {}, ...given }, ...more }
}

export const MANDATE_SCENARIOS: readonly Scenario[] = [
  scenario(
    'chargeMandate',
    'charge-paid',
    'a charge is captured at once and tells how its mandate stands',
    report('captured', {
      reference: 'pay_reference_2',
      amount: inr(123450n),
      captured: inr(123450n),
      captureFinal: true,
      mandate: { reference: 'man_reference_1', state: 'active', sequence: 1 },
    }),
  ),
  scenario('chargeMandate', 'charge-repeat', 'a repeat shows the same payment', report('captured'), {
    given: { before: {} },
  }),
  scenario(
    'chargeMandate',
    'charge-declined',
    'no funds is a decline of the issuer',
    report('declined', { captured: inr(0n), decline: { stage: 'authorization', code: 'insufficient_funds' } }),
    { given: { token: 'tok_mandate_declines' } },
  ),
  scenario('chargeMandate', 'charge-pending', 'the bank has not decided', report('pending'), {
    given: { token: 'tok_mandate_pending' },
  }),
  scenario(
    'chargeMandate',
    'charge-lost',
    'an answer that is lost is unknown',
    { kind: 'unknown' },
    {
      given: { token: 'tok_mandate_lost' },
    },
  ),
  scenario(
    'chargeMandate',
    'charge-asks',
    'above the limit the payer is asked',
    report('requires_action', { action: { type: 'redirect' } }),
    { input: { amount: money(1_500_001n, 'INR'), additionalFactor: true } },
  ),
  scenario('chargeMandate', 'charge-revoked', 'nothing is charged to a mandate that was revoked', failed, {
    given: { changed: 'revoke' },
  }),
  scenario('chargeMandate', 'charge-untold', 'nothing is charged that the payer was not told of', failed, {
    given: { mandate: { frequency: 'monthly' } },
  }),
  scenario('chargeMandate', 'charge-too-much', 'nothing is charged above the maximum', failed, {
    input: { amount: money(2_000_001n, 'INR') },
  }),
  scenario(
    'notifyDebit',
    'notice-sent',
    'the payer was told',
    report('succeeded', { reference: 'pdn_reference_1', amount: inr(123450n), failureReason: null }),
  ),
  scenario('notifyDebit', 'notice-repeat', 'a repeat is the same notice', report('succeeded'), {
    given: { before: {} },
  }),
  scenario('notifyDebit', 'notice-failed', 'the payer could not be told', report('failed', { failureReason: 'N1' }), {
    given: { token: 'tok_mandate_notice_fails' },
  }),
  scenario('notifyDebit', 'notice-slow', 'the payer is being told', report('pending', { failureReason: null }), {
    given: { token: 'tok_mandate_notice_slow' },
  }),
  scenario('notifyDebit', 'notice-revoked', 'nobody is told of a mandate that was revoked', failed, {
    given: { changed: 'revoke' },
  }),
  scenario('changeMandate', 'change-paused', 'paused until it is resumed', report('paused', { pausedUntil: null })),
  scenario(
    'changeMandate',
    'change-paused-until',
    'paused to its end',
    // Times are made alike when they are recorded.
    report('paused', { sequence: 2, pausedUntil: new Date('2026-11-20T10:00:00.000Z') }),
    { input: { pauseEndsAt: new Date('2089-01-01T00:00:00.000Z') } },
  ),
  scenario('changeMandate', 'change-resumed', 'resumed', report('active', { sequence: 3 }), {
    given: { changed: 'pause' },
    input: { change: 'resume' },
  }),
  scenario('changeMandate', 'change-revoked', 'revoked', report('revoked', { maxAmount: inr(2_000_000n) }), {
    input: { change: 'revoke' },
  }),
  scenario('changeMandate', 'change-repeat', 'revoked already', report('revoked', { sequence: 2 }), {
    given: { changed: 'revoke' },
    input: { change: 'revoke' },
  }),
  scenario('changeMandate', 'change-refused', 'what was revoked is not resumed', failed, {
    given: { changed: 'revoke' },
    input: { change: 'resume' },
  }),
  scenario('syncMandate', 'mandate-active', 'active', report('active', { sequence: 1, pausedUntil: null })),
  scenario('syncMandate', 'mandate-paused', 'paused', report('paused', { sequence: 2 }), {
    given: { changed: 'pause' },
  }),
  scenario('syncMandate', 'mandate-revoked', 'revoked', report('revoked'), { given: { changed: 'revoke' } }),
  scenario('syncMandate', 'mandate-too-many', 'a question that was refused says nothing', failed, {
    fault: { fault: 'refuse', status: 429 },
  }),
]
