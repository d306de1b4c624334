import { describe, expect, test } from 'vitest'
import { money, zero } from '../../kernel/money.ts'
import { REFUND_STATUSES } from '../refund/states.ts'
import {
  postingsForAllocation,
  postingsForCapture,
  postingsForClearing,
  postingsForRefund,
  postingsForReversal,
  refundAccounts,
} from './posting.ts'
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

  test('of a cheque hold it in clearing, then bring it to the bank; one that bounces is owed to nobody', () => {
    const recorded = postingsForCapture(payment(0), { ...payment(500), method: 'cheque' })
    expect(balanceOf('cheques_in_clearing', recorded)).toBe(500n)
    expect(balanceOf('customer_credit', recorded)).toBe(-500n)
    const cleared = [...recorded, ...postingsForClearing(inr(500))]
    expect(balanceOf('cheques_in_clearing', cleared)).toBe(0n)
    expect(balanceOf('bank', cleared)).toBe(500n)
    for (const [wasCleared, before] of [
      [false, recorded],
      [true, cleared],
    ] as const) {
      const after = [...before, ...postingsForReversal('cheque', wasCleared, inr(500))]
      for (const account of ['cheques_in_clearing', 'customer_credit', 'bank']) {
        expect(balanceOf(account, after), account).toBe(0n)
      }
    }
  })

  test.each([
    ['cash', 'cash'],
    ['bank_transfer', 'bank'],
  ] as const)('of %s are there at once, and gone when it was recorded in error', (method, account) => {
    const recorded = postingsForCapture(payment(0), { ...payment(500), method })
    expect(balanceOf(account, recorded)).toBe(500n)
    expect(balanceOf(account, [...recorded, ...postingsForReversal(method, true, inr(500))])).toBe(0n)
  })

  test('of an allocation turn credit into sales, and back; money with an order of its own is sales already', () => {
    const applied = postingsForAllocation('cash', inr(300))
    expect([balanceOf('customer_credit', applied), balanceOf('sales_clearing', applied)]).toEqual([300n, -300n])
    const back = [...applied, ...postingsForAllocation('cash', inr(-300))]
    expect([balanceOf('customer_credit', back), balanceOf('sales_clearing', back)]).toEqual([0n, 0n])
    expect(postingsForAllocation('card', inr(300))).toEqual([])
  })

  test.each([
    ['cash_on_delivery', 'cash', 'sales_clearing', 'cash'],
    ['cash_on_delivery', 'bank_transfer', 'sales_clearing', 'bank'],
    ['cash', 'cheque', 'customer_credit', 'bank'],
    ['card', undefined, 'sales_clearing', 'gateway_receivable'],
  ] as const)('of a refund of %s by %s take from %s and pay from %s', (method, way, owedIn, paidFrom) => {
    const givenBack = way === undefined ? null : { way, reference: null, at: new Date(0), by: 'Meera' }
    const accounts = refundAccounts({ method }, { givenBack })
    expect(accounts).toEqual({ owedIn, paidFrom })
    const postings = postingsForRefund(undefined, 'succeeded', inr(400), accounts)
    expect([balanceOf(owedIn, postings), balanceOf(paidFrom, postings)]).toEqual([400n, -400n])
  })

  test('never move refunds_pending without a refund that waits', () => {
    for (const before of REFUND_STATUSES) {
      expect(balanceOf('refunds_pending', postingsForRefund(before, before, inr(1)))).toBe(zero('INR').minor)
    }
  })
})
