// What an app or a page starts a payment with. Its client token is a credential of its own and is never kept here.
import type { CustomerId, OrderId, SessionId } from '../../kernel/ids.ts'
import type { PaymentMethod } from '../payment/method.ts'
import type { SessionStatus } from './states.ts'

export type Session = {
  readonly id: SessionId
  readonly orderId: OrderId
  /** Whose it is; null where anybody may have opened it, through a link. */
  readonly customerId: CustomerId | null
  /** The order's terms that this session was opened for; a change of the order ends it. */
  readonly orderTermsVersion: number
  readonly status: SessionStatus
  readonly version: number
  readonly methods: readonly PaymentMethod[]
  readonly returnUrl: string | null
  /** Pages that may show the hosted page in a frame; none when empty. */
  readonly frameOrigins: readonly string[]
  readonly expiresAt: Date
  readonly createdAt: Date
}
