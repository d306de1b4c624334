// The life of money that a person records. Cash and transfers are there when they are recorded, so they begin cleared;
// a cheque waits for its bank. Nothing leads back: a cheque that is presented again is recorded again.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const OFFLINE_STATUSES = ['recorded', 'cleared', 'bounced', 'reversed'] as const
export type OfflineStatus = (typeof OFFLINE_STATUSES)[number]

export const OFFLINE_EVENTS = [
  'cleared', // The bank honoured the cheque.
  'bounced', // The bank returned the cheque.
  'reversed', // It was recorded in error.
] as const
export type OfflineEvent = (typeof OFFLINE_EVENTS)[number]

export const OFFLINE_TABLE: StateTable<OfflineStatus, OfflineEvent> = {
  recorded: { cleared: 'cleared', bounced: 'bounced', reversed: 'reversed' },
  // A bank that takes back what it has honoured is followed; a person looks at it.
  cleared: { cleared: 'same', bounced: 'bounced!', reversed: 'reversed' },
  bounced: { cleared: 'conflict', bounced: 'same', reversed: 'conflict' },
  reversed: { cleared: 'conflict', bounced: 'conflict', reversed: 'same' },
}

/** Statuses in which the money is not there. */
export const ENDED_OFFLINE_STATUSES = ['bounced', 'reversed'] as const satisfies readonly OfflineStatus[]

export function offlineStep(status: OfflineStatus, event: OfflineEvent): Step<OfflineStatus> {
  return look(OFFLINE_TABLE, status, event)
}
