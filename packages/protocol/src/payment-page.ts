// How the hosted page looks and where it may be framed: settings of the merchant.
import Type from 'typebox'
import type { Static } from 'typebox'
import { AmountInput, Amount, Currency, Nullable, Origin, Strict } from './fields.ts'

export const PageLogo = Type.String({
  maxLength: 16_384,
  pattern: '^data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$',
  description: 'A PNG, JPEG or WebP picture as a data URI, at most 12 kB. Shown at 40 pixels height.',
})

export const PageColor = Type.String({
  pattern: '^#[0-9a-f]{6}$',
  description: 'Colour of the buttons. The page chooses a text colour that can be read on it.',
  examples: ['#0a7d4f'],
})

const Origins = Type.Array(Origin, {
  maxItems: 20,
  description: 'Your pages that may show the payment page in a frame. In test mode a session may name any origin.',
})

export const PageSettings = Strict({
  object: Type.Literal('payment_page_settings'),
  logo: Nullable(PageLogo),
  color: Nullable(PageColor),
  frame_origins: Origins,
  cash_on_delivery: Nullable(Strict({ max_amount: Amount, currency: Currency })),
})
export type PageSettings = Static<typeof PageSettings>

/** Only what is named changes; null takes a logo, a colour or cash on delivery away. */
export const UpdatePageSettings = Strict(
  {
    logo: Type.Optional(Nullable(PageLogo)),
    color: Type.Optional(Nullable(PageColor)),
    frame_origins: Type.Optional(Origins),
    cash_on_delivery: Type.Optional(
      Nullable(
        Strict(
          { max_amount: AmountInput, currency: Currency },
          { description: 'Offers cash on delivery for orders of up to this much; null: never.' },
        ),
      ),
    ),
  },
  { minProperties: 1, examples: [{ color: '#0a7d4f', frame_origins: ['https://shop.example'] }] },
)
export type UpdatePageSettings = Static<typeof UpdatePageSettings>
