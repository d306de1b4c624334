import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { eventsOf, mismatch, transition } from './payment.ts'
import type { Payment, PaymentEvent } from './payment.ts'
import type { PaymentReport, ReportedState } from './report.ts'
import { PAYMENT_EVENTS, PAYMENT_STATUSES } from './states.ts'

const inr = (minor: number) => money(BigInt(minor), 'INR')
const fresh: Payment = {
  status: 'processing',
  amount: inr(1000),
  amountAuthorized: inr(0),
  amountCaptured: inr(0),
  captureFinal: false,
}

function eventOf(type: (typeof PAYMENT_EVENTS)[number], minor = 1000): PaymentEvent {
  if (type === 'authorized' || type === 'lapsed') return { type, total: inr(minor) }
  if (type === 'captured') return { type, total: inr(minor), final: true }
  return { type }
}

function run(events: readonly PaymentEvent[], start: Payment = fresh): Payment {
  let payment = start
  for (const event of events) {
    const step = transition(payment, event)
    if (step.kind === 'moved') payment = step.payment
  }
  return payment
}

describe('what a report does to a payment', () => {
  test('captures part of a hold, and a later total takes up the rest', () => {
    const held = run([{ type: 'authorized', total: inr(1000) }])
    const part = run([{ type: 'captured', total: inr(400), final: false }], held)
    expect(part).toMatchObject({ status: 'captured', amountCaptured: inr(400), captureFinal: false })
    const whole = run([{ type: 'captured', total: inr(1000), final: true }], part)
    expect(whole).toMatchObject({ status: 'captured', amountCaptured: inr(1000), captureFinal: true })
  })

  test('does not lose captured money to an older, smaller total', () => {
    const captured = run([eventOf('captured', 1000)])
    expect(transition(captured, { type: 'captured', total: inr(400), final: false })).toEqual({ kind: 'same' })
  })

  test('refuses to believe more than the amount, or another currency', () => {
    expect(transition(fresh, eventOf('captured', 1001))).toEqual({ kind: 'conflict', reason: 'exceeds_amount' })
    expect(transition(fresh, eventOf('authorized', 1001))).toEqual({ kind: 'conflict', reason: 'exceeds_amount' })
    const euros = { type: 'captured', total: money(1000n, 'EUR'), final: true } as const
    expect(transition(fresh, euros)).toEqual({ kind: 'conflict', reason: 'wrong_currency' })
  })

  test.each(['declined', 'failed', 'voided', 'expired', 'canceled', 'unknown'] as const)(
    'follows money that arrives after %s',
    (status) => {
      const late = transition({ ...fresh, status }, eventOf('captured'))
      expect(late).toMatchObject({ kind: 'moved', payment: { status: 'captured', amountCaptured: inr(1000) } })
    },
  )

  test.each(['failed', 'voided'] as const)('shows a person that %s was not the truth', (status) => {
    expect(transition({ ...fresh, status }, eventOf('captured'))).toMatchObject({ conflict: true })
  })

  test('never lets a late failure overwrite money', () => {
    for (const status of ['captured', 'authorized'] as const) {
      for (const type of ['declined', 'failed', 'expired', 'canceled', 'outcome_unknown', 'pending'] as const) {
        expect(transition({ ...fresh, status, amountAuthorized: inr(1000) }, { type })).toEqual({ kind: 'same' })
      }
    }
  })

  test('still takes an expiry where nothing happened', () => {
    for (const status of ['created', 'requires_action', 'processing', 'unknown'] as const) {
      expect(run([{ type: 'expired' }], { ...fresh, status }).status).toBe('expired')
    }
  })

  test('leaves unknown only by evidence', () => {
    const unknown: Payment = { ...fresh, status: 'unknown' }
    expect(transition(unknown, { type: 'outcome_unknown' })).toEqual({ kind: 'same' })
    for (const type of ['pending', 'declined', 'authorized', 'captured', 'voided', 'failed'] as const) {
      expect(transition(unknown, eventOf(type)).kind).toBe('moved')
    }
  })

  test('answers every event in every status', () => {
    for (const status of PAYMENT_STATUSES) {
      for (const type of PAYMENT_EVENTS) {
        expect(['moved', 'same', 'conflict']).toContain(transition({ ...fresh, status }, eventOf(type)).kind)
      }
    }
  })
})

// What a gateway may say, as totals; no report may name more than the amount.
const anyReport = fc
  .record({
    type: fc.constantFrom('declined', 'failed', 'expired', 'canceled', 'voided', 'authorized', 'captured', 'pending'),
    minor: fc.constantFrom(300, 700, 1000),
    final: fc.boolean(),
  })
  .map(({ type, minor, final }): PaymentEvent => {
    if (type === 'authorized') return { type, total: inr(1000) }
    if (type === 'captured') return { type, total: inr(minor), final: final && minor === 1000 }
    return { type: type as 'declined' }
  })

describe('any stream of reports', () => {
  test('keeps captured within authorized within amount, and never forgets captured money', () => {
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 30 }), (events) => {
        let payment = fresh
        for (const event of events) {
          const step = transition(payment, event)
          if (step.kind !== 'moved') continue
          const next = step.payment
          expect(next.amountCaptured.minor >= payment.amountCaptured.minor).toBe(true)
          expect(next.amountCaptured.minor <= next.amountAuthorized.minor).toBe(true)
          expect(next.amountAuthorized.minor <= next.amount.minor).toBe(true)
          expect(next.amountCaptured.minor > 0n).toBe(next.status === 'captured')
          payment = next
        }
      }),
      { numRuns: 20_000, seed: 20261120 },
    )
  })

  test('ends in the same status and amounts whatever the order and however often it is repeated', () => {
    const stream = fc.array(
      anyReport.filter((event) => event.type !== 'pending'),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(
        stream.chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 }),
          ),
        ),
        ([events, shuffled]) => {
          const summary = ({ status, amountCaptured, amountAuthorized }: Payment) => [
            status,
            amountCaptured.minor,
            amountAuthorized.minor,
          ]
          expect(summary(run(shuffled))).toEqual(summary(run(events)))
        },
      ),
      { numRuns: 20_000, seed: 20261120 },
    )
  })
})

describe('a report', () => {
  const report = (state: ReportedState, captured = 0): PaymentReport => ({
    gatewayPaymentId: 'g1',
    reference: null,
    amount: inr(1000),
    state,
    authorized: inr(captured),
    captured: inr(captured),
    captureFinal: true,
    facts: {},
  })

  test('is about this payment only when amount and currency are its own', () => {
    expect(mismatch(fresh, report('captured'))).toBeUndefined()
    expect(mismatch(fresh, { ...report('captured'), amount: inr(1001) })).toBe('wrong_amount')
    expect(mismatch(fresh, { ...report('captured'), amount: money(1000n, 'USD') })).toBe('wrong_currency')
  })

  test('of a capture first makes the hold it came from', () => {
    expect(eventsOf(report('captured', 1000)).map((event) => event.type)).toEqual(['authorized', 'captured'])
    expect(run(eventsOf(report('captured', 1000)))).toMatchObject({ status: 'captured', captureFinal: true })
  })
})
