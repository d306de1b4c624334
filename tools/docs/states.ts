// docs/reference/states.md: what every noun may become, straight from the tables that decide it.
import {
  DISPUTE_EVENTS,
  DISPUTE_TABLE,
  HOLDING_DISPUTE_STATUSES,
} from '../../packages/server/src/domain/dispute/states.ts'
import { MANDATE_EVENTS, MANDATE_TABLE } from '../../packages/server/src/domain/mandate/states.ts'
import { OFFLINE_EVENTS, OFFLINE_TABLE } from '../../packages/server/src/domain/offline/states.ts'
import { deriveOrderStatus, MAX_ATTEMPTS, payability } from '../../packages/server/src/domain/order/states.ts'
import type { AttemptFacts } from '../../packages/server/src/domain/order/states.ts'
import {
  ALIVE_STATUSES,
  PAYMENT_EVENTS,
  PAYMENT_STATUSES,
  PAYMENT_TABLE,
  UNSETTLED_STATUSES,
} from '../../packages/server/src/domain/payment/states.ts'
import type { PaymentStatus } from '../../packages/server/src/domain/payment/states.ts'
import {
  REFUND_EVENTS,
  REFUND_TABLE,
  RESERVING_REFUND_STATUSES,
} from '../../packages/server/src/domain/refund/states.ts'
import { SESSION_EVENTS, SESSION_TABLE } from '../../packages/server/src/domain/session/states.ts'
import { look } from '../../packages/server/src/domain/state-table.ts'
import type { StateTable } from '../../packages/server/src/domain/state-table.ts'
import { code, document, mermaid, table } from './markdown.ts'

const LEGEND = `How to read the tables: a row is the present status, a column is what is reported. A word in a cell is the next status;
an empty cell is a repeat or stale news, accepted without a change; **conflict** is never expected: it is recorded, shown to
a person, and changes nothing; a status with **!** is moved to, because money moved, and recorded as a conflict as well.
The same transitions are rows of \`allowed_transitions\` in the database, where a trigger refuses every other one.`

type Noun = { readonly table: StateTable<string, string>; readonly events: readonly string[] }

function noun(states: StateTable<string, string>, events: readonly string[]): Noun {
  return { table: states, events }
}

function tableOf({ table: states, events }: Noun): string {
  return table(
    ['', ...events.map(code)],
    Object.entries(states).map(([status, row]) => [code(status), ...events.map((event) => cellOf(row[event] ?? ''))]),
  )
}

function cellOf(cell: string): string {
  if (cell === 'same') return ''
  return cell === 'conflict' || cell.endsWith('!') ? `**${cell}**` : cell
}

function diagramOf({ table: states, events }: Noun): string {
  const arrows = Object.keys(states).flatMap((from) => arrowsOf(states, from, events, '  '))
  return mermaid(['stateDiagram-v2', `  [*] --> ${Object.keys(states)[0] ?? ''}`, ...arrows])
}

/** One arrow for all events that lead from one status to the same other. */
function arrowsOf(states: Noun['table'], from: string, events: readonly string[], indent: string, as = from): string[] {
  const labels = new Map<string, string[]>()
  for (const event of events) {
    const step = look(states, from, event)
    if (step.kind === 'moved') labels.set(step.to, [...(labels.get(step.to) ?? []), event])
  }
  return [...labels].map(([to, names]) => `${indent}${as} --> ${to}: ${names.join(', ')}`)
}

/** What the open statuses have in common is drawn once, out of the box around them. */
function paymentDiagram({ table: states, events }: Noun): string {
  const open: readonly string[] = ['created', ...UNSETTLED_STATUSES]
  const isShared = (event: string) => new Set(open.map((status) => states[status]?.[event])).size === 1
  const shared = events.filter(isShared)
  const inside = events.filter((event) => !isShared(event))
  return mermaid([
    'stateDiagram-v2',
    '  [*] --> open',
    '  state open {',
    '    [*] --> created',
    ...open.flatMap((status) => arrowsOf(states, status, inside, '    ')),
    '  }',
    ...arrowsOf(states, 'created', shared, '  ', 'open'),
    ...arrowsOf(states, 'authorized', events, '  '),
  ])
}

