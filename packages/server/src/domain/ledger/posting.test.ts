import { describe, expect, test } from 'vitest'
import { money, zero } from '../../kernel/money.ts'
import { REFUND_STATUSES } from '../refund/states.ts'
import { postingsForCapture, postingsForRefund } from './posting.ts'
import type { Posting } from './posting.ts'

const inr = (minor: number) => money(BigInt(minor), 'INR')
const payment = (captured: number) => ({
  status: 'captured' as const,
  amount: inr(1000),
  amountAuthorized: inr(1000),
  amountCaptured: inr(captured),
  captureFinal: false,
})

function balanceOf(account: string, postings: readonly Posting[]): bigint {
  return postings.reduce((balance, { debit, credit, amount }) => {
    if (debit === account) return balance + amount.minor
    return credit === account ? balance - amount.minor : balance
  }, 0n)
}

describe('postings', () => {
  test('of captures add up to the total, whatever the steps', () => {
    const steps = [0, 300, 300, 1000]
    const postings = steps.slice(1).flatMap((total, at) => postingsForCapture(payment(steps[at] ?? 0), payment(total)))
    expect(balanceOf('gateway_receivable', postings)).toBe(1000n)
    expect(balanceOf('sales_clearing', postings)).toBe(-1000n)
  })

  test('of a refund that succeeds take the money from sales to what the gateway owes', () => {
    const postings = [
      ...postingsForRefund(undefined, 'pending', inr(400)),
      ...postingsForRefund('pending', 'succeeded', inr(400)),
    ]
    expect(balanceOf('sales_clearing', postings)).toBe(400n)
    expect(balanceOf('gateway_receivable', postings)).toBe(-400n)
    expect(balanceOf('refunds_pending', postings)).toBe(0n)
  })

  test('of a refund that fails leave every balance as it was', () => {
    const postings = [
      ...postingsForRefund(undefined, 'pending', inr(400)),
      ...postingsForRefund('pending', 'failed', inr(400)),
    ]
    for (const account of ['sales_clearing', 'gateway_receivable', 'refunds_pending']) {
      expect(balanceOf(account, postings)).toBe(0n)
    }
  })

  test('of a refund told failed that went through after all count it once', () => {
    const path = [undefined, 'pending', 'failed', 'succeeded'] as const
    const postings = path.slice(1).flatMap((to, at) => postingsForRefund(path[at], to ?? 'pending', inr(400)))
    expect(balanceOf('gateway_receivable', postings)).toBe(-400n)
    expect(balanceOf('refunds_pending', postings)).toBe(0n)
  })

  test('never move refunds_pending without a refund that waits', () => {
    for (const before of REFUND_STATUSES) {
      expect(balanceOf('refunds_pending', postingsForRefund(before, before, inr(1)))).toBe(zero('INR').minor)
    }
  })
})
