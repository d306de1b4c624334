// What a gateway tells about one payment or one refund, in our words. Always totals, never deltas: a report may be
// repeated, late or out of order, and applying it twice changes nothing. Replies, notifications, returns and syncs all
// become reports before the one door (operations/record-result.ts) looks at them.
import type { Money } from '../../kernel/money.ts'
import type { KeptMethodReport } from '../customer/saved-method.ts'
import type { DisputeReport } from '../dispute/report.ts'
import type { MandateReport } from '../mandate/report.ts'
import type { DeclineCode } from './decline-codes.ts'

/** Where the gateway says the payment stands. */
export type ReportedState =
  | 'requires_action'
  | 'pending'
  | 'authorized'
  | 'captured'
  | 'declined'
  | 'voided'
  | 'canceled'
  | 'expired'

/** What the payer has to do next. The page shows it; only the gateway's word ends it. */
export type PayerAction =
  | { readonly type: 'redirect'; readonly url: string }
  | { readonly type: 'upi_intent'; readonly uri: string }
  | { readonly type: 'upi_collect'; readonly vpa: string }
  | { readonly type: 'collect_cash' }

export const DECLINE_STAGES = ['authentication', 'authorization', 'risk'] as const
export type DeclineStage = (typeof DECLINE_STAGES)[number]

export type Decline = {
  readonly stage: DeclineStage
  readonly code: DeclineCode
  /** The gateway's own code and text, for the operator. Never shown to a payer. */
  readonly gatewayCode: string
}

/** Facts about the instrument, each as far as the gateway tells. Never a card number. */
export type PaymentFacts = {
  readonly network?: string
  readonly funding?: string
  readonly issuer?: string
  readonly bin?: string
  readonly lastFour?: string
  readonly authenticationType?: string
  readonly vpa?: string
  readonly bank?: string
  readonly rrn?: string
  readonly authCode?: string
  /** Of a payment taken on the gateway's page: which of the tries there it is, as a capture or a void names it. */
  readonly gatewayTry?: string
}

export type PaymentReport = {
  readonly gatewayPaymentId: string
  /** Our attempt's reference as the gateway echoes it; null when it does not. */
  readonly reference: string | null
  /** What the gateway believes this payment is for; compared with our own row before anything is applied. */
  readonly amount: Money
  readonly state: ReportedState
  readonly authorized: Money
  /** Total captured so far. */
  readonly captured: Money
  /** Whether nothing more can be captured. */
  readonly captureFinal: boolean
  readonly action?: PayerAction
  readonly decline?: Decline
  readonly facts: PaymentFacts
  /** The mandate that this payment registers, where the gateway tells of it in the same breath. */
  readonly mandate?: MandateReport
  /** What the gateway keeps for the customer's next payment, once this one succeeded and was to be kept. */
  readonly kept?: KeptMethodReport
  /** On the gateway's own page: tries that came to nothing, as far as it tells. The payment goes on. */
  readonly tries?: readonly GatewayTry[]
  /** Refunds of this payment, where the gateway tells of them in the same breath. */
  readonly refunds?: readonly RefundReport[]
  /** When the gateway's own page shuts: from then on nobody can start to pay there. */
  readonly closesAt?: Date
  /** Disputes of it, where the gateway tells of them in the same breath. */
  readonly disputes?: readonly DisputeReport[]
}

/** An attempt that a gateway made by itself and that was refused. It has no money: that is the payment's alone. */
export type GatewayTry = {
  readonly gatewayPaymentId: string
  readonly amount: Money
  readonly decline: Decline
  readonly facts: PaymentFacts
}

/**
 * What a message says whose sender proves only that it knows a password. It is compared with our own rows, and then the
 * gateway is asked; nothing of it is applied.
 */
export type PaymentClaim = {
  readonly gatewayPaymentId: string
  readonly reference: string | null
  /** Undefined where the message does not say it. */
  readonly amount?: Money
}
export type MandateClaim = { readonly gatewayMandateId: string; readonly reference: string | null }

export type ReportedRefundState = 'pending' | 'review' | 'succeeded' | 'failed'

export type RefundReport = {
  readonly gatewayRefundId: string
  readonly gatewayPaymentId: string
  readonly reference: string | null
  readonly amount: Money
  readonly state: ReportedRefundState
  readonly gatewayCode?: string
  /** Acquirer reference number, once the gateway knows it. */
  readonly arn?: string
}
