// The life of a mandate: the payer's consent to later charges. Payers also pause and revoke in their bank's app, so
// every event may come from the gateway. Revoked, expired and failed are final.
import { look } from '../state-table.ts'
import type { StateTable, Step } from '../state-table.ts'

export const MANDATE_STATUSES = ['created', 'active', 'paused', 'revoked', 'expired', 'failed'] as const
export type MandateStatus = (typeof MANDATE_STATUSES)[number]

export const MANDATE_EVENTS = ['activated', 'paused', 'resumed', 'revoked', 'expired', 'failed'] as const
export type MandateEventType = (typeof MANDATE_EVENTS)[number]

export const MANDATE_TABLE: StateTable<MandateStatus, MandateEventType> = {
  created: {
    activated: 'active',
    paused: 'conflict',
    resumed: 'conflict',
    revoked: 'revoked',
    expired: 'expired',
    failed: 'failed',
  },
  active: {
    activated: 'same',
    paused: 'paused',
    resumed: 'same',
    revoked: 'revoked',
    expired: 'expired',
    failed: 'conflict',
  },
  paused: {
    activated: 'same',
    paused: 'same',
    resumed: 'active',
    revoked: 'revoked',
    expired: 'expired',
    failed: 'conflict',
  },
  revoked: { activated: 'same', paused: 'same', resumed: 'conflict', revoked: 'same', expired: 'same', failed: 'same' },
  expired: {
    activated: 'same',
    paused: 'same',
    resumed: 'conflict',
    revoked: 'revoked',
    expired: 'same',
    failed: 'same',
  },
  // A registration told failed may turn out registered; consent is then real, and a person looks at it.
  failed: {
    activated: 'active!',
    paused: 'conflict',
    resumed: 'conflict',
    revoked: 'revoked',
    expired: 'same',
    failed: 'same',
  },
}

export function mandateStep(status: MandateStatus, event: MandateEventType): Step<MandateStatus> {
  return look(MANDATE_TABLE, status, event)
}
