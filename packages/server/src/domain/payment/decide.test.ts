import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { createRecords } from '../../testing/simulation/records.ts'
import { decidePayment } from './decide.ts'
import type { PaymentReport } from './report.ts'

const inr = (minor: bigint) => money(minor, 'INR')
const records = createRecords()
const order = records.insertOrder({ amount: inr(1000n), capture: 'manual', lateSuccess: 'accept', expiresAt: null })
const fresh = records.insertPayment(order)
const report = (more: Partial<PaymentReport>) => ({
  kind: 'report' as const,
  report: {
    gatewayPaymentId: 'gp_1',
    reference: fresh.id,
    amount: inr(1000n),
    state: 'authorized' as const,
    authorized: inr(1000n),
    captured: inr(0n),
    captureFinal: false,
    facts: {},
    ...more,
  },
})
const now = new Date(0)

describe('money that an order has no need of', () => {
  const captured = report({ state: 'captured', captured: inr(1000n), captureFinal: true })

  test('goes back when a hold is captured after another attempt has paid', () => {
    const held = { ...fresh, status: 'authorized', amountAuthorized: inr(1000n) } as const
    const other = { ...records.insertPayment(order), status: 'captured', amountCaptured: inr(1000n) } as const
    const decision = decidePayment(held, captured, 'capture', { order, others: [other], now })
    expect(decision).toMatchObject({ giveBack: true, payment: { duplicate: true, status: 'captured' } })
  })

  test('is kept when the hold is the only attempt', () => {
    const held = { ...fresh, status: 'authorized', amountAuthorized: inr(1000n) } as const
    const decision = decidePayment(held, captured, 'capture', { order, others: [], now })
    expect(decision).toMatchObject({ giveBack: false, payment: { duplicate: false } })
  })
})

describe('a hold that ran out', () => {
  const lapsed = report({ state: 'expired' })

  test.each([
    ['told in order', [report({}), lapsed]],
    ['told again afterwards', [report({}), lapsed, report({})]],
    ['told in reverse', [lapsed, report({})]],
  ])('stays expired, %s', (_, news) => {
    const after = news.reduce(
      (payment, told) => decidePayment(payment, told, 'authorize', { order, others: [], now }).payment,
      fresh,
    )
    expect(after.status).toBe('expired')
  })
})
