// What the gateway decides about a dispute: opened by the payer's bank, answered by the merchant, won or lost. Pure.
// `undefined` means: nothing to change.
import type { Currency } from '../../kernel/money.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { BookPayment, Standing } from './payment.ts'
import { standingOf } from './payment.ts'

export const DISPUTE_STATUSES = ['NEEDS_ANSWER', 'IN_REVIEW', 'CONCEDED', 'WON', 'LOST'] as const
export type GatewayDisputeStatus = (typeof DISPUTE_STATUSES)[number]

export const GATEWAY_DISPUTE_REASONS = [
  'FRAUD',
  'NOT_RECEIVED',
  'NOT_AS_DESCRIBED',
  'DUPLICATE',
  'CREDIT_NOT_PROCESSED',
  'CANCELLED_SUBSCRIPTION',
  'GENERAL',
] as const
export type GatewayDisputeReason = (typeof GATEWAY_DISPUTE_REASONS)[number]

export type Evidence = {
  readonly reference: string
  readonly statement: string
  readonly references: readonly string[]
}

export type BookDispute = {
  readonly id: string
  readonly accountId: string
  readonly paymentId: string
  readonly currency: Currency
  readonly amount: bigint
  readonly reason: GatewayDisputeReason
  readonly status: GatewayDisputeStatus
  /** By the account's clock: silence until then loses it. */
  readonly answerBy: Date
  readonly evidence: readonly Evidence[]
  /** Grows with every change. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What is conceded is taken after this. */
export const CONCEDED_LASTS_MS = 86_400_000

/** Sets the amount aside. @throws GatewayRefusal NOT_ALLOWED_NOW, AMOUNT_TOO_HIGH */
export function holdForDispute(payment: BookPayment, amount: bigint): Standing {
  if (payment.paid === 0n) throw new GatewayRefusal('NOT_ALLOWED_NOW', payment.status)
  if (amount > payment.paid - payment.returned - payment.returning - payment.disputed) {
    throw new GatewayRefusal('AMOUNT_TOO_HIGH')
  }
  return { ...standingOf(payment), disputed: payment.disputed + amount }
}

/** @throws GatewayRefusal NOT_ALLOWED_NOW */
export function concede(dispute: BookDispute): GatewayDisputeStatus | undefined {
  if (dispute.status === 'CONCEDED' || dispute.status === 'LOST') return undefined
  if (dispute.status === 'WON') throw new GatewayRefusal('NOT_ALLOWED_NOW', dispute.status)
  return 'CONCEDED'
}

/** @throws GatewayRefusal NOT_ALLOWED_NOW */
export function answer(dispute: BookDispute, given: Evidence, now: Date): readonly Evidence[] | undefined {
  if (dispute.evidence.some((known) => known.reference === given.reference)) return undefined
  const isOpen = dispute.status === 'NEEDS_ANSWER' || dispute.status === 'IN_REVIEW'
  if (!isOpen || dispute.answerBy.getTime() <= now.getTime()) {
    throw new GatewayRefusal('NOT_ALLOWED_NOW', dispute.status)
  }
  return [...dispute.evidence, given]
}

/** What the bank says in the end, which it may take back once more. */
export function decide(
  dispute: BookDispute,
  payment: BookPayment,
  outcome: 'WON' | 'LOST',
): { readonly status: GatewayDisputeStatus; readonly standing: Standing } | undefined {
  if (dispute.status === outcome) return undefined
  if (outcome === 'LOST' && dispute.status === 'WON') {
    return { status: outcome, standing: holdForDispute(payment, dispute.amount) }
  }
  const back = outcome === 'WON' ? dispute.amount : 0n
  return { status: outcome, standing: { ...standingOf(payment), disputed: payment.disputed - back } }
}
