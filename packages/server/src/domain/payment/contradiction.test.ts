import { describe, expect, test } from 'vitest'
import { money, zero } from '../../kernel/money.ts'
import { contradiction } from './contradiction.ts'
import { PERSON_OUTCOMES } from './record.ts'
import type { PaymentRecord, PersonOutcome } from './record.ts'
import type { PaymentReport, ReportedState } from './report.ts'

const inr = (minor: number) => money(BigInt(minor), 'INR')
const NONE = zero('INR')
const STATES: readonly ReportedState[] = [
  'requires_action',
  'pending',
  'authorized',
  'captured',
  'declined',
  'voided',
  'canceled',
  'expired',
]

function decided(personOutcome: PersonOutcome | null): PaymentRecord {
  const amountCaptured = personOutcome === 'captured' ? inr(1000) : NONE
  return { personOutcome, amountCaptured } as PaymentRecord
}

function report(state: ReportedState, captured = state === 'captured' ? inr(1000) : NONE): PaymentReport {
  const none = { reference: null, authorized: NONE, captureFinal: true, facts: {} }
  return { ...none, gatewayPaymentId: 'g', amount: inr(1000), state, captured }
}

// A gateway that says one of these contradicts the person.
const AGAINST: Record<PersonOutcome, readonly ReportedState[]> = {
  captured: ['authorized', 'declined', 'voided', 'canceled', 'expired'],
  authorized: ['declined', 'canceled'],
  voided: ['authorized', 'captured', 'declined'],
  declined: ['authorized', 'captured', 'voided'],
  failed: ['authorized', 'captured', 'voided'],
}

describe.each(PERSON_OUTCOMES)('A person who decided %s', (outcome) => {
  test.each(STATES)('and a gateway that says %s', (state) => {
    const found = contradiction(decided(outcome), { kind: 'report', report: report(state) })
    expect(found !== undefined).toBe(AGAINST[outcome].includes(state))
    if (found !== undefined) expect(found).toMatchObject({ kind: 'person_contradicted', details: { decided: outcome } })
  })
})

test('Less captured than a person said contradicts it; news that is no report does not', () => {
  const less = contradiction(decided('captured'), { kind: 'report', report: report('captured', inr(999)) })
  expect(less).toMatchObject({ details: { reported_captured: '999' } })
  expect(contradiction(decided('captured'), { kind: 'unknown', reason: 'silence' })).toBeUndefined()
  expect(contradiction(decided(null), { kind: 'report', report: report('captured') })).toBeUndefined()
})
