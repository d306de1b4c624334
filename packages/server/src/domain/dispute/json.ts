// A dispute as the JSON of our own API and of its events: one shape for both.
import { instant, minor } from '../webhook/objects.ts'
import type { DisputeEvidence, DisputeRecord, DisputeTransition } from './dispute.ts'

export function disputeJson(dispute: DisputeRecord) {
  return {
    id: dispute.id,
    object: 'dispute' as const,
    payment_id: dispute.paymentId,
    order_id: dispute.orderId,
    gateway_account_id: dispute.gatewayAccountId,
    gateway_dispute_id: dispute.gatewayDisputeId,
    status: dispute.status,
    amount: minor(dispute.amount),
    amount_reserved: minor(dispute.amountReserved),
    currency: dispute.amount.currency,
    reason: dispute.reason,
    gateway_code: dispute.gatewayCode,
    evidence_due_at: instant(dispute.evidenceDueAt),
    pending_action: dispute.pendingAction,
    version: dispute.version,
    opened_at: dispute.openedAt.toISOString(),
    decided_at: instant(dispute.decidedAt),
    created_at: dispute.createdAt.toISOString(),
    updated_at: dispute.updatedAt.toISOString(),
  }
}

export function disputeDetailsJson(details: {
  readonly dispute: DisputeRecord
  readonly evidence: readonly DisputeEvidence[]
  readonly transitions: readonly DisputeTransition[]
}) {
  return {
    ...disputeJson(details.dispute),
    evidence: details.evidence.map((given) => ({
      id: given.id,
      statement: given.statement,
      references: given.references,
      submitted_by: given.submittedBy,
      created_at: given.createdAt.toISOString(),
    })),
    transitions: details.transitions.map(({ version, from, to, event, cause, actor, at }) => ({
      version,
      from,
      to,
      event,
      cause,
      actor,
      at: at.toISOString(),
    })),
  }
}

export type DisputeJson = ReturnType<typeof disputeJson>
