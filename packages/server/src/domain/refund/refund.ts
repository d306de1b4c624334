// A refund gives captured money back. Its amount is reserved on the payment from the moment it is asked for until it
// succeeds (then it counts as refunded) or fails (then the payment gets its balance back).
import type { GatewayAccountId, OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
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

/** How a person gives money back. */
export const REFUND_WAYS = ['cash', 'bank_transfer', 'cheque'] as const
export type RefundWay = (typeof REFUND_WAYS)[number]

export type GivenBack = {
  readonly way: RefundWay
  /** The UTR, or the number of the cheque; cash may have none. */
  readonly reference: string | null
  readonly at: Date
  /** Who paid it out. */
  readonly by: string
}

export type RefundRecord = {
  readonly id: RefundId
  readonly paymentId: PaymentId
  /** Null for a refund of money on account. */
  readonly orderId: OrderId | null
  /** Null for one that is paid out by hand. */
  readonly gatewayAccountId: GatewayAccountId | null
  /** How it was paid out by hand; null for one that a gateway makes. */
  readonly givenBack: GivenBack | null
  /** What the gateway knows our refund by; its idempotency key. */
  readonly reference: string
  /** The merchant's own, unique per order; absent where it gave none. */
  readonly merchantReference?: string | null
  readonly gatewayRefundId: string | null
  readonly status: RefundStatus
  readonly version: number
  readonly amount: Money
  readonly reason: RefundReason
  readonly note: string
  readonly gatewayCode: string | null
  readonly arn: string | null
  /** Made by Purser itself to give a second success back. */
  readonly automatic: boolean
  /** Who asked for it, as `actorName` says it; null for one that a gateway or Purser itself made. */
  readonly requestedBy: string | null
  /** Beyond the merchant's threshold: it needs a second person before it is sent. */
  readonly needsApproval: boolean
  /** The second person, who approved or rejected it; never who asked for it. */
  readonly decidedBy: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly succeededAt: Date | null
}
