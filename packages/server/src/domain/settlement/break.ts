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
