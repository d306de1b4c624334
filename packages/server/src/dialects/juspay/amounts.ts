// Amounts as this API writes them: decimals in major units, JSON numbers in answers.
import { parseCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { formatDecimal, isPositive, parseDecimal } from '../../kernel/money.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'

/** @throws AppError amount_invalid: no decimal, not more than zero, more decimals than the currency has, an exponent */
export function amountOf(fields: Fields, name: string, currency: Currency): Money | undefined {
  const text = textIn(fields, name)
  if (text === undefined) return undefined
  const amount = parseDecimal(text, currency, name)
  if (!isPositive(amount)) throw new AppError('amount_invalid', { field: name, reason: 'is not more than zero' })
  return amount
}

export function currencyOf(fields: Fields, name = 'currency'): Currency {
  return parseCurrency(textIn(fields, name)?.toUpperCase() ?? 'INR')
}

/** A JSON number with the shortest text: at most 15 digits, which a double holds exactly as they are printed. */
export function amountNumber(amount: Money): number {
  return JSON.parse(formatDecimal(amount)) as number
}

/** `10.00` as `10.0`: how payloads echo an amount. */
export function amountText(amount: Money): string {
  const text = formatDecimal(amount)
  return text.includes('.') ? text.replace(/(\.\d)0+$/, '$1') : `${text}.0`
}
