// The life of a mandate, cell by cell, and of its uses. A cell that is changed by accident fails here by name.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { PAYMENT_STATUSES } from '../payment/states.ts'
import { EXECUTION_STATUSES, executionStatusOf, executionTransitions, holdsPeriod } from './execution.ts'
import type { Mandate } from './mandate.ts'
import { readMandateReport } from './report.ts'
import type { MandateReport } from './report.ts'
import { MANDATE_EVENTS, MANDATE_STATUSES, MANDATE_TABLE, mandateStep } from './states.ts'
import { givenMandate } from '../../testing/given-mandate.ts'

const INR = (minor: bigint) => money(minor, 'INR')

describe('A mandate', () => {
  const EXPECTED = `
    created  activated active    paused conflict resumed conflict revoked revoked expired expired failed failed
    active   activated same      paused paused   resumed same     revoked revoked expired expired failed conflict
    paused   activated same      paused same     resumed active   revoked revoked expired expired failed conflict
    revoked  activated same      paused same     resumed conflict revoked same    expired same    failed same
    expired  activated same      paused same     resumed conflict revoked revoked expired same    failed same
    failed   activated active!   paused conflict resumed conflict revoked revoked expired same    failed same`

  test('answers every event in every status as the table of the domain says', () => {
    const rows = EXPECTED.trim().split('\n')
    expect(rows).toHaveLength(MANDATE_STATUSES.length)
    for (const row of rows) {
      const [status = '', ...cells] = row.trim().split(/\s+/)
      const told = MANDATE_TABLE[status as keyof typeof MANDATE_TABLE]
      expect(Object.entries(told).flat(), status).toEqual(cells)
    }
  })

  test('that was revoked never becomes active again, whatever is heard in whatever order', () => {
    const events = fc.array(fc.constantFrom(...MANDATE_EVENTS), { maxLength: 12 })
    fc.assert(
      fc.property(events, (heard) => {
        let status: (typeof MANDATE_STATUSES)[number] = 'revoked'
        for (const event of heard) {
          const step = mandateStep(status, event)
          if (step.kind === 'moved') status = step.to
        }
        expect(status).toBe('revoked')
      }),
    )
  })
})

describe('A report about a mandate', () => {
  const report = (more: Partial<MandateReport> = {}): MandateReport => ({
    gatewayMandateId: 'sbm_1',
    reference: 'man_1',
    state: 'active',
    maxAmount: INR(100_000n),
    sequence: 5,
    pausedUntil: null,
    ...more,
  })
  const given = (more: Partial<Mandate> = {}) =>
    givenMandate({ maxAmount: INR(100_000n), gatewayMandateId: 'sbm_1', gatewaySequence: 4, ...more })

  test.each([
    ['activates what was created', given({ status: 'created' }), report(), { kind: 'event', event: 'activated' }],
    [
      'resumes what was paused when it is news',
      given({ status: 'paused' }),
      report(),
      { kind: 'event', event: 'resumed' },
    ],
    ['never resumes by an old word', given({ status: 'paused' }), report({ sequence: 3 }), { kind: 'stale' }],
    [
      'never resumes by a repeat',
      given({ status: 'paused' }),
      report({ sequence: 4 }),
      { kind: 'event', event: 'activated' },
    ],
    [
      'never resumes by a word that nobody can place',
      given({ status: 'paused' }),
      report({ sequence: null }),
      { kind: 'event', event: 'activated' },
    ],
    ['says nothing while it is being made', given(), report({ state: 'created' }), { kind: 'nothing' }],
    ['tells of the payer', given(), report({ state: 'revoked' }), { kind: 'event', event: 'revoked' }],
    [
      'about other terms is not believed',
      given(),
      report({ maxAmount: INR(100_001n) }),
      { kind: 'mismatch', reason: 'wrong_terms' },
    ],
    [
      'about another currency is not believed',
      given(),
      report({ maxAmount: money(100_000n, 'USD') }),
      { kind: 'mismatch', reason: 'wrong_terms' },
    ],
    [
      'about another mandate is not believed',
      given(),
      report({ gatewayMandateId: 'sbm_2' }),
      { kind: 'mismatch', reason: 'other_gateway_mandate' },
    ],
  ] as const)('%s', (_, mandate, heard, reading) => expect(readMandateReport(mandate, heard)).toEqual(reading))
})

describe('An execution', () => {
  test('has a status for every status of its payment', () => {
    const told = PAYMENT_STATUSES.map((status) => [
      status,
      executionStatusOf(status, true),
      executionStatusOf(status, false),
    ])
    expect(told.map((row) => row.join(' '))).toEqual([
      'created waiting waiting',
      'requires_action open open',
      'processing open open',
      'unknown unknown unknown',
      'failed failed canceled',
      'expired failed canceled',
      'canceled failed canceled',
      'declined declined declined',
      'authorized open open',
      'voided failed canceled',
      'captured captured captured',
    ])
  })

  test('holds its period while money may come of it, and not a moment longer', () => {
    expect(EXECUTION_STATUSES.filter(holdsPeriod)).toEqual(['waiting', 'open', 'unknown', 'captured'])
  })

  test('is never taken back from captured', () => {
    expect(executionTransitions().filter(([from]) => from === 'captured')).toEqual([])
    expect(executionTransitions()).toContainEqual(['declined', 'captured'])
    expect(executionTransitions()).toContainEqual(['declined', 'surplus'])
  })
})
