// The sandbox gateway's settlements: a list with what the bank credited, and a CSV file each. Whatever is not exactly
// as the reference says makes the whole file unreadable: half a file would settle half the truth.
import { Type } from 'typebox'
import type { LineKind, SettlementFile, SettlementLine, SettlementSummary } from '../../domain/settlement/settlement.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { isCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { parseDecimal } from '../../kernel/money.ts'
import type { Currency } from '../../kernel/money.ts'
import type { Settlements } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers } from './wire.ts'

const Text = Type.String({ minLength: 1, maxLength: 64 })
const SettlementReply = Type.Object({
  settlements: Type.Array(
    Type.Object({
      id: Text,
      utr: Text,
      currency: Text,
      bank_credit: Type.Union([Type.Object({ amount: Text, at: Text }), Type.Null()]),
      created_at: Text,
    }),
  ),
  next: Type.Union([Text, Type.Null()]),
})

const HEAD =
  'settlement_id,utr,line,type,id,payment_id,reference,currency,payment_amount,gross,fee,gst,tds,net,at'.split(',')

const DAY_MS = 86_400_000

export const settlements: Settlements<SandboxCredentials> = {
  // Captured today, paid out tomorrow at ten; a day more before anybody asks.
  expectedWithinMs: 3 * DAY_MS,

  list: {
    toRequest: ({ after }, credentials) => ({
      method: 'GET',
      url: endpoint(credentials, `/settlements${after === null ? '' : `?after=${encodeURIComponent(after)}`}`),
      headers: headers(credentials),
    }),
    fromReply: (reply) =>
      readReply(reply, SettlementReply, ({ settlements: found, next }) => {
        const items = found.map(toSummary)
        if (items.some((item) => item === undefined)) {
          return { kind: 'unknown', reason: 'A settlement has an amount or a time that cannot be read.' }
        }
        return { kind: 'report', report: { items: items.filter((item) => item !== undefined), hasMore: next !== null } }
      }),
  },

  fetch: {
    toRequest: ({ gatewaySettlementId }, credentials) => ({
      method: 'GET',
      url: endpoint(credentials, `/settlements/${encodeURIComponent(gatewaySettlementId)}.csv`),
      headers: headers(credentials),
    }),
    fromReply: (reply) => {
      if (reply.kind !== 'reply') return { kind: 'unknown', reason: reply.reason }
      if (reply.status !== 200) return { kind: 'unknown', reason: `The gateway answered ${reply.status}.` }
      return { kind: 'report', report: { text: reply.body } }
    },
  },

  parse(text) {
    try {
      return parseFile(text)
    } catch (error) {
      if (error instanceof Unreadable || error instanceof AppError) return { unreadable: error.message }
      throw error
    }
  },
}

const KINDS: Readonly<Record<string, LineKind>> = {
  CAPTURE: 'capture',
  REFUND: 'refund',
  CHARGEBACK: 'dispute',
  CHARGEBACK_REVERSAL: 'dispute_reversal',
}

class Unreadable extends Error {}

function toSummary(item: {
  readonly id: string
  readonly utr: string
  readonly currency: string
  readonly bank_credit: { readonly amount: string; readonly at: string } | null
  readonly created_at: string
}): SettlementSummary | undefined {
  const createdAt = parseInstant(item.created_at)
  const { currency, bank_credit: credit } = item
  if (createdAt === undefined || !isCurrency(currency)) return undefined
  const creditedAt = credit === null ? undefined : parseInstant(credit.at)
  if (credit !== null && (creditedAt === undefined || !/^-?[0-9.]+$/.test(credit.amount))) return undefined
  return {
    gatewaySettlementId: item.id,
    utr: item.utr,
    currency,
    createdAt,
    bankCredit:
      credit === null || creditedAt === undefined
        ? null
        : { amountMinor: signedMinor(credit.amount, currency), at: creditedAt },
  }
}

function parseFile(text: string): SettlementFile {
  const [head, ...rows] = text.split('\r\n')
  if (head !== HEAD.join(',')) throw new Unreadable('The head line is not the one that is known.')
  if (rows.pop() !== '' || rows.length === 0) throw new Unreadable('The file is empty or cut off.')
  const cells = rows.map((row) => row.split(','))
  const [first = []] = cells
  const [gatewaySettlementId = '', utr = ''] = first
  const lines = cells.map((row, index) => {
    if (row.length !== HEAD.length) throw new Unreadable(`Line ${index + 1} has ${row.length} cells.`)
    if (row[0] !== gatewaySettlementId || row[1] !== utr) throw new Unreadable(`Line ${index + 1} is of another file.`)
    return toLine(Object.fromEntries(HEAD.map((name, at) => [name, row[at] ?? ''])), index + 1)
  })
  return { gatewaySettlementId, utr, lines }
}

function toLine(row: Readonly<Record<string, string>>, place: number): SettlementLine {
  const cell = (name: string) => row[name] ?? ''
  const currency = cell('currency')
  const type = cell('type')
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  const at = parseInstant(cell('at'))
  if (!isCurrency(currency) || kind === undefined || at === undefined) {
    throw new Unreadable(`Line ${place} has a type, a currency or a time that cannot be read.`)
  }
  const amount = (name: string) => parseDecimal(cell(name), currency, name)
  return {
    line: place,
    kind,
    gatewayObjectId: cell('id'),
    gatewayPaymentId: cell('payment_id'),
    reference: cell('reference'),
    paymentAmount: amount('payment_amount'),
    gross: amount('gross'),
    fee: amount('fee'),
    gst: amount('gst'),
    tds: amount('tds'),
    netMinor: signedMinor(cell('net'), currency),
    at,
  }
}

function signedMinor(text: string, currency: Currency): bigint {
  return text.startsWith('-') ? -parseDecimal(text.slice(1), currency).minor : parseDecimal(text, currency).minor
}
