// A break as the JSON of our own API and of its events: one shape for both.
import { instant } from '../webhook/objects.ts'
import type { Break } from './break.ts'

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
