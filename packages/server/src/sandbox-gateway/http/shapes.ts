// What the readers of this gateway's requests share: names, amounts, addresses, and the hash that tells one request
// from another.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { isCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { sha256 } from '../../kernel/hmac.ts'
import { isPositive, parseDecimal } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import { GatewayRefusal } from '../refusal.ts'

export const Reference = Type.String({ pattern: '^[!-~]{1,64}$' })
export const Name = Type.String({ minLength: 1, maxLength: 100 })
export const Amount = { amount: Type.String({ maxLength: 40 }), currency: Type.String({ maxLength: 3 }) }

/** Compiled on first use: a gateway that nobody calls costs nothing. */
export function reader<Schema extends TSchema>(schema: Schema): (body: unknown) => Static<Schema> {
  let check: { Check(value: unknown): boolean; Errors(value: unknown): { instancePath: string }[] } | undefined
  return (body) => {
    check ??= Compile(schema)
    if (check.Check(body)) return body as Static<Schema>
    const field = check.Errors(body)[0]?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    throw new GatewayRefusal('BAD_REQUEST', field === '' ? 'body' : field)
  }
}

/** An address that a browser may be sent to. @throws GatewayRefusal BAD_REQUEST, naming the field */
export function readWebAddress(text: string, field: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !isWeb || url.username !== '' || url.password !== '') {
    throw new GatewayRefusal('BAD_REQUEST', field)
  }
  return text
}

/** @throws GatewayRefusal CURRENCY_UNKNOWN, AMOUNT_INVALID */
export function readMoney(amount: string, currency: string): Money {
  if (!isCurrency(currency)) throw new GatewayRefusal('CURRENCY_UNKNOWN', 'currency')
  const money = parse(amount, currency)
  if (money === undefined || !isPositive(money)) throw new GatewayRefusal('AMOUNT_INVALID', 'amount')
  return money
}

function parse(amount: string, currency: Money['currency']): Money | undefined {
  try {
    return parseDecimal(amount, currency)
  } catch (error) {
    if (error instanceof AppError && error.code === 'amount_invalid') return undefined
    throw error
  }
}

export function hashOf({ minor, currency }: Money, parts: readonly unknown[]): Buffer {
  return sha256(JSON.stringify([minor.toString(), currency, ...parts]))
}
