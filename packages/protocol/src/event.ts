// Events and the body of a webhook (Standard Webhooks): `{ type, timestamp, data }`. The object in `data` is the same
// that a read gives, and its `version` puts events of one object in order whatever the network did.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Dispute } from './dispute.ts'
import { EventId, Instant, Nullable, OrderId, PageOf, PaymentId, pageQuery, periodQuery, Strict } from './fields.ts'
import { Mandate, PreDebitNotice } from './mandate.ts'
import { Allocation, OfflinePayment } from './offline-payment.ts'
import { Order } from './order.ts'
import { Payment } from './payment.ts'
import { Break } from './reconciliation.ts'
import { Refund } from './refund.ts'

export const EventType = Type.Enum([
  'order.created',
  'order.updated',
  'order.processing',
  'order.authorized',
  'order.partially_paid',
  'order.paid',
  'order.reopened',
  'order.expired',
  'order.canceled',
  'order.awaiting_collection',
  'payment.requires_action',
  'payment.processing',
  'payment.unknown',
  'payment.failed',
  'payment.expired',
  'payment.canceled',
  'payment.declined',
  'payment.authorized',
  'payment.voided',
  'payment.captured',
  'payment.capture_failed',
  'payment.void_failed',
  'payment.conflict',
  'refund.awaiting_approval',
  'refund.rejected',
  'refund.pending',
  'refund.unknown',
  'refund.review',
  'refund.succeeded',
  'refund.failed',
  'offline_payment.recorded',
  'offline_payment.cleared',
  'offline_payment.bounced',
  'offline_payment.reversed',
  'allocation.applied',
  'allocation.withdrawn',
  'mandate.created',
  'mandate.registering',
  'mandate.activated',
  'mandate.paused',
  'mandate.resumed',
  'mandate.revoked',
  'mandate.expired',
  'mandate.failed',
  'pre_debit_notice.succeeded',
  'pre_debit_notice.failed',
  'dispute.opened',
  'dispute.under_review',
  'dispute.accepted',
  'dispute.expired',
  'dispute.won',
  'dispute.lost',
  'break.opened',
  'break.resolved',
  'webhook_endpoint.test',
])
export type EventType = Static<typeof EventType>

/** The body of every webhook. */
export const WebhookBody = Strict({
  type: EventType,
  timestamp: Instant,
  data: Type.Union([
    Strict({ order: Order }),
    Strict({ payment: Payment }),
    Strict({ refund: Refund }),
    Strict({ offline_payment: OfflinePayment }),
    Strict({ allocation: Allocation }),
    Strict({ mandate: Mandate }),
    Strict({ pre_debit_notice: PreDebitNotice }),
    Strict({ dispute: Dispute }),
    Strict({ break: Break }),
    Strict({ endpoint_id: Type.String() }),
  ]),
})
export type WebhookBody = Static<typeof WebhookBody>

export const Event = Strict({
  id: EventId,
  object: Type.Literal('event'),
  type: EventType,
  object_id: Type.String({
    description:
      'The order, payment, refund, allocation, mandate, notice, dispute, break or endpoint that it is about.',
  }),
  order_id: Nullable(OrderId),
  payment_id: Nullable(PaymentId),
  body: WebhookBody,
  created_at: Instant,
})
export type Event = Static<typeof Event>

export const ListEvents = Strict({
  type: Type.Optional(EventType),
  order_id: Type.Optional(OrderId),
  payment_id: Type.Optional(PaymentId),
  ...periodQuery,
  ...pageQuery,
})
export type ListEvents = Static<typeof ListEvents>

export const EventPage = PageOf(Event)
