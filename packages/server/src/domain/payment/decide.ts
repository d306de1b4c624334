// What news from a gateway makes of a payment, complete and pure: the payment as it will be, whether it is a second
// success, what is posted, and what contradicts what is known. operations/record-result.ts only writes this down; the
// simulation drives it a million times without a database.
import type { PaymentId } from '../../kernel/ids.ts'
import { isGreater } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import { postingsForCapture } from '../ledger/posting.ts'
import type { Posting } from '../ledger/posting.ts'
import { isSecondSuccess } from '../order/second-success.ts'
import type { OrderTerms } from '../order/second-success.ts'
import { eventsOf, mismatch, transition } from './payment.ts'
import type { Payment, PaymentEvent } from './payment.ts'
import { contradiction } from './contradiction.ts'
import type { AnsweredCall, Conflict, PaymentNews } from './news.ts'
import type { PaymentRecord } from './record.ts'
import type { Decline, PaymentReport } from './report.ts'

export type PaymentDecision = {
  /** As it will be; the same object as before when nothing changes. */
  readonly payment: PaymentRecord
  /** The event that moved it last, for the history. */
  readonly event: string
  readonly conflicts: readonly Conflict[]
  readonly postings: readonly Posting[]
  /** Whether the merchant hears of it: its status or its captured total changed. */
  readonly announce: boolean
  /** A second success: its money goes back by itself. */
  readonly giveBack: boolean
  /** Money of a mandate whose period another payment holds by now. */
  readonly surplus: boolean
}

type Facts = {
  /** Null for money on account. */
  readonly order: OrderTerms | null
  /** The other attempts of the order. */
  readonly others: readonly PaymentRecord[]
  /** Business time. */
  readonly now: Date
  /** The payment that holds the mandate's period, which this one gave up; absent or null without one. */
  readonly periodHolder?: PaymentId | null
}

/** `answers` is the kind of call that the news is the answer to; for a notification, `authorize`. */
export function decidePayment(
  before: PaymentRecord,
  news: PaymentNews,
  answers: AnsweredCall,
  facts: Facts,
): PaymentDecision {
  const applied = applyNews(before, news, answers)
  const next = applied.payment
  const contradicted = contradiction(before, news)
  const found = contradicted === undefined ? applied.conflicts : [...applied.conflicts, contradicted]
  if (!differs(before, next)) {
    return {
      payment: before,
      event: applied.event,
      conflicts: found,
      postings: [],
      announce: false,
      giveBack: false,
      surplus: false,
    }
  }
  const gained = isGreater(next.amountCaptured, before.amountCaptured)
  const becameMoney = isMoney(next) && next.status !== before.status
  const turned = becameMoney && !isMoney(before)
  const periodHolder = facts.periodHolder ?? null
  const surplus = turned && periodHolder !== null
  // Asked again when a hold is captured: by then another attempt may have brought the order its money.
  const { order } = facts
  const second = surplus || (becameMoney && order !== null && isSecondSuccess(order, next, facts.others))
  const payment: PaymentRecord = {
    ...next,
    duplicate: before.duplicate || second,
    late: before.late || (gained && order !== null && order.expiredAt !== null),
    capturedAt: next.capturedAt ?? (gained ? facts.now : null),
  }
  return {
    payment,
    event: applied.event,
    conflicts: surplus
      ? [...found, { kind: 'mandate_period_charged_twice', details: { holder_payment_id: periodHolder } }]
      : found,
    postings: postingsForCapture(before, payment),
    announce: payment.status !== before.status || gained,
    giveBack: payment.duplicate && isMoney(payment) && (gained || becameMoney),
    surplus,
  }
}

type Applied = Pick<PaymentDecision, 'payment' | 'event' | 'conflicts'>

function applyNews(before: PaymentRecord, news: PaymentNews, answers: AnsweredCall): Applied {
  // A declined, failed or unknown capture is about the capture; the hold still stands.
  const own = answers === 'authorize'
  switch (news.kind) {
    case 'report':
      return applyReport(before, news.report)
    case 'declined':
      return own ? applyEvents(before, [{ type: 'declined' }], { decline: news.decline }) : unchanged(before, news.kind)
    case 'failed':
      return own
        ? applyEvents(before, [{ type: 'failed' }], { failureReason: news.reason })
        : unchanged(before, news.kind)
    case 'unknown':
      return own
        ? applyEvents(before, [{ type: 'outcome_unknown' }], { failureReason: news.reason })
        : unchanged(before, news.kind)
    case 'absent':
      return unchanged(before, news.kind)
    case 'collected':
      return applyEvents(before, [{ type: 'captured', total: news.total, final: true }], {})
    case 'given_up':
      return applyEvents(before, [{ type: 'canceled' }], {})
    case 'decided':
      return applyDecision(before, news, own)
  }
}

