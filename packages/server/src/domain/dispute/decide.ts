// What news makes of a dispute and of its payment's money, complete and pure. Of the payment no more is ever held than
// refunds have left: a dispute of more is shown to a person, and takes what comes free later.
import { add, equals, isGreater, isPositive, subtract, zero } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import { postingsForDispute } from '../ledger/posting.ts'
import type { Posting } from '../ledger/posting.ts'
import type { Conflict } from '../payment/news.ts'
import type { PaymentRecord } from '../payment/record.ts'
import { refundable } from '../refund/decide.ts'
import type { DisputeRecord } from './dispute.ts'
import type { DisputeReport } from './report.ts'
import { disputeStep } from './states.ts'
import type { DisputeEventType, DisputeStatus } from './states.ts'

export type DisputeNews =
  | { readonly kind: 'report'; readonly report: DisputeReport }
  /** The time for evidence is over. */
  | { readonly kind: 'lapsed' }
  /** The merchant's own word, where no gateway has to hear it. */
  | { readonly kind: 'said'; readonly event: 'accepted' | 'submitted' }
  /** A person's word, with evidence. */
  | { readonly kind: 'decided'; readonly outcome: 'won' | 'lost' }

export type DisputeDecision = {
  /** The same objects as before where nothing changes. */
  readonly dispute: DisputeRecord
  readonly payment: PaymentRecord
  /** Null where its status stays. */
  readonly event: DisputeEventType | null
  readonly conflicts: readonly Conflict[]
  readonly postings: readonly Posting[]
}

const EVENT_OF_STATE: Record<DisputeStatus, DisputeEventType> = {
  open: 'opened',
  under_review: 'submitted',
  accepted: 'accepted',
  expired: 'expired',
  won: 'won',
  lost: 'lost',
}

const DONE_BY: Partial<Record<DisputeEventType, DisputeRecord['pendingAction']>> = {
  accepted: 'accept',
  submitted: 'submit_evidence',
}

/** `before` is a fresh one, open and without anything reserved, when nobody knew of it. */
export function decideDispute(
  before: DisputeRecord,
  payment: PaymentRecord,
  news: DisputeNews,
  now: Date,
): DisputeDecision {
  const details = { dispute_id: before.id, gateway_dispute_id: before.gatewayDisputeId }
  const stay = (dispute: DisputeRecord, conflict?: Conflict): DisputeDecision => ({
    dispute,
    payment,
    event: null,
    conflicts: conflict === undefined ? [] : [conflict],
    postings: [],
  })
  if (news.kind === 'report' && !equals(news.report.amount, before.amount)) {
    const { minor, currency } = news.report.amount
    const told = { reported_amount: minor.toString(), reported_currency: currency, reported_state: news.report.state }
    return stay(before, { kind: 'dispute_wrong_amount', details: { ...details, ...told } })
  }
  if (news.kind === 'report' && isStale(before, news.report)) return stay(before)
  const event = eventOf(news)
  const learnt = news.kind === 'report' ? withFacts(before, news.report) : before
  const known = confirmed(learnt, event)
  const step = disputeStep(before.status, event)
  const unexpected = { status: before.status, event, ...details }
  if (step.kind === 'conflict') return stay(known, { kind: 'dispute_unexpected', details: unexpected })
  if (step.kind === 'same') return stay(known)
  const isDecided = step.to === 'won' || step.to === 'lost'
  const moved: DisputeRecord = {
    ...known,
    status: step.to,
    pendingAction: isDecided ? null : known.pendingAction,
    decidedAt: isDecided ? now : null,
  }
  const reserved = reserve(before, moved, payment)
  return {
    ...reserved,
    event,
    conflicts: [...(step.conflict ? [{ kind: 'dispute_reversed', details: unexpected }] : []), ...reserved.conflicts],
  }
}

/** Holds what the payment has left for it; for a fresh dispute, and when a refund gave something back. */
export function reserve(
  before: DisputeRecord,
  after: DisputeRecord,
  payment: PaymentRecord,
): Pick<DisputeDecision, 'dispute' | 'payment' | 'conflicts' | 'postings'> {
  const none = zero(before.amount.currency)
  const left = add(refundable(payment), before.amountReserved)
  const wanted = after.status === 'won' ? none : after.amount
  const amountReserved = isGreater(wanted, left) ? left : wanted
  const isShort = isGreater(wanted, amountReserved)
  const dispute = equals(after.amountReserved, amountReserved) ? after : { ...after, amountReserved }
  const change = subtract(amountReserved, before.amountReserved)
  return {
    dispute,
    payment: change.minor === 0n ? payment : { ...payment, amountDisputed: add(payment.amountDisputed, change) },
    conflicts: isShort ? [beyond(dispute, subtract(wanted, amountReserved))] : [],
    postings: postingsForDispute(before, dispute),
  }
}

export function isShort(dispute: DisputeRecord): boolean {
  return dispute.status !== 'won' && isPositive(subtract(dispute.amount, dispute.amountReserved))
}

function beyond(dispute: DisputeRecord, missing: Money): Conflict {
  const details = {
    dispute_id: dispute.id,
    disputed: dispute.amount.minor.toString(),
    not_held: missing.minor.toString(),
    currency: missing.currency,
  }
  return { kind: 'dispute_beyond_balance', details }
}

function eventOf(news: DisputeNews): DisputeEventType {
  switch (news.kind) {
    case 'report':
      return EVENT_OF_STATE[news.report.state]
    case 'lapsed':
      return 'expired'
    case 'said':
      return news.event
    case 'decided':
      return news.outcome
  }
}

function isStale(before: DisputeRecord, report: DisputeReport): boolean {
  return before.gatewaySequence !== null && report.sequence !== null && report.sequence < before.gatewaySequence
}

function withFacts(before: DisputeRecord, report: DisputeReport): DisputeRecord {
  const facts = {
    gatewaySequence: report.sequence ?? before.gatewaySequence,
    gatewayCode: report.gatewayCode ?? before.gatewayCode,
    evidenceDueAt: report.evidenceDueAt ?? before.evidenceDueAt,
    reason: report.reason === 'other' ? before.reason : report.reason,
  }
  const isKnown =
    facts.gatewaySequence === before.gatewaySequence &&
    facts.gatewayCode === before.gatewayCode &&
    facts.evidenceDueAt?.getTime() === before.evidenceDueAt?.getTime() &&
    facts.reason === before.reason
  return isKnown ? before : { ...before, ...facts }
}

// What was asked for is settled by its own event.
function confirmed(dispute: DisputeRecord, event: DisputeEventType): DisputeRecord {
  const { pendingAction } = dispute
  return pendingAction !== null && DONE_BY[event] === pendingAction ? { ...dispute, pendingAction: null } : dispute
}
