import { describe, expect, test } from 'vitest'
import { money } from '../../kernel/money.ts'
import { amountForPeople, amountInWords } from './amount-text.ts'

describe('amountInWords', () => {
  test.each([
    [0n, 'Rupees Zero Only'],
    [1n, 'Paisa One Only'],
    [50n, 'Paise Fifty Only'],
    [100n, 'Rupee One Only'],
    [101n, 'Rupee One and Paisa One Only'],
    [1_100n, 'Rupees Eleven Only'],
    [2_000n, 'Rupees Twenty Only'],
    [2_100n, 'Rupees Twenty-One Only'],
    [9_999n, 'Rupees Ninety-Nine and Paise Ninety-Nine Only'],
    [10_000n, 'Rupees One Hundred Only'],
    [101_00n, 'Rupees One Hundred One Only'],
    [1_000_00n, 'Rupees One Thousand Only'],
    [99_999_00n, 'Rupees Ninety-Nine Thousand Nine Hundred Ninety-Nine Only'],
    [1_00_000_00n, 'Rupees One Lakh Only'],
    [1_23_456_45n, 'Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Forty-Five Only'],
    [1_00_00_000_00n, 'Rupees One Crore Only'],
    [
      12_34_56_789_01n,
      'Rupees Twelve Crore Thirty-Four Lakh Fifty-Six Thousand Seven Hundred Eighty-Nine and Paisa One Only',
    ],
    [1_000_00_00_000_00n, 'Rupees One Thousand Crore Only'],
    [10n ** 13n, 'Rupees Ten Thousand Crore Only'],
  ])('says %d paise in lakh and crore', (minor, words) => {
    expect(amountInWords(money(minor, 'INR'))).toBe(words)
  })

  test.each([
    [0n, 'USD', 'US Dollar Zero Only'],
    [100n, 'USD', 'US Dollar One Only'],
    [101n, 'USD', 'US Dollar One and One Hundredth Only'],
    [
      123_456_789n,
      'USD',
      'US Dollar One Million Two Hundred Thirty-Four Thousand Five Hundred Sixty-Seven and Eighty-Nine Hundredths Only',
    ],
    [1_234_567n, 'JPY', 'Yen One Million Two Hundred Thirty-Four Thousand Five Hundred Sixty-Seven Only'],
    [1_002n, 'KWD', 'Kuwaiti Dinar One and Two Thousandths Only'],
    [10n ** 13n, 'EUR', 'Euro One Hundred Billion Only'],
    [10n ** 13n, 'JPY', 'Yen Ten Trillion Only'],
    [12_345n, 'CLF', 'Unidad de Fomento One and Two Thousand Three Hundred Forty-Five Ten-Thousandths Only'],
  ] as const)('says %d minor units of %s in millions', (minor, currency, words) => {
    expect(amountInWords(money(minor, currency))).toBe(words)
  })

  test('is not asked about a negative amount', () => {
    expect(() => amountInWords(money(-1n, 'INR'))).toThrow('Something went wrong')
  })
})

describe('amountForPeople', () => {
  test.each([
    [123_456_789n, 'INR', '₹12,34,567.89'],
    [10n ** 13n, 'INR', '₹1,00,00,00,00,000.00'],
    [123_456_789n, 'USD', '$1,234,567.89'],
    [1_234_567n, 'JPY', '¥1,234,567'],
  ] as const)('groups %d minor units of %s as its people do', (minor, currency, text) => {
    expect(amountForPeople(money(minor, currency))).toBe(text)
  })
})
