import { describe, expect, test } from 'vitest'
import { givenPayment, givenView } from '../testing/given-view.ts'
import { resultOf } from './result.ts'
import type { OrderStatus, PaymentStatus, PaymentView } from './wire.ts'

const declined = (code: string): PaymentView => ({
  ...givenPayment('pay_1', 'declined'),
  decline: { code: code as NonNullable<PaymentView['decline']>['code'], message: 'No.' },
})
const told = (status: OrderStatus, payments: readonly PaymentView[], left: boolean) => {
  const { error, errorCode, payload } = resultOf(givenView({ status, payments }), left)
  return [payload.status, errorCode, error]
}

describe('what an app is told', () => {
  test.each(['paid', 'authorized'] as const)(
    'of an order that is %s is a success, however the payer left',
    (status) => {
      for (const left of [true, false]) expect(told(status, [], left)).toEqual(['charged', '', false])
    },
  )

  test('of cash to be collected is a success of its own', () => {
    expect(told('awaiting_collection', [], false)).toEqual(['cod_initiated', '', false])
  })

  test.each(['created', 'processing', 'unknown'] as const)('of a payment that is %s is never a failure', (status) => {
    for (const left of [true, false]) {
      expect(told('processing', [givenPayment('pay_1', status)], left)).toEqual(['authorizing', 'JP_006', true])
    }
  })

  test('of a payment that waits for its payer depends on whether they left', () => {
    const waiting = [givenPayment('pay_1', 'requires_action')]
    expect(told('processing', waiting, true)).toEqual(['user_aborted', 'JP_002', true])
    expect(told('processing', waiting, false)).toEqual(['pending_vbv', 'JP_006', true])
  })

  test.each([
    ['insufficient_funds', 'authorization_failed'],
    ['suspected_fraud', 'authorization_failed'],
    ['authentication_failed', 'authentication_failed'],
    ['canceled_by_payer', 'authentication_failed'],
  ])('of a decline by %s is %s', (code, status) => {
    expect(told('open', [declined(code)], true)).toEqual([status, 'JP_000', true])
  })

  test.each([
    ['failed', 'api_failure', 'JP_001'],
    ['canceled', 'backpressed', 'JP_002'],
    ['expired', 'backpressed', 'JP_002'],
  ] as const)('after an attempt that %s, and the payer left, is %s', (status: PaymentStatus, result, code) => {
    expect(told('open', [givenPayment('pay_1', status)], true)).toEqual([result, code, true])
  })

  test('where nothing was begun is that the payer went back, or that the page is over', () => {
    expect(told('open', [], true)).toEqual(['backpressed', 'JP_002', true])
    expect(told('expired', [], false)).toEqual(['new', 'JP_012', true])
  })

  test('counts what is under way before what went wrong earlier', () => {
    const payments = [declined('insufficient_funds'), givenPayment('pay_2', 'unknown')]
    expect(told('processing', payments, true)).toEqual(['authorizing', 'JP_006', true])
  })
})