/** A person's decision about the payment; one about a capture that did nothing leaves the hold as it is. */
function applyDecision(before: PaymentRecord, decided: Decided, own: boolean): Applied {
  const { outcome, gatewayPaymentId } = decided
  if (!own && (outcome === 'declined' || outcome === 'failed')) return unchanged(before, `person_${outcome}`)
  const known = gatewayPaymentId === null ? {} : { gatewayPaymentId }
  const applied = applyEvents(before, eventsOfDecision(decided), {
    ...known,
    ...(outcome === 'failed' ? { failureReason: 'Decided by a person.' } : {}),
  })
  return { ...applied, payment: { ...applied.payment, personOutcome: outcome } }
}

type Decided = Extract<PaymentNews, { kind: 'decided' }>

function eventsOfDecision({ outcome, total, final }: Decided): readonly PaymentEvent[] {
  if (outcome === 'authorized') return [{ type: 'authorized', total }]
  if (outcome === 'captured') return [{ type: 'captured', total, final }]
  return [{ type: outcome }]
}

const unchanged = (payment: PaymentRecord, event: string): Applied => ({ payment, event, conflicts: [] })

/** Why the call that the news answers certainly did nothing; undefined where nothing that is believed says so. */
export function noTraceOf(before: PaymentRecord, news: PaymentNews): string | undefined {
  return news.kind === 'report' && disbelief(before, news.report) === undefined ? news.noTrace : undefined
}

function disbelief(before: PaymentRecord, report: PaymentReport): string | undefined {
  const foreign = before.gatewayPaymentId !== null && before.gatewayPaymentId !== report.gatewayPaymentId
  const misnamed = before.origin === 'ours' && report.reference !== null && report.reference !== before.reference
  return (
    mismatch(before, report) ??
    (foreign ? 'other_gateway_payment' : undefined) ??
    (misnamed ? 'other_reference' : undefined)
  )
}

function applyReport(before: PaymentRecord, report: PaymentReport): Applied {
  const wrong = disbelief(before, report)
  if (wrong !== undefined) {
    const details = {
      reported_amount: report.amount.minor.toString(),
      reported_currency: report.amount.currency,
      reported_state: report.state,
      gateway_payment_id: report.gatewayPaymentId,
    }
    // Genuine, but not about this payment's money: nothing of it is believed, and the outcome stays open.
    const unsure = applyEvents(before, [{ type: 'outcome_unknown' }], {})
    return { ...unsure, conflicts: [{ kind: wrong, details }] }
  }
  return applyEvents(before, eventsOf(report), {
    gatewayPaymentId: report.gatewayPaymentId,
    facts: { ...before.facts, ...report.facts },
    action: report.state === 'requires_action' ? (report.action ?? before.action) : null,
    ...(report.decline === undefined ? {} : { decline: report.decline }),
  })
}

/** What is learnt beside an event; kept only with a status that it belongs to. */
type Beside = {
  readonly gatewayPaymentId?: string
  readonly facts?: PaymentRecord['facts']
  readonly action?: PaymentRecord['action']
  readonly decline?: Decline
  readonly failureReason?: string
}

function applyEvents(before: PaymentRecord, events: readonly PaymentEvent[], beside: Beside): Applied {
  let state: Payment = before
  const conflicts: Conflict[] = []
  for (const event of events) {
    const step = transition(state, event)
    const details = { status: state.status, event: event.type }
    if (step.kind === 'conflict') conflicts.push({ kind: step.reason, details })
    if (step.kind !== 'moved') continue
    if (step.conflict) conflicts.push({ kind: 'late_success', details })
    state = step.payment
  }
  const unsure = state.status === 'failed' || state.status === 'unknown'
  const payment: PaymentRecord = {
    ...before,
    ...state,
    gatewayPaymentId: before.gatewayPaymentId ?? beside.gatewayPaymentId ?? null,
    facts: beside.facts ?? before.facts,
    action: state.status === 'requires_action' ? (beside.action ?? before.action) : null,
    decline: state.status === 'declined' ? (before.decline ?? beside.decline ?? UNEXPLAINED) : before.decline,
    failureReason: unsure ? (beside.failureReason ?? before.failureReason) : before.failureReason,
  }
  return { payment, event: events.at(-1)?.type ?? 'none', conflicts }
}

const UNEXPLAINED: Decline = { stage: 'authorization', code: 'other', gatewayCode: '' }

/** Whether the payer's money is held or taken. */
export function isMoney(payment: Pick<Payment, 'status'>): boolean {
  return payment.status === 'authorized' || payment.status === 'captured'
}

function differs(a: PaymentRecord, b: PaymentRecord): boolean {
  return (
    a.status !== b.status ||
    a.captureFinal !== b.captureFinal ||
    a.gatewayPaymentId !== b.gatewayPaymentId ||
    a.failureReason !== b.failureReason ||
    a.personOutcome !== b.personOutcome ||
    !sameAmount(a.amountAuthorized, b.amountAuthorized) ||
    !sameAmount(a.amountCaptured, b.amountCaptured) ||
    JSON.stringify([a.facts, a.action, a.decline]) !== JSON.stringify([b.facts, b.action, b.decline])
  )
}

const sameAmount = (a: Money, b: Money) => a.minor === b.minor
