// Cells that a pure decision answers: the state tables themselves, the status of an order, of a mandate's execution,
// and what an answer is worth for a call. Every table of the domain is found here by itself: none can be forgotten.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { executionStatusOf } from '../../../domain/mandate/execution.ts'
import { settlePaymentAnswer, settleRefundAnswer } from '../../../domain/operation/answer.ts'
import type { PaymentAnswer, RefundAnswer } from '../../../domain/operation/answer.ts'
import { deriveOrderStatus } from '../../../domain/order/states.ts'
import { PAYMENT_STATUSES } from '../../../domain/payment/states.ts'
import { look } from '../../../domain/state-table.ts'
import type { StateTable } from '../../../domain/state-table.ts'
import { money } from '../../../kernel/money.ts'
import { cellsOf, DRAWN } from './drawn.ts'
import type { Reached } from './reached.ts'

const DOMAIN = fileURLToPath(new URL('../../../domain', import.meta.url))

/** Every state table that the domain has, by the name it is exported under. */
export async function findTables(): Promise<ReadonlyMap<string, StateTable<string, string>>> {
  const found = new Map<string, StateTable<string, string>>()
  const files = readdirSync(DOMAIN, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    const names = readFileSync(join(DOMAIN, file), 'utf8').matchAll(/^export const (\w+): StateTable</gm)
    for (const [, name = ''] of names) {
      const exports = (await import(join(DOMAIN, file))) as Record<string, StateTable<string, string>>
      const table = exports[name]
      if (table !== undefined) found.set(name, table)
    }
  }
  return found
}

export async function reachTables(reached: Reached): Promise<void> {
  const tables = await findTables()
  for (const name of Object.keys(DRAWN))
    if (!tables.has(name)) reached.fault(`${name} is drawn, and no table of the domain.`)
  for (const [name, table] of tables) {
    const drawing = DRAWN[name]
    if (drawing === undefined) {
      reached.fault(`${name} is not drawn: add what each of its cells has to say to matrices/drawn.ts.`)
      continue
    }
    const own = Object.entries(table).flatMap(([status, row]) => Object.keys(row).map((event) => `${status} ${event}`))
    const drawn = new Map(cellsOf(drawing).map((cell) => [`${cell.status} ${cell.event}`, cell.expected]))
    for (const cell of drawn.keys()) if (!own.includes(cell)) reached.fault(`${name} has no cell ${cell}.`)
    for (const cell of own) {
      const [status = '', event = ''] = cell.split(' ')
      const step = look(table, status, event)
      const said = step.kind === 'moved' ? `${step.to}${step.conflict ? '!' : ''}` : step.kind === 'same' ? '=' : '!'
      reached.cell(nounOf(name), cell, 'memory', said, drawn.get(cell) ?? 'nothing')
    }
  }
}

export const nounOf = (table: string) => table.replace(/_TABLE$/, '').toLowerCase()

// By the one attempt of an order of 1000: nothing captured, or 400, or all. Beside it: the order as it is, run out, and
// called off.
const ORDER_STATUS: Readonly<Record<string, string>> = {
  created: 'processing processing processing',
  requires_action: 'processing processing processing',
  processing: 'processing processing processing',
  unknown: 'processing processing processing',
  authorized: 'authorized authorized authorized',
  failed: 'open expired canceled',
  expired: 'open expired canceled',
  canceled: 'open expired canceled',
  declined: 'open expired canceled',
  voided: 'open expired canceled',
  'captured 400': 'partially_paid partially_paid partially_paid',
  'captured 1000': 'paid paid paid',
  'captured 1000 duplicate': 'open expired canceled',
  'requires_action cash': 'awaiting_collection awaiting_collection awaiting_collection',
  none: 'open expired canceled',
}
const CONDITIONS = ['as it is', 'run out', 'called off'] as const

export function reachOrderStatus(reached: Reached): void {
  const missing = PAYMENT_STATUSES.filter((known) => !Object.keys(ORDER_STATUS).some((row) => row.startsWith(known)))
  if (missing.length > 0) reached.fault(`The order's status is not drawn for ${missing.join(', ')}.`)
  for (const [row, drawn] of Object.entries(ORDER_STATUS)) {
    const [word = '', captured = '0'] = row.split(' ')
    const status = PAYMENT_STATUSES.find((known) => known === word)
    const attempt = (known: (typeof PAYMENT_STATUSES)[number]) => ({
      status: known,
      capturedMinor: known === 'captured' ? BigInt(captured) : 0n,
      duplicate: row.endsWith('duplicate'),
      awaitsCash: row.endsWith('cash'),
    })
    for (const [at, condition] of CONDITIONS.entries()) {
      const facts = { amountMinor: 1000n, expired: at === 1, canceled: at === 2 }
      const said = deriveOrderStatus({ ...facts, payments: status === undefined ? [] : [attempt(status)] })
      reached.cell('order_status', `${row}, ${condition}`, 'memory', said, drawn.split(' ')[at] ?? '')
    }
  }
}

