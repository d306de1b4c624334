// Disputes at the sandbox: told of, asked about, let go, answered. The gateway's words for them are turned into ours
// here and nowhere else.
import type { DisputeReason, DisputeReport } from '../../domain/dispute/report.ts'
import type { DisputeStatus } from '../../domain/dispute/states.ts'
import { parseInstant } from '../../kernel/clock.ts'
import type {
  AcceptDisputeInput,
  Exchange,
  Result,
  SubmitEvidenceInput,
  SyncDisputeInput,
} from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import type { WireReply } from '../contract/wire.ts'
import type { SandboxCredentials, SandboxDispute } from './wire.ts'
import { DisputeReply, endpoint, headers, readMoney, refused } from './wire.ts'

const STATES: Readonly<Record<string, DisputeStatus>> = {
  NEEDS_ANSWER: 'open',
  IN_REVIEW: 'under_review',
  CONCEDED: 'accepted',
  WON: 'won',
  LOST: 'lost',
}

const REASONS: Readonly<Record<string, DisputeReason>> = {
  FRAUD: 'fraudulent',
  NOT_RECEIVED: 'not_received',
  NOT_AS_DESCRIBED: 'not_as_described',
  DUPLICATE: 'duplicate',
  CREDIT_NOT_PROCESSED: 'credit_not_processed',
  CANCELLED_SUBSCRIPTION: 'subscription_canceled',
}

/** Undefined when it cannot be read, and so is not to be believed. A reason that is not known is `other`. */
export function toDisputeReport(dispute: SandboxDispute): DisputeReport | undefined {
  const state = Object.hasOwn(STATES, dispute.status) ? STATES[dispute.status] : undefined
  const amount = readMoney(dispute.amount, dispute.currency)
  const evidenceDueAt = parseInstant(dispute.answer_by)
  if (state === undefined || amount === undefined || evidenceDueAt === undefined) return undefined
  return {
    gatewayDisputeId: dispute.id,
    gatewayPaymentId: dispute.payment_id,
    reference: dispute.reference,
    amount,
    state,
    reason: (Object.hasOwn(REASONS, dispute.reason) ? REASONS[dispute.reason] : undefined) ?? 'other',
    gatewayCode: dispute.reason,
    evidenceDueAt,
    sequence: dispute.version,
  }
}

const path = (input: SyncDisputeInput, rest = '') => `/disputes/${encodeURIComponent(input.gatewayDisputeId)}${rest}`

export const syncDispute: Exchange<SyncDisputeInput, SandboxCredentials, DisputeReport> = {
  toRequest: (input, credentials) => ({
    method: 'GET',
    url: endpoint(credentials, path(input)),
    headers: headers(credentials),
  }),
  fromReply: read,
}

export const acceptDispute: Exchange<AcceptDisputeInput, SandboxCredentials, DisputeReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, path(input, '/accept')),
    headers: headers(credentials),
    body: '{}',
  }),
  fromReply: read,
}

export const submitEvidence: Exchange<SubmitEvidenceInput, SandboxCredentials, DisputeReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, path(input, '/evidence')),
    headers: headers(credentials),
    body: JSON.stringify({
      reference: input.reference,
      statement: input.statement,
      references: input.references,
    }),
  }),
  fromReply: read,
}

function read(reply: WireReply): Result<DisputeReport> {
  return readReply(reply, DisputeReply, (body, status) => {
    if ('error' in body) return refused(body, status)
    const report = toDisputeReport(body)
    if (report !== undefined) return { kind: 'report', report }
    return { kind: 'unknown', reason: 'The reply names a status or an amount that this connector does not know.' }
  })
}
