import { describe, expect, test } from 'vitest'
import { formatAmount, localeFor } from './amount.ts'

describe('an amount as the payer reads it', () => {
  test.each([
    ['₹1,234.50', 123450, 'INR', 2, 'en-IN'],
    ['₹0.05', 5, 'INR', 2, 'en-IN'],
    ['₹1,00,00,000.00', 10_000_000_00, 'INR', 2, 'en-IN'],
    ['₹99,99,99,99,999.99', 9_999_999_999_999, 'INR', 2, 'en-IN'],
    ['¥500', 500, 'JPY', 0, 'en'],
    ['KWD 1,234.567', 1_234_567, 'KWD', 3, 'en'],
  ])('%s stands for %d minor units of %s', (text, minor, currency, exponent, locale) => {
    expect(formatAmount(minor, currency, exponent, locale).replace(/\u00a0/g, ' ')).toBe(text)
  })

  test('has the decimals that the server says, where Intl believes in others', () => {
    // ICU gives the rupiah no decimals; ISO 4217 gives it two.
    expect(formatAmount(150_000, 'IDR', 2, 'en')).toMatch(/1,500\.00$/)
  })

  test('is grouped the Indian way in rupees, whatever region the payer has set', () => {
    expect(localeFor('en', 'INR', ['en-US'])).toBe('en-IN')
    expect(localeFor('en', 'EUR', ['de-DE', 'en-GB'])).toBe('en-GB')
    expect(localeFor('en', 'EUR', ['de-DE'])).toBe('en')
  })
})