const only = (status: PaymentStatus): AttemptFacts => ({
  status,
  capturedMinor: status === 'captured' ? 100n : 0n,
  duplicate: false,
  awaitsCash: false,
})

function orderPart(): string {
  const facts = { amountMinor: 100n, expired: false, canceled: false }
  const rows = PAYMENT_STATUSES.map((status) => {
    const order = { ...facts, payments: [only(status)] }
    const may = payability(order)
    return [
      code(status),
      deriveOrderStatus(order),
      deriveOrderStatus({ ...order, expired: true }),
      deriveOrderStatus({ ...order, canceled: true }),
      may === 'payable' ? 'yes' : `no: ${may.replaceAll('_', ' ')}`,
    ]
  })
  return table(
    ['Its only attempt is', 'Order', 'when it ran out', 'when it was canceled', 'Another attempt before that'],
    rows,
  )
}

const ORDER = `An order's status is never set: it is derived from its attempts, its expiry and its cancellation, in the transaction that
changes one of them. The first of these that holds wins:

1. \`paid\`: captured money reaches the amount, money that was allocated to it included. Duplicates, which are given back by
   themselves, do not count.
2. \`authorized\`: an attempt holds money.
3. \`partially_paid\`: some money was captured.
4. \`processing\`: an attempt is alive. \`awaiting_collection\`: all that are alive wait for cash.
5. \`canceled\`, \`expired\`, else \`open\`.

A refund stands beside the status and changes none of this: a paid order that was refunded is still paid, and cannot be
paid again. A cheque that bounces does: what it had paid is owed again. An order takes at most ${MAX_ATTEMPTS} attempts.`

export function statesDocument(): string {
  const payment = noun(PAYMENT_TABLE, PAYMENT_EVENTS)
  const refund = noun(REFUND_TABLE, REFUND_EVENTS)
  const offline = noun(OFFLINE_TABLE, OFFLINE_EVENTS)
  const session = noun(SESSION_TABLE, SESSION_EVENTS)
  const mandate = noun(MANDATE_TABLE, MANDATE_EVENTS)
  const dispute = noun(DISPUTE_TABLE, DISPUTE_EVENTS)
  const holding = HOLDING_DISPUTE_STATUSES.map(code).join(', ')
  const alive = ALIVE_STATUSES.map(code).join(', ')
  const reserving = RESERVING_REFUND_STATUSES.map(code).join(', ')
  return document(
    'States',
    'packages/server/src/domain/*/states.ts',
    LEGEND,
    '## Payment',
    `Alive, so that no second attempt of ours starts beside it: ${alive}.
\`unknown\` may have moved money: it is left by evidence alone, never by a timer. The picture shows the usual course; news
that comes late, when all seemed decided, is in the table.`,
    paymentDiagram(payment),
    tableOf(payment),
    '## Order',
    ORDER,
    orderPart(),
    '## Offline payment',
    `Cash, cheques and bank transfers that a person records: what the paper or the statement says, beside a payment that is
captured at once. A cheque begins \`recorded\` and waits for its bank; cash and transfers begin \`cleared\`. \`bounced\` and
\`reversed\` take back all that it had paid, so that orders and invoices say again what is owed; both are refused once a part
was refunded.`,
    diagramOf(offline),
    tableOf(offline),
    '## Refund',
    `${reserving} reserve their amount, so that refunds of one payment never exceed what was captured.`,
    diagramOf(refund),
    tableOf(refund),
    '## Dispute',
    `${holding} hold their amount from the payment, under the same cap as its refunds; ${code('lost')} keeps it, ${code('won')} gives it
back. Only the gateway or a named person decides; ${code('expired')} says that nobody answered in time.`,
    diagramOf(dispute),
    tableOf(dispute),
    '## Session',
    diagramOf(session),
    tableOf(session),
    '## Mandate',
    'The consent of a payer to later charges. Payers also pause and revoke in the app of their bank.',
    diagramOf(mandate),
    tableOf(mandate),
  )
}
