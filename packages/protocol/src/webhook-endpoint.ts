// Webhook endpoints, and the deliveries that Purser makes to them. The signing secret is shown when an endpoint is made
// and when its secret is rotated, and never again.
import Type from 'typebox'
import type { Static } from 'typebox'
import { EventType } from './event.ts'
import {
  DeliveryId,
  EventId,
  Instant,
  Lines,
  Nullable,
  PageOf,
  pageQuery,
  Strict,
  Url,
  WebhookEndpointId,
} from './fields.ts'

const Subscription = Type.Union([EventType, Type.Literal('*')])

export const WebhookEndpoint = Strict({
  id: WebhookEndpointId,
  object: Type.Literal('webhook_endpoint'),
  url: Type.String(),
  description: Type.String(),
  event_types: Type.Array(Subscription, { description: '`*` stands for all, those of later versions too.' }),
  status: Type.Enum(['enabled', 'disabled']),
  disabled_reason: Nullable(
    Type.Enum(['requested', 'gone', 'failing'], {
      description: 'By request; because it answered 410; or because it failed for days without a success.',
    }),
  ),
  failing_since: Nullable(Instant),
  previous_secret_until: Nullable({ ...Instant, description: 'Until when the secret before this one signs along.' }),
  created_at: Instant,
  updated_at: Instant,
})
export type WebhookEndpoint = Static<typeof WebhookEndpoint>

export const WebhookEndpointWithSecret = Strict({
  ...WebhookEndpoint.properties,
  secret: Type.String({ description: 'Verify signatures with it. Shown once.', examples: ['whsec_…'] }),
})
export type WebhookEndpointWithSecret = Static<typeof WebhookEndpointWithSecret>

const EventTypes = Type.Array(Subscription, { minItems: 1, maxItems: 50, uniqueItems: true })

export const CreateWebhookEndpoint = Strict(
  {
    url: Url,
    event_types: Type.Optional({ ...EventTypes, description: 'Absent: all.' }),
    description: Type.Optional(Lines(200)),
  },
  { examples: [{ url: 'https://shop.example/purser', event_types: ['payment.captured', 'refund.succeeded'] }] },
)
export type CreateWebhookEndpoint = Static<typeof CreateWebhookEndpoint>

export const UpdateWebhookEndpoint = Strict(
  {
    url: Type.Optional(Url),
    event_types: Type.Optional(EventTypes),
    description: Type.Optional(Lines(200)),
    status: Type.Optional(Type.Enum(['enabled', 'disabled'])),
  },
  { minProperties: 1, examples: [{ status: 'disabled' }] },
)
export type UpdateWebhookEndpoint = Static<typeof UpdateWebhookEndpoint>

export const WebhookEndpointList = Strict({
  object: Type.Literal('list'),
  items: Type.Array(WebhookEndpoint),
  next_cursor: Type.Null(),
})

export const DeletedWebhookEndpoint = Strict({
  id: WebhookEndpointId,
  object: Type.Literal('webhook_endpoint'),
  deleted: Type.Literal(true),
})

export const Delivery = Strict({
  id: DeliveryId,
  object: Type.Literal('delivery'),
  event_id: EventId,
  event_type: EventType,
  endpoint_id: WebhookEndpointId,
  resend: Type.Integer({ minimum: 0, description: '0 for the event itself, 1 for the first resend by hand.' }),
  status: Type.Enum(['pending', 'delivered', 'dead', 'canceled'], {
    description: '`dead`: given up, and ready to be sent again. `canceled`: the endpoint was deleted.',
  }),
  tries: Type.Integer({ minimum: 0 }),
  due_at: Nullable(Instant),
  created_at: Instant,
  ended_at: Nullable(Instant),
  attempts: Type.Array(
    Strict({
      try: Type.Integer({ minimum: 1 }),
      outcome: Type.String({ description: '`delivered`, `refused`, or why there was no answer.' }),
      status: Nullable(Type.Integer({ description: 'The HTTP status, if there was an answer.' })),
      duration_ms: Type.Integer({ minimum: 0 }),
      at: Instant,
    }),
  ),
})
export type Delivery = Static<typeof Delivery>

export const DeliveryStatus = Delivery.properties.status

export const ListDeliveries = Strict({
  status: Type.Optional(DeliveryStatus),
  event_id: Type.Optional(EventId),
  ...pageQuery,
})
export type ListDeliveries = Static<typeof ListDeliveries>

export const DeliveryPage = PageOf(Delivery)

export const RotateWebhookSecret = Strict(
  {
    overlap_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        description: 'How long the present secret goes on signing. Absent: a day.',
      }),
    ),
  },
  { examples: [{ overlap_seconds: 86400 }] },
)
export type RotateWebhookSecret = Static<typeof RotateWebhookSecret>
