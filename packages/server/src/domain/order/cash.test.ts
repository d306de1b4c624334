import { expect, test } from 'vitest'
import { MandateId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { takesCashFor } from './cash.ts'

const order = (minor: bigint, mandateId: MandateId | null = null) => ({ amount: money(minor, 'INR'), mandateId })

test('cash is taken up to what the merchant said, and that much exactly', () => {
  expect(takesCashFor(order(50_000n), money(50_000n, 'INR'))).toBe(true)
  expect(takesCashFor(order(50_001n), money(50_000n, 'INR'))).toBe(false)
})

test('cash of another currency, and for a mandate, is not taken', () => {
  expect(takesCashFor(order(100n), money(50_000n, 'USD'))).toBe(false)
  expect(takesCashFor(order(100n, MandateId.create(new Date(0))), money(50_000n, 'INR'))).toBe(false)
  expect(takesCashFor(order(100n), null)).toBe(false)
})
