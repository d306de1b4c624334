import { describe, expect, test } from 'vitest'
import { CURRENCY_CODES, exponentOf } from '../../server/src/kernel/currencies.ts'
import { decimalsOf, formatAmount } from './amount.ts'

describe('an amount in the dashboard', () => {
  test('has the decimals that the server gives its currency, for every currency', () => {
    const differing = CURRENCY_CODES.filter((currency) => decimalsOf(currency) !== exponentOf(currency))
    expect(differing).toEqual([])
  })

  test('is exact up to the largest, grouped the Indian way in rupees', () => {
    expect(formatAmount(9_999_999_999_999, 'INR')).toBe('₹99,99,99,99,999.99')
    expect(formatAmount(5, 'INR')).toBe('₹0.05')
    expect(formatAmount(500, 'JPY')).toBe('¥500')
  })
})
