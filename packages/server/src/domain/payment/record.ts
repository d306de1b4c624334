// A payment with everything that is kept about it. payment.ts holds the part that decisions are made on.
import type { GatewayAccountId, MandateId, OrderId, PaymentId, SessionId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { KeptInstrument, PaymentMethod } from './method.ts'
import type { Payment } from './payment.ts'
import type { Decline, PayerAction, PaymentFacts } from './report.ts'

export type PaymentRecord = Payment & {
  readonly id: PaymentId
  readonly orderId: OrderId
  readonly sessionId: SessionId | null
  /** Null for cash on delivery: no gateway knows of it. */
  readonly gatewayAccountId: GatewayAccountId | null
  readonly origin: 'ours' | 'gateway'
  /** What the gateway knows our attempt by. */
  readonly reference: string
  readonly gatewayPaymentId: string | null
  readonly version: number
  readonly amountRefunded: Money
  readonly amountRefundPending: Money
  readonly amountDisputed: Money
  readonly capture: 'automatic' | 'manual'
  readonly method: PaymentMethod
  readonly instrument: KeptInstrument
  readonly facts: PaymentFacts
  readonly action: PayerAction | null
  readonly decline: Decline | null
  readonly failureReason: string | null
  readonly duplicate: boolean
  readonly late: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly capturedAt: Date | null
  /** The mandate that this attempt registers or is charged to. */
  readonly mandateId: MandateId | null
  readonly mandateRole: 'registration' | 'charge' | null
  /** What a person decided while nobody could tell; whatever a gateway says against it later is a conflict. */
  readonly personOutcome: PersonOutcome | null
}

export const PERSON_OUTCOMES = ['captured', 'authorized', 'voided', 'declined', 'failed'] as const
export type PersonOutcome = (typeof PERSON_OUTCOMES)[number]

/** One line of a payment's history. */
export type PaymentTransitionRecord = {
  readonly version: number
  readonly from: string | null
  readonly to: string
  readonly event: string
  readonly cause: Cause
  readonly actor: string
  readonly requestId: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly at: Date
}

/** Where the news of a change came from. */
export const CAUSES = [
  'request',
  'reply',
  'notification',
  'sync',
  'return',
  'person',
  'schedule',
  'settlement',
] as const
export type Cause = (typeof CAUSES)[number]
