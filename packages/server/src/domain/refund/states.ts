// The life of one refund. Unknown and review keep the balance reserved; only failed gives it back.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const REFUND_STATUSES = ['pending', 'unknown', 'review', 'failed', 'succeeded'] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

export const REFUND_EVENTS = ['accepted', 'outcome_unknown', 'reviewed', 'failed', 'succeeded'] as const
export type RefundEventType = (typeof REFUND_EVENTS)[number]

export const REFUND_TABLE: StateTable<RefundStatus, RefundEventType> = {
  pending: {
    accepted: 'same',
    outcome_unknown: 'unknown',
    reviewed: 'review',
    failed: 'failed',
    succeeded: 'succeeded',
  },
  unknown: {
    accepted: 'pending',
    outcome_unknown: 'same',
    reviewed: 'review',
    failed: 'failed',
    succeeded: 'succeeded',
  },
  review: { accepted: 'same', outcome_unknown: 'same', reviewed: 'same', failed: 'failed', succeeded: 'succeeded' },
  // Money that went back after all is followed, if the payment still has it; a person looks at it.
  failed: { accepted: 'same', outcome_unknown: 'same', reviewed: 'same', failed: 'same', succeeded: 'succeeded!' },
  succeeded: { accepted: 'same', outcome_unknown: 'same', reviewed: 'same', failed: 'conflict', succeeded: 'same' },
}

/** Statuses that hold a part of the payment's captured money without having moved it. */
export const RESERVING_REFUND_STATUSES = ['pending', 'unknown', 'review'] as const satisfies readonly RefundStatus[]

export function isReserving(status: RefundStatus): boolean {
  return (RESERVING_REFUND_STATUSES as readonly RefundStatus[]).includes(status)
}

export function refundStep(status: RefundStatus, event: RefundEventType): Step<RefundStatus> {
  return look(REFUND_TABLE, status, event)
}
