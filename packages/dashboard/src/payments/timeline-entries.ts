// One story out of five lists: what happened to a payment, in order, told once. Pure; the view only draws it.
import { formatAmount } from '../amount.ts'
import type { Timeline } from '../api.ts'
import { plain, STATUSES } from './words.ts'

export type Entry = {
  readonly key: string
  readonly at: string
  readonly kind: 'payment' | 'operation' | 'refund' | 'delivery' | 'conflict'
  readonly title: string
  readonly detail: string
}

/** Oldest first; at the same instant what was asked for comes before what followed from it. */
export function entriesOf(timeline: Timeline): readonly Entry[] {
  const { currency } = timeline.payment
  const entries = [
    ...timeline.transitions.map(transitionEntry),
    ...timeline.operations.flatMap((operation) => operationEntries(operation, currency)),
    ...timeline.refunds.flatMap(refundEntries),
    ...timeline.conflicts.map(conflictEntry),
    ...timeline.deliveries.flatMap(deliveryEntries),
  ]
  const rank = (entry: Entry) => KINDS.indexOf(entry.kind)
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a) - rank(b))
}

const KINDS: readonly Entry['kind'][] = ['payment', 'refund', 'operation', 'conflict', 'delivery']

type Item<List extends keyof Timeline> = Timeline[List] extends readonly (infer One)[] ? One : never

// What happens to money that a person recorded, beside its status.
const STEPS_BESIDE: Readonly<Record<string, string>> = {
  allocated: 'A part was applied',
  withdrawn: 'A part was taken back',
  cleared: 'The cheque cleared',
  bounced: 'The cheque bounced',
  reversed: 'Reversed: recorded in error',
}

function transitionEntry(transition: Item<'transitions'>): Entry {
  const { from, to, event, cause, actor, version } = transition
  const step = from === to ? STEPS_BESIDE[event] : undefined
  return {
    key: `transition ${version}`,
    at: transition.at,
    kind: 'payment',
    title:
      step ?? (from === null || from === to ? STATUSES[to].label : `${STATUSES[from].label} → ${STATUSES[to].label}`),
    detail: `by ${cause} (${actor})`,
  }
}

function operationEntries(operation: Item<'operations'>, currency: string): Entry[] {
  const { id, kind, status, amount, reason, questions } = operation
  const what = `${kind === 'void' ? 'Void' : plain(kind)} of ${formatAmount(amount, currency)}`
  const name = kind === 'question' ? 'Question about the payment' : what
  const title = name.charAt(0).toUpperCase() + name.slice(1)
  const started: Entry = {
    key: `${id} started`,
    at: operation.started_at,
    kind: 'operation',
    title: `${title} sent`,
    detail: 'to the gateway',
  }
  const asked = questions === 0 ? '' : `, gateway asked ${questions} ${questions === 1 ? 'time' : 'times'}`
  if (operation.ended_at === null) {
    const next = operation.next_question_at
    if (status !== 'unknown') return [started]
    const detail = `no answer that can be relied on${asked}${next === null ? '' : '; it is asked again'}`
    return [started, { ...started, key: `${id} open`, title: `${title}: outcome unknown`, detail }]
  }
  const ended: Entry = {
    key: `${id} ended`,
    at: operation.ended_at,
    kind: 'operation',
    title: `${title} ${status}`,
    detail: `${reason === null ? 'by the gateway' : plain(reason)}${asked}`,
  }
  return [started, ended]
}

function refundEntries(refund: Item<'refunds'>): Entry[] {
  const amount = formatAmount(refund.amount, refund.currency)
  const why = plain(refund.reason) + (refund.note === '' ? '' : `: ${refund.note}`)
  const begun: Entry = {
    key: `${refund.id} begun`,
    at: refund.created_at,
    kind: 'refund',
    title: `Refund of ${amount} ${refund.automatic ? 'made by itself' : 'asked for'}`,
    detail: why,
  }
  if (refund.status === 'pending') return [begun]
  const at = refund.succeeded_at ?? refund.updated_at
  const detail = refund.arn === null ? refund.id : `ARN ${refund.arn}`
  return [begun, { key: `${refund.id} now`, at, kind: 'refund', title: `Refund of ${amount} ${refund.status}`, detail }]
}

function conflictEntry(conflict: Item<'conflicts'>): Entry {
  const details = Object.entries(conflict.details).map(([name, value]) => `${plain(name)} ${String(value)}`)
  return {
    key: conflict.id,
    at: conflict.at,
    kind: 'conflict',
    title: `Conflict: ${plain(conflict.kind)}`,
    detail: details.join(', '),
  }
}

function deliveryEntries(delivery: Item<'deliveries'>): Entry[] {
  const { status, tries } = delivery
  const last = delivery.attempts[delivery.attempts.length - 1]
  const outcome =
    last === undefined ? 'not tried yet' : `${plain(last.outcome)}${last.status === null ? '' : ` (${last.status})`}`
  const entry: Entry = {
    key: delivery.id,
    at: delivery.ended_at ?? last?.at ?? delivery.created_at,
    kind: 'delivery',
    title: `Webhook ${delivery.event_type} ${status}`,
    detail: `${outcome}, ${tries} ${tries === 1 ? 'try' : 'tries'}`,
  }
  return [entry]
}
