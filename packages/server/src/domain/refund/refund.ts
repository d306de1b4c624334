// A refund gives captured money back. Its amount is reserved on the payment from the moment it is asked for until it
// succeeds (then it counts as refunded) or fails (then the payment gets its balance back).
import type { Money } from '../../kernel/money.ts'
import type { RefundStatus } from './states.ts'

/** Plain names; a dialect maps its own codes to these (Instamojo: RFD, TNR, QFL, QNR, EWN, TAN, PTH). */
export const REFUND_REASONS = [
  'duplicate_or_delayed_payment',
  'no_longer_available',
  'not_satisfied',
  'lost_or_damaged',
  'digital_download_issue',
  'event_canceled_or_changed',
  'other',
] as const
export type RefundReason = (typeof REFUND_REASONS)[number]

export type Refund = { readonly status: RefundStatus; readonly amount: Money }
