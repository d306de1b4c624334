// The life of a dispute. Until it is won its amount is held from the payment; lost, it is gone. Time alone decides
// nothing: when nobody answered in time it has expired, and the gateway still has to say what becomes of it.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const DISPUTE_STATUSES = ['open', 'under_review', 'accepted', 'expired', 'won', 'lost'] as const
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number]

export const DISPUTE_EVENTS = [
  'opened',
  'submitted', // The gateway has evidence.
  'accepted', // The merchant lets it go.
  'expired', // The time for evidence is over and none was given.
  'won',
  'lost',
] as const
export type DisputeEventType = (typeof DISPUTE_EVENTS)[number]

export const DISPUTE_TABLE: StateTable<DisputeStatus, DisputeEventType> = {
  open: {
    opened: 'same',
    submitted: 'under_review',
    accepted: 'accepted',
    expired: 'expired',
    won: 'won',
    lost: 'lost',
  },
  under_review: {
    opened: 'same',
    submitted: 'same',
    accepted: 'accepted',
    expired: 'same',
    won: 'won',
    lost: 'lost',
  },
  accepted: {
    opened: 'same',
    submitted: 'conflict',
    accepted: 'same',
    expired: 'same',
    won: 'won!',
    lost: 'lost',
  },
  // Evidence that was in time after all is still looked at.
  expired: {
    opened: 'same',
    submitted: 'under_review',
    accepted: 'accepted',
    expired: 'same',
    won: 'won',
    lost: 'lost',
  },
  // The money moved once more: it is followed, and a person looks at it.
  won: {
    opened: 'same',
    submitted: 'same',
    accepted: 'conflict',
    expired: 'same',
    won: 'same',
    lost: 'lost!',
  },
  lost: {
    opened: 'same',
    submitted: 'same',
    accepted: 'same',
    expired: 'same',
    won: 'won!',
    lost: 'same',
  },
}

/** Statuses in which the amount is held and nothing is decided. */
export const HOLDING_DISPUTE_STATUSES = [
  'open',
  'under_review',
  'accepted',
  'expired',
] as const satisfies readonly DisputeStatus[]

export function isHolding(status: DisputeStatus): boolean {
  return (HOLDING_DISPUTE_STATUSES as readonly DisputeStatus[]).includes(status)
}

export function disputeStep(status: DisputeStatus, event: DisputeEventType): Step<DisputeStatus> {
  return look(DISPUTE_TABLE, status, event)
}
