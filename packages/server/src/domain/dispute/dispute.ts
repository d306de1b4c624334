// A dispute: a payer's bank takes back what was paid. The gateway opens and decides it; the merchant may answer.
import type { DisputeEvidenceId, DisputeId, GatewayAccountId, OrderId, PaymentId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { Cause } from '../payment/record.ts'
import type { DisputeReason } from './report.ts'
import type { DisputeStatus } from './states.ts'

export const DISPUTE_ACTIONS = ['accept', 'submit_evidence'] as const
export type DisputeAction = (typeof DISPUTE_ACTIONS)[number]

export type DisputeRecord = {
  readonly id: DisputeId
  readonly paymentId: PaymentId
  readonly orderId: OrderId
  readonly gatewayAccountId: GatewayAccountId
  readonly gatewayDisputeId: string
  readonly gatewaySequence: number | null
  readonly status: DisputeStatus
  readonly version: number
  /** By the gateway's word. */
  readonly amount: Money
  /** Of the payment's money: held while undecided, gone once lost. Less than `amount` where refunds were quicker. */
  readonly amountReserved: Money
  readonly reason: DisputeReason
  readonly gatewayCode: string | null
  /** Until then evidence is taken. */
  readonly evidenceDueAt: Date | null
  /** Asked of the gateway and not confirmed yet. */
  readonly pendingAction: DisputeAction | null
  readonly openedAt: Date
  readonly decidedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What the merchant says against it: a statement, and references to what proves it. Written once. */
export type DisputeEvidence = {
  readonly id: DisputeEvidenceId
  readonly statement: string
  readonly references: readonly string[]
  readonly submittedBy: string
  readonly createdAt: Date
}

export type DisputeTransition = {
  readonly version: number
  readonly from: DisputeStatus | null
  readonly to: DisputeStatus
  readonly event: string
  readonly cause: Cause
  readonly actor: string
  readonly requestId: string | null
  readonly at: Date
}
