// What a report does to a payment: pure decisions over totals. Neither a hold nor a capture exceeds the amount; a
// report that says otherwise is a conflict and is not booked, whatever its status.
import { equals, isGreater, isZero } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import { look } from '../state-table.ts'
import type { PaymentReport } from './report.ts'
import { PAYMENT_TABLE } from './states.ts'
import type { PaymentEventType, PaymentStatus } from './states.ts'

export type Payment = {
  readonly status: PaymentStatus
  readonly amount: Money
  readonly amountAuthorized: Money
  readonly amountCaptured: Money
  /** Nothing more will be captured; what was left of the hold is released. */
  readonly captureFinal: boolean
}

export type PaymentEvent =
  | { readonly type: Exclude<PaymentEventType, 'authorized' | 'captured' | 'lapsed'> }
  | { readonly type: 'authorized'; readonly total: Money }
  /** What had been held has run out. */
  | { readonly type: 'lapsed'; readonly total: Money }
  | { readonly type: 'captured'; readonly total: Money; readonly final: boolean }

export type PaymentTransition =
  | { readonly kind: 'moved'; readonly payment: Payment; readonly conflict: boolean }
  | { readonly kind: 'same' }
  | {
      readonly kind: 'conflict'
      readonly reason: 'unexpected' | 'exceeds_amount' | 'wrong_currency'
    }

/** Pure: it reads no clock, calls no one, and writes nothing. */
export function transition(payment: Payment, event: PaymentEvent): PaymentTransition {
  const refused = refusal(payment, event)
  if (refused !== undefined) return { kind: 'conflict', reason: refused }

  // A hold runs out once. Who tells of that same hold afterwards comes late, and must not bring it back.
  const lapsed = payment.status === 'expired' && event.type === 'authorized'
  if (lapsed && !isGreater(event.total, payment.amountAuthorized)) return { kind: 'same' }

  const step = look(PAYMENT_TABLE, payment.status, event.type)
  if (step.kind === 'conflict') return { kind: 'conflict', reason: 'unexpected' }
  const next = withTotals(payment, event)
  if (step.kind === 'moved') return { kind: 'moved', payment: { ...next, status: step.to }, conflict: step.conflict }
  return next === payment ? { kind: 'same' } : { kind: 'moved', payment: next, conflict: false }
}

function refusal(payment: Payment, event: PaymentEvent) {
  if (!('total' in event)) return undefined
  if (event.total.currency !== payment.amount.currency) return 'wrong_currency'
  if (isGreater(event.total, payment.amount)) return 'exceeds_amount'
  return undefined
}

// The highest total that was ever told stands, whatever the order of the news. Captured money was held, whether or not
// anybody told of the hold: a sale has none of its own.
function withTotals(payment: Payment, event: PaymentEvent): Payment {
  if (!('total' in event)) return payment
  const amountAuthorized = isGreater(event.total, payment.amountAuthorized) ? event.total : payment.amountAuthorized
  if (event.type !== 'captured') {
    return amountAuthorized === payment.amountAuthorized ? payment : { ...payment, amountAuthorized }
  }
  const grows = isGreater(event.total, payment.amountCaptured)
  const closes = event.final && !payment.captureFinal && !isGreater(payment.amountCaptured, event.total)
  if (!grows && !closes) return payment
  return {
    ...payment,
    amountAuthorized,
    amountCaptured: grows ? event.total : payment.amountCaptured,
    captureFinal: payment.captureFinal || closes,
  }
}

/** The events that a report stands for, in the order in which they must be applied. */
export function eventsOf(report: PaymentReport): readonly PaymentEvent[] {
  switch (report.state) {
    case 'pending':
      return [{ type: 'pending' }]
    case 'requires_action':
      return [{ type: 'action_required' }]
    case 'authorized':
      return [{ type: 'authorized', total: report.authorized }]
    case 'captured': {
      const captured = { type: 'captured', total: report.captured, final: report.captureFinal } as const
      return isZero(report.authorized) ? [captured] : [{ type: 'authorized', total: report.authorized }, captured]
    }
    case 'declined':
    case 'voided':
    case 'canceled':
      return [{ type: report.state }]
    case 'expired':
      return [isZero(report.authorized) ? { type: 'expired' } : { type: 'lapsed', total: report.authorized }]
  }
}

/** Genuine is not enough: the report must be about this payment's money. Undefined when it is. */
export function mismatch(payment: Payment, report: PaymentReport): 'wrong_amount' | 'wrong_currency' | undefined {
  if (report.amount.currency !== payment.amount.currency) return 'wrong_currency'
  return equals(report.amount, payment.amount) ? undefined : 'wrong_amount'
}
