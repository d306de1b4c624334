// The pre-debit notice: the bank tells the payer a day ahead what will be debited. The method decides whether one is
// needed, not the mandate (domain.md, "Mandates").
import type { MandateId, PreDebitNoticeId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { PaymentMethod } from '../payment/method.ts'
import type { Day } from './calendar.ts'
import type { StateTable } from '../state-table.ts'
import type { Mandate } from './mandate.ts'

export const NOTICE_STATUSES = ['pending', 'unknown', 'succeeded', 'failed'] as const
export type NoticeStatus = (typeof NOTICE_STATUSES)[number]

export type PreDebitNotice = {
  readonly id: PreDebitNoticeId
  /** The merchant's own name of it; null when it gave none. */
  readonly reference: string | null
  /** What the merchant said along with it, kept as it came. */
  readonly metadata: Readonly<Record<string, string>>
  readonly mandateId: MandateId
  readonly amount: Money
  readonly debitDay: Day
  readonly description: string
  readonly status: NoticeStatus
  readonly version: number
  readonly gatewayNoticeId: string | null
  readonly failureReason: string | null
  /** When it is sent, or sent again. Null once it has ended. */
  readonly dueAt: Date | null
  readonly asked: number
  readonly succeededAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const HOUR_MS = 3_600_000
/** A charge comes no earlier than this after its notice succeeded, ms. */
export const NOTICE_LEAD_MS = 24 * HOUR_MS
/** And no later than this, ms. */
export const NOTICE_LASTS_MS = 48 * HOUR_MS
/** A notice for a later day is sent this long before the day begins, ms: between the two above. */
export const NOTICE_AHEAD_MS = 36 * HOUR_MS

const NOTIFIED: ReadonlySet<PaymentMethod> = new Set(['upi', 'card'])

/** Whether a charge of this mandate needs one. The registration debit never does. */
export function needsNotice(mandate: Pick<Mandate, 'method' | 'frequency' | 'blockFunds'>): boolean {
  if (mandate.method === null || !NOTIFIED.has(mandate.method)) return false
  return mandate.frequency !== 'daily' && !(mandate.frequency === 'one_time' && mandate.blockFunds)
}

export const NOTICE_EVENTS = ['accepted', 'outcome_unknown', 'failed', 'succeeded'] as const
export type NoticeEventType = (typeof NOTICE_EVENTS)[number]

export const NOTICE_TABLE: StateTable<NoticeStatus, NoticeEventType> = {
  pending: { accepted: 'same', outcome_unknown: 'unknown', failed: 'failed', succeeded: 'succeeded' },
  unknown: { accepted: 'pending', outcome_unknown: 'same', failed: 'failed', succeeded: 'succeeded' },
  succeeded: { accepted: 'same', outcome_unknown: 'same', failed: 'conflict', succeeded: 'same' },
  // Its charge was given up; a payer who was told after all has been told of nothing.
  failed: { accepted: 'same', outcome_unknown: 'same', failed: 'same', succeeded: 'conflict' },
}
