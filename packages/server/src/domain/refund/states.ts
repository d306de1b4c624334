// The life of one refund. Waiting for a second person, unknown and review keep the balance reserved; only failed and
// rejected give it back. What waits for a person was not sent: no gateway should know of it.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const REFUND_STATUSES = [
  'awaiting_approval',
  'rejected',
  'pending',
  'unknown',
  'review',
  'failed',
  'succeeded',
] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

export const REFUND_EVENTS = [
  'approved', // By a second person: the call may leave now.
  'rejected', // By a second person: nothing leaves.
  'accepted',
  'outcome_unknown',
  'reviewed',
  'failed',
  'succeeded',
] as const
export type RefundEventType = (typeof REFUND_EVENTS)[number]

const DECIDED = { approved: 'same', rejected: 'conflict' } as const

export const REFUND_TABLE: StateTable<RefundStatus, RefundEventType> = {
  awaiting_approval: {
    approved: 'pending',
    rejected: 'rejected',
    accepted: 'conflict',
    outcome_unknown: 'same',
    reviewed: 'conflict',
    failed: 'conflict',
    succeeded: 'succeeded!',
  },
  rejected: {
    approved: 'conflict',
    rejected: 'same',
    accepted: 'conflict',
    outcome_unknown: 'same',
    reviewed: 'conflict',
    failed: 'same',
    succeeded: 'succeeded!',
  },
  pending: {
    ...DECIDED,
    accepted: 'same',
    outcome_unknown: 'unknown',
    reviewed: 'review',
    failed: 'failed',
    succeeded: 'succeeded',
  },
  unknown: {
    ...DECIDED,
    accepted: 'pending',
    outcome_unknown: 'same',
    reviewed: 'review',
    failed: 'failed',
    succeeded: 'succeeded',
  },
  review: {
    ...DECIDED,
    accepted: 'same',
    outcome_unknown: 'same',
    reviewed: 'same',
    failed: 'failed',
    succeeded: 'succeeded',
  },
  // Money that went back after all is followed, if the payment still has it; a person looks at it.
  failed: {
    ...DECIDED,
    accepted: 'same',
    outcome_unknown: 'same',
    reviewed: 'same',
    failed: 'same',
    succeeded: 'succeeded!',
  },
  succeeded: {
    ...DECIDED,
    accepted: 'same',
    outcome_unknown: 'same',
    reviewed: 'same',
    failed: 'conflict',
    succeeded: 'same',
  },
}

/** Statuses that hold a part of the payment's captured money without having moved it. */
export const RESERVING_REFUND_STATUSES = [
  'awaiting_approval',
  'pending',
  'unknown',
  'review',
] as const satisfies readonly RefundStatus[]

export function isReserving(status: RefundStatus): boolean {
  return (RESERVING_REFUND_STATUSES as readonly RefundStatus[]).includes(status)
}

export function refundStep(status: RefundStatus, event: RefundEventType): Step<RefundStatus> {
  return look(REFUND_TABLE, status, event)
}
