// What a gateway tells about a dispute, in our words, whoever asked or heard it.
import type { Money } from '../../kernel/money.ts'
import type { DisputeStatus } from './states.ts'

/** Plain names; a connector maps its gateway's codes to these. */
export const DISPUTE_REASONS = [
  'fraudulent',
  'not_received',
  'not_as_described',
  'duplicate',
  'credit_not_processed',
  'subscription_canceled',
  'other',
] as const
export type DisputeReason = (typeof DISPUTE_REASONS)[number]

/** What a gateway tells about a dispute: how it stands, never what changed. */
export type DisputeReport = {
  readonly gatewayDisputeId: string
  readonly gatewayPaymentId: string
  /** Our attempt's reference as the gateway echoes it; null when it does not. */
  readonly reference: string | null
  readonly amount: Money
  readonly state: DisputeStatus
  readonly reason: DisputeReason
  readonly gatewayCode: string | null
  /** Null where the gateway does not say. */
  readonly evidenceDueAt: Date | null
  /** Grows with every change at the gateway; null where it does not tell. Orders reports of one dispute. */
  readonly sequence: number | null
}
