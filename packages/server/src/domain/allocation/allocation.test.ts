import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AllocationId, PaymentId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { leftOf, overAllocated, standing, takeBack, unapplied } from './allocation.ts'
import type { Allocation } from './allocation.ts'

const inr = (minor: number | bigint) => money(BigInt(minor), 'INR')

let made = 0
function row(amount: number | bigint, corrects: AllocationId | null = null): Allocation {
  made += 1
  return {
    id: `alc_${made}` as AllocationId,
    paymentId: 'pay_1' as PaymentId,
    target: { kind: 'invoice', invoiceId: `I-${made}` },
    amount: inr(amount),
    reason: corrects === null ? 'applied' : 'withdrawn',
    corrects,
    refundId: null,
    note: '',
    createdBy: 'key:test_1',
    at: new Date(0),
  }
}

function payment(amounts: Record<'captured' | 'allocated' | 'refunded' | 'pending' | 'disputed' | 'reversed', number>) {
  return {
    amountCaptured: inr(amounts.captured),
    amountAllocated: inr(amounts.allocated),
    amountRefunded: inr(amounts.refunded),
    amountRefundPending: inr(amounts.pending),
    amountDisputed: inr(amounts.disputed),
    amountReversed: inr(amounts.reversed),
  }
}
const NONE = { captured: 100, allocated: 0, refunded: 0, pending: 0, disputed: 0, reversed: 0 }

describe('What of a payment may still be applied', () => {
  test.each([
    ['all of it at first', {}, 100],
    ['less what is applied', { allocated: 30 }, 70],
    ['less what was refunded', { refunded: 30 }, 70],
    ['less what is on its way back', { pending: 30 }, 70],
    ['less what is in dispute', { disputed: 30 }, 70],
    ['nothing of a cheque that bounced', { reversed: 100 }, 0],
    ['nothing, never less', { allocated: 80, pending: 40 }, 0],
  ])('is %s', (_what, amounts, left) => {
    expect(unapplied(payment({ ...NONE, ...amounts }))).toEqual(inr(left))
  })
})

describe('A refund', () => {
  test.each([
    ['takes unapplied money first', { allocated: 60, refunded: 40 }, 0],
    ['takes back what is missing beyond that', { allocated: 60, refunded: 70 }, 30],
    ['takes nothing while it is on its way', { allocated: 60, pending: 70 }, 0],
  ])('%s', (_what, amounts, over) => {
    expect(overAllocated(payment({ ...NONE, ...amounts }))).toEqual(inr(over))
  })

  test('takes from the newest allocation first, and from older ones what is still missing', () => {
    const [first, second, third] = [row(30), row(20), row(10)]
    const rows = [first, second, third, row(-4, third.id)]
    const taken = takeBack(rows, inr(30)).map(({ corrects, amount, target }) => [corrects, amount.minor, target])
    expect(taken).toEqual([
      [third.id, -6n, third.target],
      [second.id, -20n, second.target],
      [first.id, -4n, first.target],
    ])
  })

  test('takes exactly what is missing, and from none more than is left of it, whatever there was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(50))), fc.nat(2_000), (given, wanted) => {
        const rows = given.flatMap(([amount, back]) => {
          const applied = row(amount)
          return back === 0 ? [applied] : [applied, row(-Math.min(back, amount), applied.id)]
        })
        const whole = standing(rows).reduce((total, { left }) => total + left.minor, 0n)
        const amount = BigInt(wanted) < whole ? BigInt(wanted) : whole
        const lines = takeBack(rows, inr(amount))
        const after = [
          ...rows,
          ...lines.map((line) => ({ ...row(line.amount.minor, line.corrects), ...line })),
        ] as Allocation[]
        expect(lines.reduce((total, line) => total - line.amount.minor, 0n)).toBe(amount)
        for (const applied of rows.filter(({ reason }) => reason === 'applied')) {
          expect(leftOf(applied, after).minor >= 0n).toBe(true)
        }
      }),
    )
  })
})
