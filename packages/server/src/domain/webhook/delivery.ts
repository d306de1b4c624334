// The sending of one event to one endpoint, with all its tries. A resend by hand is a delivery of its own, with the
// same event and the same webhook-id, so the first one's log stays as it was.
import type { DeliveryId, EventId, OrderId, PaymentId, WebhookEndpointId } from '../../kernel/ids.ts'
import type { EventType } from './event.ts'

/** `dead`: given up, and ready to be sent again by hand. `canceled`: the endpoint was deleted. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead', 'canceled'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export type Delivery = {
  readonly id: DeliveryId
  readonly eventId: EventId
  readonly eventType: EventType
  readonly endpointId: WebhookEndpointId
  /** 0 for the event itself, 1 for the first resend. */
  readonly resend: number
  readonly status: DeliveryStatus
  /** Tries that were begun. One that ended with our process has no attempt in the log. */
  readonly tries: number
  readonly dueAt: Date | null
  readonly createdAt: Date
  readonly endedAt: Date | null
  readonly attempts: readonly DeliveryAttempt[]
}

export type DeliveryAttempt = {
  readonly try: number
  /** `delivered`, `refused` (an answer that is not 2xx), or why there was none: `timeout`, `connect_refused`, … */
  readonly outcome: string
  /** The HTTP status, if there was an answer. Nothing else of the answer is kept. */
  readonly status: number | null
  readonly durationMs: number
  /** Real time. */
  readonly at: Date
}

/** An event at rest: what happened, as it was told to every endpoint. */
export type EventRecord = {
  readonly id: EventId
  readonly type: EventType
  readonly objectId: string
  readonly orderId: OrderId | null
  readonly paymentId: PaymentId | null
  /** The exact JSON text that was signed and sent. */
  readonly body: string
  readonly createdAt: Date
}
