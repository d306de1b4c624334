// The life of a session: what an app or a page starts a payment with. A closed or expired session never opens again.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const SESSION_STATUSES = ['open', 'claimed', 'closed', 'expired'] as const
export type SessionStatus = (typeof SESSION_STATUSES)[number]

export const SESSION_EVENTS = ['claim', 'close', 'expire'] as const
export type SessionEventType = (typeof SESSION_EVENTS)[number]

export const SESSION_TABLE: StateTable<SessionStatus, SessionEventType> = {
  open: { claim: 'claimed', close: 'closed', expire: 'expired' },
  // The same client may claim again after a crash.
  claimed: { claim: 'same', close: 'closed', expire: 'expired' },
  closed: { claim: 'conflict', close: 'same', expire: 'same' },
  expired: { claim: 'conflict', close: 'same', expire: 'same' },
}

export function sessionStep(status: SessionStatus, event: SessionEventType): Step<SessionStatus> {
  return look(SESSION_TABLE, status, event)
}
