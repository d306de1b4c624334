// Amounts in changes of something that has a currency already. The currency need not be repeated; where it is, it must
// be the right one, and the operation checks that under its lock.
import { parseCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import type { Currency, Money } from '../../kernel/money.ts'

type Named = { readonly amount?: unknown; readonly currency?: string }

/** Undefined when the body names none. @throws AppError amount_invalid, currency_unknown */
export async function amountIn(
  body: Named,
  read: (currency: Currency) => Money,
  currencyOf: () => Promise<Currency>,
): Promise<Money | undefined> {
  if (body.amount !== undefined) {
    return read(body.currency === undefined ? await currencyOf() : parseCurrency(body.currency))
  }
  if (body.currency !== undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
  return undefined
}
