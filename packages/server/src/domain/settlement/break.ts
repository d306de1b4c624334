// A break: a difference between our rows, a gateway's files and the bank. One reason about one subject is one break,
// however often it is met; a person resolves it by saying what was found.
import type {
  BreakId,
  GatewayAccountId,
  PaymentId,
  RefundId,
  SettlementId,
  SettlementLineId,
} from '../../kernel/ids.ts'
import { instant } from '../webhook/objects.ts'
import type { BreakReason } from './settlement.ts'

export type Break = {
  readonly id: BreakId
  readonly gatewayAccountId: GatewayAccountId
  readonly settlementId: SettlementId | null
  readonly settlementLineId: SettlementLineId | null
  readonly paymentId: PaymentId | null
  readonly refundId: RefundId | null
  readonly reason: BreakReason
  /** The reason as a sentence. */
  readonly message: string
  /** What it is about, in the gateway's or our own words; with the reason it is one break. */
  readonly subject: string
  readonly details: Readonly<Record<string, string>>
  readonly status: 'open' | 'resolved'
  readonly note: string | null
  readonly resolvedBy: string | null
  readonly resolvedAt: Date | null
  readonly createdAt: Date
}

export function breakJson(found: Break) {
  return {
    id: found.id,
    object: 'break' as const,
    gateway_account_id: found.gatewayAccountId,
    settlement_id: found.settlementId,
    payment_id: found.paymentId,
    refund_id: found.refundId,
    reason: found.reason,
    message: found.message,
    details: found.details,
    status: found.status,
    note: found.note,
    resolved_by: found.resolvedBy,
    resolved_at: instant(found.resolvedAt),
    created_at: found.createdAt.toISOString(),
  }
}

export type BreakJson = ReturnType<typeof breakJson>
