// Accounts at gateways, and the connectors that they are made with. Credentials travel in one direction only: what a
// merchant sends is checked, sealed, and in no answer.
import Type from 'typebox'
import type { Static } from 'typebox'
import { GatewayAccountId, Instant, Line, Nullable, Strict } from './fields.ts'
import { PaymentMethod } from './payment.ts'

const Label = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$',
  description: 'Your own name for it, one line and not blank.',
  examples: ['Juspay'],
})

const Credentials = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' }), Line(4096), {
  maxProperties: 20,
  additionalProperties: false,
  description: 'What the connector asks for (`GET /v1/connectors`), all of it. Kept sealed and never shown again.',
})

const Status = Type.Enum(['active', 'paused'], {
  description: '`paused`: no payment starts on it; what runs on it already goes on, refunds and mandate charges too.',
})

const Methods = Type.Array(PaymentMethod, { description: 'What can be paid with through this connector.' })

export const GatewayAccount = Strict({
  id: GatewayAccountId,
  object: Type.Literal('gateway_account'),
  connector: Type.String(),
  label: Type.String(),
  status: Status,
  methods: Methods,
  notification_url: Nullable(
    Type.String({
      description: 'Set it at the gateway as the address of its webhooks; null where none are taken from it.',
      examples: ['https://pay.shop.example/gateways/gwa_0123456789abcdefghjkmnpqrs/notifications'],
    }),
  ),
  settings: Type.Record(Type.String(), Type.Unknown(), {
    description: 'What was agreed with the gateway, as the operator set it: `settlement`, `mandates`.',
  }),
  created_at: Instant,
})
export type GatewayAccount = Static<typeof GatewayAccount>

export const GatewayAccountList = Strict({
  object: Type.Literal('list'),
  items: Type.Array(GatewayAccount),
  next_cursor: Type.Null(),
})

export const ConnectGatewayAccount = Strict(
  {
    connector: Type.String({
      pattern: '^[a-z][a-z0-9_]{0,39}$',
      description: 'The name of one of `GET /v1/connectors`.',
      examples: ['juspay'],
    }),
    label: Label,
    credentials: Credentials,
  },
  {
    examples: [
      {
        connector: 'juspay',
        label: 'Juspay',
        credentials: {
          base_url: 'https://sandbox.juspay.in',
          merchant_id: 'teahouse',
          api_key: '…',
          payment_page_client_id: 'teahouse',
          webhook_user: 'purser',
          webhook_password: '…',
        },
      },
    ],
  },
)
export type ConnectGatewayAccount = Static<typeof ConnectGatewayAccount>

export const UpdateGatewayAccount = Strict(
  { label: Type.Optional(Label), status: Type.Optional(Status) },
  { minProperties: 1, examples: [{ status: 'paused' }] },
)
export type UpdateGatewayAccount = Static<typeof UpdateGatewayAccount>

export const ReplaceGatewayCredentials = Strict(
  { credentials: Credentials },
  { examples: [{ credentials: { base_url: 'https://sandbox.juspay.in', merchant_id: 'teahouse', api_key: '…' } }] },
)
export type ReplaceGatewayCredentials = Static<typeof ReplaceGatewayCredentials>

export const Connector = Strict({
  object: Type.Literal('connector'),
  name: Type.String(),
  test_only: Type.Boolean({ description: 'It moves no real money, so that no live account can be made with it.' }),
  methods: Methods,
  mandate_methods: Type.Array(PaymentMethod, { description: 'Those that a mandate can be registered with.' }),
  credentials: Type.Array(
    Strict({
      name: Type.String(),
      description: Type.String(),
      secret: Type.Boolean({ description: 'Whoever knows it could act for you: hide it in a form.' }),
      required: Type.Boolean(),
      pattern: Nullable(Type.String({ description: 'A regular expression that the whole text matches.' })),
    }),
  ),
})
export type Connector = Static<typeof Connector>

export const ConnectorList = Strict({
  object: Type.Literal('list'),
  items: Type.Array(Connector),
  next_cursor: Type.Null(),
})
