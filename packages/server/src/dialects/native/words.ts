// Our records as the JSON of the native API, for what no webhook carries. Orders, payments, refunds and sessions have
// theirs in domain/webhook/objects.ts, because a webhook and a read of the same object never differ.
import type { WebhookBody } from '@purser/protocol'
import { disputeJson } from '../../domain/dispute/json.ts'
import type { Delivery, EventRecord } from '../../domain/webhook/delivery.ts'
import type { Customer } from '../../domain/customer/customer.ts'
import type { PaymentStatus } from '../../domain/payment/states.ts'
import type { WebhookEndpoint } from '../../domain/webhook/endpoint.ts'
import { orderJson, paymentJson, refundJson } from '../../domain/webhook/objects.ts'
import type { getRefundApprovalThresholds } from '../../operations/refund-approval-thresholds.ts'
import type { listExchanges, Timeline } from '../../operations/queries.ts'
import type { listBalances, listPostings } from '../../operations/read-ledger.ts'
import type { getReconciliation } from '../../operations/breaks.ts'
import type { getPageSettings } from '../../operations/page-settings.ts'
import type { TestClock } from '../../operations/test-clock.ts'

export function thresholdJson(threshold: Awaited<ReturnType<typeof getRefundApprovalThresholds>>[number]) {
  return {
    object: 'refund_approval_threshold' as const,
    currency: threshold.amount.currency,
    amount: minor(threshold.amount.minor),
    updated_by: threshold.updatedBy,
    updated_at: threshold.updatedAt.toISOString(),
  }
}

// Safe: an amount is at most 10^13 minor units (kernel/money.ts), well below 2^53.
const minor = (amount: bigint): number => Number(amount)

export function customerJson(customer: Customer) {
  return {
    id: customer.id,
    object: 'customer' as const,
    reference: customer.reference,
    given_name: customer.givenName,
    family_name: customer.familyName,
    email: customer.email,
    phone: customer.phone,
    created_at: customer.createdAt.toISOString(),
    updated_at: customer.updatedAt.toISOString(),
  }
}

export function pageSettingsJson({ cashOnDelivery: cash, ...settings }: Awaited<ReturnType<typeof getPageSettings>>) {
  return {
    object: 'payment_page_settings' as const,
    logo: settings.logo,
    color: settings.color,
    frame_origins: settings.frameOrigins,
    cash_on_delivery: cash === null ? null : { max_amount: minor(cash.minor), currency: cash.currency },
  }
}

const instant = (date: Date | null): string | null => date?.toISOString() ?? null

export function eventJson(event: EventRecord) {
  return {
    id: event.id,
    object: 'event' as const,
    type: event.type,
    object_id: event.objectId,
    order_id: event.orderId,
    payment_id: event.paymentId,
    body: JSON.parse(event.body) as WebhookBody,
    created_at: event.createdAt.toISOString(),
  }
}

export function endpointJson(endpoint: WebhookEndpoint) {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint' as const,
    url: endpoint.url,
    description: endpoint.description,
    event_types: endpoint.eventTypes,
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    failing_since: instant(endpoint.failingSince),
    previous_secret_until: instant(endpoint.previousSecretUntil),
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  }
}

export function deliveryJson(delivery: Delivery) {
  return {
    id: delivery.id,
    object: 'delivery' as const,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    endpoint_id: delivery.endpointId,
    resend: delivery.resend,
    status: delivery.status,
    tries: delivery.tries,
    due_at: instant(delivery.dueAt),
    created_at: delivery.createdAt.toISOString(),
    ended_at: instant(delivery.endedAt),
    attempts: delivery.attempts.map((attempt) => ({
      try: attempt.try,
      outcome: attempt.outcome,
      status: attempt.status,
      duration_ms: attempt.durationMs,
      at: attempt.at.toISOString(),
    })),
  }
}

export function timelineJson(timeline: Timeline) {
  return {
    object: 'timeline' as const,
    payment: paymentJson(timeline.payment),
    order: timeline.order === null ? null : orderJson(timeline.order),
    transitions: timeline.transitions.map(({ requestId, at, ...transition }) => ({
      version: transition.version,
      from: transition.from as PaymentStatus | null,
      to: transition.to as PaymentStatus,
      event: transition.event,
      cause: transition.cause,
      actor: transition.actor,
      request_id: requestId,
      details: transition.details,
      at: at.toISOString(),
    })),
    operations: timeline.operations.map(operationJson),
    refunds: timeline.refunds.map(refundJson),
    disputes: timeline.disputes.map(disputeJson),
    postings: timeline.postings.map((posting) => ({
      id: posting.id,
      refund_id: posting.refundId,
      dispute_id: posting.disputeId,
      debit: posting.debit,
      credit: posting.credit,
      amount: minor(posting.amountMinor),
      currency: posting.currency,
      reason: posting.reason,
      at: posting.at.toISOString(),
    })),
    conflicts: timeline.conflicts.map(({ id, kind, details, at }) => ({ id, kind, details, at: at.toISOString() })),
    deliveries: timeline.deliveries.map(deliveryJson),
  }
}

export function reconciliationJson(run: Awaited<ReturnType<typeof getReconciliation>>) {
  return {
    id: run.id,
    object: 'reconciliation' as const,
    gateway_account_id: run.gatewayAccountId,
    trigger: run.trigger,
    status: run.status,
    files: run.files,
    lines: run.lines,
    matched: run.matched,
    breaks: run.breaks,
    reason: run.reason,
    started_at: run.startedAt.toISOString(),
    ended_at: instant(run.endedAt),
  }
}

export function testClockJson(clock: TestClock) {
  return {
    object: 'test_clock' as const,
    now: clock.now.toISOString(),
    offset_ms: clock.offsetMs,
    next_due_at: instant(clock.nextDueAt),
  }
}

export function balanceJson(balance: Awaited<ReturnType<typeof listBalances>>[number]) {
  const { account, currency, debitsMinor, creditsMinor } = balance
  return {
    object: 'balance' as const,
    account,
    currency,
    debits: debitsMinor.toString(),
    credits: creditsMinor.toString(),
    balance: (debitsMinor - creditsMinor).toString(),
  }
}

export function postingJson(posting: Awaited<ReturnType<typeof listPostings>>['items'][number]) {
  return {
    id: posting.id,
    object: 'posting' as const,
    payment_id: posting.paymentId,
    refund_id: posting.refundId,
    dispute_id: posting.disputeId,
    debit: posting.debit,
    credit: posting.credit,
    amount: minor(posting.amountMinor),
    currency: posting.currency,
    reason: posting.reason,
    at: posting.at.toISOString(),
  }
}

function operationJson(operation: Timeline['operations'][number]) {
  return {
    id: operation.id,
    kind: operation.kind,
    status: operation.status,
    refund_id: operation.refundId,
    amount: minor(operation.amountMinor),
    final: operation.final,
    reason: operation.reason,
    started_at: operation.startedAt.toISOString(),
    ended_at: instant(operation.endedAt),
    next_question_at: instant(operation.dueAt),
    questions: operation.asked,
  }
}

export function exchangeJson(exchange: Awaited<ReturnType<typeof listExchanges>>[number]) {
  return {
    id: exchange.id,
    object: 'exchange' as const,
    operation_id: exchange.operationId,
    kind: exchange.kind,
    method: exchange.method,
    url: exchange.url,
    request: exchange.request,
    outcome: exchange.outcome,
    status: exchange.status,
    reply: exchange.reply,
    duration_ms: exchange.durationMs,
    at: exchange.at.toISOString(),
  }
}
