// What is asked for when an attempt to pay is started, whether a gateway carries it out or a person collects it.
import type { Instrument } from '../domain/payment/method.ts'
import type { GatewayAccountId, OrderId, PaymentId, SavedMethodId, SessionId } from '../kernel/ids.ts'
import type { Idempotency } from './idempotent.ts'

/** What is paid. A payer who starts it from a page or an app has a session, and so its order. */
export type PayTarget =
  | { readonly orderId: OrderId; readonly sessionId?: SessionId }
  | { readonly orderId?: undefined; readonly sessionId: SessionId }

export type StartCommand = PayTarget & {
  readonly instrument: Instrument | { readonly savedMethodId: SavedMethodId }
  /** The payer consented to keep the instrument for the next time. */
  readonly save?: boolean
  readonly gatewayAccountId?: GatewayAccountId
  /** For this attempt; absent: as the order says. */
  readonly capture?: 'automatic' | 'manual'
  /** False: this attempt leaves an optional mandate out. A required one is registered whatever is said. */
  readonly registersMandate?: boolean
  /** Where the gateway sends the payer back to; absent: our own page, which finds the payment page it left. */
  returnUrlOf?(id: PaymentId): string
  readonly idempotency?: Idempotency
}
