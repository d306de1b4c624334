import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { PAYMENT_STATUSES } from '../payment/states.ts'
import { isSecondSuccess } from './second-success.ts'
import { deriveOrderStatus, MAX_ATTEMPTS, payability } from './states.ts'
import type { AttemptFacts, OrderFacts } from './states.ts'

const attempt = (status: AttemptFacts['status'], captured = 0, more: Partial<AttemptFacts> = {}): AttemptFacts => ({
  status,
  capturedMinor: BigInt(captured),
  duplicate: false,
  awaitsCash: false,
  ...more,
})
const order = (payments: AttemptFacts[], more: Partial<OrderFacts> = {}): OrderFacts => ({
  amountMinor: 1000n,
  expired: false,
  canceled: false,
  payments,
  ...more,
})

describe('the status of an order', () => {
  test.each([
    [[], 'open'],
    [[attempt('declined')], 'open'],
    [[attempt('processing')], 'processing'],
    [[attempt('unknown')], 'processing'],
    [[attempt('authorized')], 'authorized'],
    [[attempt('captured', 400)], 'partially_paid'],
    [[attempt('captured', 1000)], 'paid'],
    [[attempt('declined'), attempt('captured', 1000)], 'paid'],
    [[attempt('requires_action', 0, { awaitsCash: true })], 'awaiting_collection'],
    // A second success is given back: its money never counts.
    [[attempt('captured', 1000, { duplicate: true })], 'open'],
  ] as const)('follows from its attempts: case %#', (payments, status) => {
    expect(deriveOrderStatus(order([...payments]))).toBe(status)
  })

  test('is expired or canceled only without money', () => {
    expect(deriveOrderStatus(order([attempt('declined')], { expired: true }))).toBe('expired')
    expect(deriveOrderStatus(order([], { canceled: true }))).toBe('canceled')
    expect(deriveOrderStatus(order([attempt('captured', 1000)], { expired: true }))).toBe('paid')
  })
})

describe('another attempt', () => {
  test('may start only when no earlier one is alive, unknown or paid', () => {
    const verdicts = PAYMENT_STATUSES.map((status) => [
      status,
      payability(order([attempt(status, status === 'captured' ? 1000 : 0)])),
    ])
    expect(Object.fromEntries(verdicts)).toEqual({
      created: 'payment_alive',
      requires_action: 'payment_alive',
      processing: 'payment_alive',
      unknown: 'payment_unknown',
      authorized: 'payment_alive',
      failed: 'payable',
      expired: 'payable',
      canceled: 'payable',
      declined: 'payable',
      voided: 'payable',
      captured: 'not_payable',
    })
  })

  test('is refused after as many as there may be', () => {
    const declined = Array.from({ length: MAX_ATTEMPTS }, () => attempt('declined'))
    expect(payability(order(declined))).toBe('attempts_exhausted')
    expect(payability(order(declined.slice(1)))).toBe('payable')
  })
})

describe('money that turns up', () => {
  const inr = (minor: number) => money(BigInt(minor), 'INR')
  const facts = { amount: inr(1000), canceledAt: null, expiredAt: null, lateSuccess: 'accept' as const }
  const other = (status: AttemptFacts['status'], captured = 0) => ({
    status,
    amountCaptured: inr(captured),
    duplicate: false,
  })

  test('is a second success when the order has its money, was canceled, or refuses late money', () => {
    expect(isSecondSuccess(facts, { status: 'captured' }, [other('captured', 1000)])).toBe(true)
    expect(isSecondSuccess({ ...facts, canceledAt: new Date(0) }, { status: 'captured' }, [])).toBe(true)
    expect(isSecondSuccess({ ...facts, expiredAt: new Date(0) }, { status: 'captured' }, [])).toBe(false)
    expect(
      isSecondSuccess({ ...facts, expiredAt: new Date(0), lateSuccess: 'refund' }, { status: 'captured' }, []),
    ).toBe(true)
  })

  test('is kept when it is the first, even beside an attempt that is still alive', () => {
    expect(isSecondSuccess(facts, { status: 'captured' }, [other('processing')])).toBe(false)
    expect(isSecondSuccess(facts, { status: 'captured' }, [other('declined')])).toBe(false)
  })

  test('is a second success as a hold beside a live attempt: both could be captured', () => {
    expect(isSecondSuccess(facts, { status: 'authorized' }, [other('processing')])).toBe(true)
    expect(isSecondSuccess(facts, { status: 'authorized' }, [other('declined')])).toBe(false)
  })
})