// Before it started, and afterwards.
const EXECUTION: Readonly<Record<string, string>> = {
  created: 'waiting waiting',
  requires_action: 'open open',
  processing: 'open open',
  unknown: 'unknown unknown',
  failed: 'canceled failed',
  expired: 'canceled failed',
  canceled: 'canceled failed',
  declined: 'declined declined',
  authorized: 'open open',
  voided: 'canceled failed',
  captured: 'captured captured',
}

export function reachExecutions(reached: Reached): void {
  for (const status of PAYMENT_STATUSES) {
    for (const [at, when] of ['before it started', 'started'].entries()) {
      const drawn = EXECUTION[status]?.split(' ')[at] ?? 'nothing'
      reached.cell('mandate_execution', `${status}, ${when}`, 'memory', executionStatusOf(status, at === 1), drawn)
    }
  }
}

const inr = (minor: bigint) => money(minor, 'INR')
const REPORT = {
  gatewayPaymentId: 'gp',
  reference: 'pay',
  amount: inr(1000n),
  authorized: inr(1000n),
  facts: {},
} as const
const reported = (captured: bigint, captureFinal: boolean, state: 'authorized' | 'captured' | 'voided') =>
  ({ kind: 'report', report: { ...REPORT, state, captured: inr(captured), captureFinal } }) as const
const REFUSED = { kind: 'failed', reason: 'TOO_MANY_REQUESTS' } as const
const SILENT = { kind: 'unknown', reason: 'timeout' } as const

const ANSWERS: Readonly<Record<string, PaymentAnswer>> = {
  'still held': reported(0n, false, 'authorized'),
  'shows the capture': reported(400n, false, 'captured'),
  released: reported(0n, false, 'voided'),
  absent: { kind: 'absent' },
  silent: SILENT,
  'question refused': REFUSED,
  'question declined': { kind: 'declined', decline: { stage: 'authorization', code: 'other', gatewayCode: '96' } },
}

/** A question that says nothing leaves the call open; silence and time decide nothing. */
function answerDrawn(kind: string, answer: string, toSend: boolean, settled: boolean): string {
  if (answer === 'silent' || answer.startsWith('question')) return 'unknown'
  if (answer === 'absent') return kind === 'authorize' && settled ? 'failed' : 'unknown'
  const isShown = kind === 'capture' ? answer === 'shows the capture' : kind === 'void' ? answer === 'released' : true
  return isShown || toSend || !settled ? 'report' : 'report without it'
}

export function reachAnswers(reached: Reached): void {
  for (const toSend of [false, true]) {
    for (const settled of [false, true]) {
      const when = `${toSend ? 'ours to send' : 'sent'}, ${settled ? 'arrived or lost' : 'on its way'}`
      for (const kind of ['authorize', 'capture', 'void'] as const) {
        for (const [name, answer] of Object.entries(ANSWERS)) {
          const call = { kind, toSend, settled, targetTotalMinor: kind === 'capture' ? 400n : null }
          const settlement = settlePaymentAnswer(call, answer)
          const isWithout = settlement.kind === 'report' && settlement.noTrace !== undefined
          const said = isWithout ? 'report without it' : settlement.kind
          reached.cell(
            'operation',
            `${kind}, ${when}, ${name}`,
            'memory',
            said,
            answerDrawn(kind, name, toSend, settled),
          )
        }
      }
      for (const [name, answer] of Object.entries(REFUND_ANSWERS)) {
        const said = settleRefundAnswer({ kind: 'refund', toSend, settled, targetTotalMinor: null }, answer)
        const drawn = refundAnswerDrawn(name, toSend, settled)
        reached.cell('operation', `refund, ${when}, ${name}`, 'memory', said === 'send' ? said : said.kind, drawn)
      }
    }
  }
}

const REFUND_ANSWERS: Readonly<Record<string, RefundAnswer>> = {
  told: {
    kind: 'report',
    report: { gatewayRefundId: 'gr', gatewayPaymentId: 'gp', reference: 'ref', amount: inr(400n), state: 'pending' },
  },
  absent: { kind: 'absent' },
  silent: SILENT,
  'question refused': REFUSED,
  'question declined': { kind: 'declined' },
}

/** Our own is sent again for as long as it is certainly not there; a merchant's ends for being absent, in time. */
function refundAnswerDrawn(answer: string, toSend: boolean, settled: boolean): string {
  if (answer === 'told') return 'report'
  if (toSend) return answer === 'absent' ? 'send' : 'absent'
  return answer === 'absent' && settled ? 'failed' : 'unknown'
}
