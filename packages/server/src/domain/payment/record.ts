// A payment with everything that is kept about it. payment.ts holds the part that decisions are made on.
import { invariant } from '../../kernel/errors.ts'
import type { GatewayAccountId, MandateId, OrderId, PaymentId, SessionId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import type { KeptInstrument, PaymentMethod } from './method.ts'
import type { Payment } from './payment.ts'
import type { Decline, PayerAction, PaymentFacts } from './report.ts'

export type PaymentRecord = Payment & {
  readonly id: PaymentId
  /** Null for money on account, which is recorded by a person and allocated afterwards. */
  readonly orderId: OrderId | null
  readonly sessionId: SessionId | null
  /** Null for cash on delivery and offline payments: no gateway knows of them. */
  readonly gatewayAccountId: GatewayAccountId | null
  readonly origin: 'ours' | 'gateway'
  /** What the gateway knows our attempt by. */
  readonly reference: string
  readonly gatewayPaymentId: string | null
  readonly version: number
  readonly amountRefunded: Money
  readonly amountRefundPending: Money
  readonly amountDisputed: Money
  /** Applied to orders and invoices at present. */
  readonly amountAllocated: Money
  /** Recorded in error, or bounced: all of it or none. */
  readonly amountReversed: Money
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

/** For what only a payment of an order, or its refund, can be asked. */
export function orderIdOf({ id, orderId }: { readonly id: string; readonly orderId: OrderId | null }): OrderId {
  invariant(orderId !== null, `${id} belongs to an order.`)
  return orderId
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
