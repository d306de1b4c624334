import { describe, expect, test } from 'vitest'
import { givenPayment, givenView } from '../testing/given-view.ts'
import { screenName, screenOf, withPayment } from './screen.ts'
import type { SessionView } from './wire.ts'

const screen = (view: SessionView | undefined, expired = false, dismissed?: string) =>
  screenOf({ view, expired, dismissed })

describe('what the payer sees', () => {
  test('is that cash is awaited, not a bank, once the order is to be paid on delivery', () => {
    const payments = [{ ...givenPayment('pay_1', 'requires_action'), action: { type: 'collect_cash' as const } }]
    expect(screen(givenView({ status: 'awaiting_collection', payments })).kind).toBe('cash')
  })

  test('is a choice of methods when the order can be paid', () => {
    expect(screen(givenView({ canPay: true })).kind).toBe('choose')
  })

  test.each(['created', 'requires_action', 'processing'] as const)('is the waiting while a payment is %s', (status) => {
    expect(screen(givenView({ status: 'processing', payments: [givenPayment('pay_1', status)] })).kind).toBe('waiting')
  })

  test('is that we do not know, when we do not know, even after the session ran out', () => {
    const view = givenView({ status: 'processing', payments: [givenPayment('pay_1', 'unknown')] })
    expect(screen(view).kind).toBe('unknown')
    expect(screen(view, true)).toEqual({ kind: 'expired', alive: true })
  })

  test.each(['declined', 'failed', 'expired', 'canceled', 'voided'] as const)(
    'is why it did not work after a payment was %s, and the choice again once they move on',
    (status) => {
      const view = givenView({ canPay: true, payments: [givenPayment('pay_1', status)] })
      expect(screen(view)).toMatchObject({ kind: 'unsuccessful', canRetry: true })
      expect(screen(view, false, 'pay_1').kind).toBe('choose')
    },
  )

  test('is the latest attempt, not an earlier one that was declined', () => {
    const payments = [givenPayment('pay_1', 'declined'), givenPayment('pay_2', 'requires_action')]
    expect(screen(givenView({ status: 'processing', payments }))).toMatchObject({
      kind: 'waiting',
      payment: { id: 'pay_2' },
    })
  })

  test('is paid when the order is paid, whatever else is true', () => {
    const payments = [givenPayment('pay_1', 'captured'), givenPayment('pay_2', 'unknown')]
    expect(screen(givenView({ status: 'paid', payments }), true).kind).toBe('paid')
    expect(screen(givenView({ status: 'paid', payments, canPay: true, sessionStatus: 'expired' })).kind).toBe('paid')
  })

  test('tells a hold from a payment', () => {
    expect(screen(givenView({ status: 'authorized' }))).toEqual({ kind: 'paid', authorizedOnly: true })
  })

  test('is the end of the session when its time ran out and nothing is under way', () => {
    expect(screen(undefined, true)).toEqual({ kind: 'expired', alive: false })
    expect(screen(givenView({ sessionStatus: 'expired' }))).toEqual({ kind: 'expired', alive: false })
  })

  test.each([
    ['canceled', 'canceled'],
    ['expired', 'expired'],
    ['open', 'other'],
    ['partially_paid', 'other'],
  ] as const)('is that nothing can be paid when the order is %s and may not be paid', (status, reason) => {
    expect(screen(givenView({ status }))).toEqual({ kind: 'closed', reason })
  })
})

describe('a screen', () => {
  test('stays while the same payment waits for the same thing, and changes when it waits for another', () => {
    const before = screen(givenView({ payments: [givenPayment('pay_1', 'processing')] }))
    const redirect = { type: 'redirect', url: 'https://bank.example' } as const
    const after = screen(givenView({ payments: [{ ...givenPayment('pay_1', 'requires_action'), action: redirect }] }))
    expect(screenName(before)).toBe(screenName(before))
    expect(screenName(after)).not.toBe(screenName(before))
  })
})

describe('news of a payment', () => {
  test('takes the place of what was known of it, or joins at the end', () => {
    const view = givenView({ payments: [givenPayment('pay_1', 'processing')] })
    expect(withPayment(view, givenPayment('pay_1', 'captured')).payments).toEqual([givenPayment('pay_1', 'captured')])
    expect(withPayment(view, givenPayment('pay_2', 'created')).payments.map(({ id }) => id)).toEqual(['pay_1', 'pay_2'])
  })
})
