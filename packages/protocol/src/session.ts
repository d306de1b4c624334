// A session: what an app or a page starts a payment with. Its client token is shown once, here, and grants only this
// order's payment; it may be handed to a browser.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Instant, Nullable, OrderId, Origin, SessionId, Strict, Url } from './fields.ts'
import { PaymentMethod } from './payment.ts'

export const SessionStatus = Type.Enum(['open', 'claimed', 'closed', 'expired'])

export const Session = Strict({
  id: SessionId,
  object: Type.Literal('session'),
  order_id: OrderId,
  status: SessionStatus,
  methods: Type.Array(PaymentMethod),
  return_url: Nullable(Type.String()),
  frame_origins: Type.Array(Origin),
  expires_at: Instant,
  created_at: Instant,
})
export type Session = Static<typeof Session>

export const OpenSession = Strict(
  {
    return_url: Type.Optional({ ...Url, description: "Where the payer goes after paying. Absent: the order's." }),
    frame_origins: Type.Optional(
      Type.Array(Origin, {
        maxItems: 10,
        description:
          'Your pages that show the payment page in a frame, as the web SDK does. In live mode each must be registered.',
      }),
    ),
    show_saved_methods: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          "Whether the payer sees, uses and adds to what the order's customer saved. Say false where you send the " +
          'address to somebody whom you do not know to be that customer.',
      }),
    ),
    expires_in_seconds: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 86_400, default: 900, description: 'How long the token is good for.' }),
    ),
  },
  {
    examples: [
      {
        return_url: 'https://shop.example/thanks',
        frame_origins: ['https://shop.example'],
        expires_in_seconds: 900,
      },
    ],
  },
)
export type OpenSession = Static<typeof OpenSession>

export const OpenedSession = Strict({
  ...Session.properties,
  client_token: Type.String({ description: 'For the app or the page. Shown once.' }),
  url: Type.String({ description: 'The hosted payment page of this session.' }),
})
export type OpenedSession = Static<typeof OpenedSession>
