// A refund in the gateway's book. Its amount is set aside on the payment when it is taken (book/payment.ts), and it
// is settled later, on the account's clock: refunds are never instant here, as they are not at a real gateway.
import type { Currency } from '../../kernel/money.ts'
import type { Script } from '../instruments.ts'
import { REFUND_WAIT_MS } from '../instruments.ts'

export const REFUND_STATUSES = ['PROCESSING', 'ON_REVIEW', 'RETURNED', 'FAILED'] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

export type BookRefund = {
  readonly id: string
  readonly accountId: string
  readonly paymentId: string
  readonly reference: string
  readonly currency: Currency
  readonly amount: bigint
  readonly reason: string
  readonly status: RefundStatus
  readonly failure: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const REFUND_FAILURE = 'R1'

export type RefundPlan = { readonly status: RefundStatus; readonly succeeds: boolean; readonly inMs: number }

export function planRefund(script: Script): RefundPlan {
  const { outcome, waitMs } = script.refund ?? { outcome: 'return', waitMs: REFUND_WAIT_MS }
  return { status: outcome === 'review' ? 'ON_REVIEW' : 'PROCESSING', succeeds: outcome !== 'fail', inMs: waitMs }
}
