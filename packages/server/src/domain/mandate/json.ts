// A mandate, its uses and its notices as the JSON of our own API and of its events: one shape for both.
import { instant, minor } from '../webhook/objects.ts'
import type { MandateExecution } from './execution.ts'
import type { Mandate } from './mandate.ts'
import type { PreDebitNotice } from './notice.ts'

export function mandateJson(mandate: Mandate) {
  return {
    id: mandate.id,
    object: 'mandate' as const,
    order_id: mandate.orderId,
    payment_id: mandate.paymentId,
    customer_id: mandate.customerId,
    gateway_account_id: mandate.gatewayAccountId,
    gateway_mandate_id: mandate.gatewayMandateId,
    requirement: mandate.requirement,
    status: mandate.status,
    max_amount: minor(mandate.maxAmount),
    currency: mandate.maxAmount.currency,
    amount_rule: mandate.amountRule,
    frequency: mandate.frequency,
    day_rule: mandate.dayRule,
    starts_at: mandate.startsAt.toISOString(),
    ends_at: mandate.endsAt.toISOString(),
    method: mandate.method,
    revocable_by_customer: mandate.revocableByCustomer,
    block_funds: mandate.blockFunds,
    registration_uses_period: mandate.registrationUsesPeriod,
    pending_change: mandate.pendingChange,
    pause_starts_at: instant(mandate.pauseFrom ?? mandate.pauseStartsAt),
    pause_ends_at: instant(mandate.pauseEndsAt),
    resume_at: instant(mandate.resumeAt),
    failure_reason: mandate.failureReason,
    version: mandate.version,
    activated_at: instant(mandate.activatedAt),
    last_activated_at: instant(mandate.lastActivatedAt),
    revoked_at: instant(mandate.revokedAt),
    created_at: mandate.createdAt.toISOString(),
    updated_at: mandate.updatedAt.toISOString(),
  }
}

export function noticeJson(notice: PreDebitNotice) {
  return {
    id: notice.id,
    object: 'pre_debit_notice' as const,
    reference: notice.reference,
    mandate_id: notice.mandateId,
    status: notice.status,
    amount: minor(notice.amount),
    currency: notice.amount.currency,
    debit_day: notice.debitDay,
    description: notice.description,
    gateway_notice_id: notice.gatewayNoticeId,
    failure_reason: notice.failureReason,
    due_at: instant(notice.dueAt),
    version: notice.version,
    succeeded_at: instant(notice.succeededAt),
    created_at: notice.createdAt.toISOString(),
  }
}

export function executionJson(execution: MandateExecution) {
  return {
    order_id: execution.orderId,
    payment_id: execution.paymentId,
    kind: execution.kind,
    period: execution.period,
    try: execution.try,
    debit_day: execution.debitDay,
    amount: minor(execution.amount),
    currency: execution.amount.currency,
    status: execution.status,
    pre_debit_notice_id: execution.noticeId,
    additional_factor: execution.additionalFactor,
    reason: execution.reason,
    retries_left: execution.retriesLeft,
    retry_at: instant(execution.retryAt),
    deadline_at: execution.deadlineAt.toISOString(),
    started_at: instant(execution.startedAt),
    created_at: execution.createdAt.toISOString(),
  }
}

export type MandateJson = ReturnType<typeof mandateJson>
export type NoticeJson = ReturnType<typeof noticeJson>
export type ExecutionJson = ReturnType<typeof executionJson>
