import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Script } from '../instruments.ts'
import { SANDBOX_INSTRUMENTS } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { BookPayment, Change } from './payment.ts'
import { answerStep, capture, comeDue, openPayment, release, reserveRefund, settleRefund } from './payment.ts'

const approve: Script = { first: 'settle', outcome: 'approve' }
const ask: Script = { first: 'ask', outcome: 'approve' }

test('a sale captures itself when it is approved, a hold does not', () => {
  expect(openPayment({ amount: 100n, captureMode: 'automatic' }, approve)).toMatchObject({
    standing: { status: 'PAID', held: 100n, paid: 100n, closed: true },
    captured: 100n,
    due: null,
  })
  expect(openPayment({ amount: 100n, captureMode: 'manual' }, approve)).toMatchObject({
    standing: { status: 'HELD', held: 100n, paid: 0n, closed: false },
    captured: 0n,
    due: { outcome: 'lapse' },
  })
})

test('a payer’s late yes changes nothing, and neither does a timer that comes after an answer', () => {
  const cancelled = given(openPayment({ amount: 100n, captureMode: 'automatic' }, ask), 'cancel')
  expect(cancelled.status).toBe('CANCELLED')
  expect(answerStep(cancelled, ask, 'approve')).toBeUndefined()
  expect(comeDue(cancelled, 'lapse')).toBeUndefined()
  expect(comeDue(cancelled, 'approve')).toBeUndefined()
})

// Whatever is asked in whatever order: nothing is paid beyond the hold, nothing returned beyond what was paid, and
// money that was paid or returned is never forgotten.
test('keeps its caps and never loses money, whatever is asked in whatever order', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('capture' as const), amount: fc.bigInt(1n, 120n), final: fc.boolean() }),
    fc.record({ kind: fc.constant('refund' as const), amount: fc.bigInt(1n, 120n), succeeds: fc.boolean() }),
    fc.record({ kind: fc.constant('answer' as const), answer: fc.constantFrom('approve', 'fail', 'cancel') }),
    fc.record({ kind: fc.constant('release' as const) }),
    fc.record({ kind: fc.constant('lapse' as const) }),
    fc.record({ kind: fc.constant('bank' as const) }),
  )
  const instrument = fc.constantFrom(...SANDBOX_INSTRUMENTS)
  const mode = fc.constantFrom('automatic' as const, 'manual' as const)
  fc.assert(
    fc.property(instrument, mode, fc.array(act, { maxLength: 25 }), ({ script }, captureMode, acts) => {
      let payment = paymentOf(openPayment({ amount: 100n, captureMode }, script), captureMode)
      for (const step of acts) {
        const after = afterwards(payment, script, step)
        expect(after.paid >= payment.paid && after.returned >= payment.returned).toBe(true)
        expect(after.held <= after.amount && after.paid <= after.held).toBe(true)
        expect(after.returned + after.returning <= after.paid).toBe(true)
        expect(after.paid > 0n).toBe(after.status === 'PAID' || after.status === 'PART_PAID')
        expect(after.rejection !== null).toBe(after.status === 'REJECTED')
        payment = after
      }
    }),
    { numRuns: 2_000 },
  )
})

type Act =
  | { kind: 'capture'; amount: bigint; final: boolean }
  | { kind: 'refund'; amount: bigint; succeeds: boolean }
  | { kind: 'answer'; answer: 'approve' | 'fail' | 'cancel' }
  | { kind: 'release' | 'lapse' | 'bank' }

function afterwards(payment: BookPayment, script: Script, act: Act): BookPayment {
  try {
    if (act.kind === 'refund') {
      const reserved = { ...payment, ...reserveRefund(payment, act.amount) }
      return { ...reserved, ...settleRefund(reserved, act.amount, act.succeeds) }
    }
    return { ...payment, ...changeBy(payment, script, act)?.standing }
  } catch (error) {
    if (error instanceof GatewayRefusal) return payment
    throw error
  }
}

function changeBy(payment: BookPayment, script: Script, act: Exclude<Act, { kind: 'refund' }>): Change | undefined {
  if (act.kind === 'capture') return capture(payment, script, act.amount, act.final)
  if (act.kind === 'answer') return answerStep(payment, script, act.answer)
  if (act.kind === 'release') return release(payment)
  return comeDue(payment, act.kind === 'lapse' ? 'lapse' : script.outcome)
}

function given(opened: Change, answer: 'cancel'): BookPayment {
  const payment = paymentOf(opened, 'automatic')
  return { ...payment, ...answerStep(payment, ask, answer)?.standing }
}

function paymentOf({ standing }: Change, captureMode: BookPayment['captureMode']): BookPayment {
  const at = new Date('2026-01-01T00:00:00Z')
  return {
    ...standing,
    id: 'sbp_1',
    accountId: 'sba_1',
    reference: 'ref-1',
    currency: 'INR',
    amount: 100n,
    captureMode,
    method: 'card',
    instrument: 'tok_approve',
    flow: null,
    mandateId: null,
    isCharge: false,
    saveFor: null,
    page: 'acs',
    description: '',
    returnUrl: 'https://shop.example/return',
    createdAt: at,
    updatedAt: at,
  }
}
