// The life of one payment, as a complete table. Nothing else in the program decides what a payment may become.
// Evidence has a rank: captured > voided > authorized > declined > canceled > expired > failed > unknown. A report of a
// higher rank moves the payment, one of a lower rank is stale. So the same reports end in the same status whatever
// their order, and captured money is followed wherever it turns up (domain.md, "Late success").
import type { StateTable } from '../state-table.ts'

export const PAYMENT_STATUSES = [
  'created',
  'requires_action',
  'processing',
  'unknown',
  'failed',
  'expired',
  'canceled',
  'declined',
  'authorized',
  'voided',
  'captured',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

export const PAYMENT_EVENTS = [
  'started', // The intent is written; the call to the gateway may leave now.
  'action_required',
  'pending',
  'outcome_unknown', // It may have happened.
  'failed', // Certainly nothing happened.
  'expired', // By the gateway's word, or by ours when certainly nothing was started.
  'lapsed', // The gateway says that the hold has run out.
  'canceled',
  'declined',
  'authorized',
  'voided',
  'captured',
] as const
export type PaymentEventType = (typeof PAYMENT_EVENTS)[number]

type Row = StateTable<PaymentStatus, PaymentEventType>[PaymentStatus]

// What a payment with no outcome yet makes of evidence: it believes all of it.
const OPEN = {
  failed: 'failed',
  expired: 'expired',
  canceled: 'canceled',
  declined: 'declined',
  authorized: 'authorized',
  voided: 'voided',
  captured: 'captured',
  lapsed: 'expired',
} as const satisfies Partial<Row>

export const PAYMENT_TABLE: StateTable<PaymentStatus, PaymentEventType> = {
  created: {
    ...OPEN,
    started: 'processing',
    action_required: 'requires_action',
    pending: 'processing',
    outcome_unknown: 'unknown',
  },
  requires_action: {
    ...OPEN,
    started: 'same',
    action_required: 'same',
    pending: 'processing',
    outcome_unknown: 'unknown',
  },
  processing: {
    ...OPEN,
    started: 'same',
    action_required: 'requires_action',
    pending: 'same',
    outcome_unknown: 'unknown',
  },
  // Unknown is left by evidence alone. "Still pending" is evidence too: the gateway knows it.
  unknown: {
    ...OPEN,
    started: 'conflict',
    action_required: 'requires_action',
    pending: 'processing',
    outcome_unknown: 'same',
  },

  // We were certain that nothing happened. Whatever says otherwise is followed, and looked at by a person.
  failed: {
    started: 'conflict',
    action_required: 'conflict',
    pending: 'conflict',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'expired',
    lapsed: 'expired',
    canceled: 'canceled',
    declined: 'declined',
    authorized: 'authorized!',
    voided: 'voided',
    captured: 'captured!',
  },
  expired: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'same',
    canceled: 'canceled',
    declined: 'declined',
    authorized: 'authorized',
    voided: 'voided',
    captured: 'captured',
  },
  canceled: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'same',
    canceled: 'same',
    declined: 'declined',
    authorized: 'authorized',
    voided: 'voided',
    captured: 'captured',
  },
  declined: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'same',
    canceled: 'same',
    declined: 'same',
    authorized: 'authorized',
    voided: 'voided',
    captured: 'captured',
  },
  authorized: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'expired',
    canceled: 'same',
    declined: 'same',
    authorized: 'same',
    voided: 'voided',
    captured: 'captured',
  },
  voided: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'same',
    canceled: 'same',
    declined: 'same',
    authorized: 'same',
    voided: 'same',
    captured: 'captured!',
  },
  // A repeat of `captured` may carry a higher total; payment.ts takes it up without a change of status.
  captured: {
    started: 'conflict',
    action_required: 'same',
    pending: 'same',
    outcome_unknown: 'same',
    failed: 'same',
    expired: 'same',
    lapsed: 'same',
    canceled: 'same',
    declined: 'same',
    authorized: 'same',
    voided: 'conflict',
    captured: 'same',
  },
}

/** An attempt that may still become money: no other attempt of ours starts beside it. */
export const ALIVE_STATUSES = [
  'created',
  'requires_action',
  'processing',
  'unknown',
  'authorized',
] as const satisfies readonly PaymentStatus[]

export function isAlive(status: PaymentStatus): boolean {
  return (ALIVE_STATUSES as readonly PaymentStatus[]).includes(status)
}

/** Statuses that the gateway is asked about until it gives an outcome. */
export const UNSETTLED_STATUSES = [
  'requires_action',
  'processing',
  'unknown',
] as const satisfies readonly PaymentStatus[]
