// Cards by token only: there is no field for a number here and there never will be. In test mode the tokens are the
// named test cards of the sandbox.
import type { TestCard } from '../wire.ts'
import { choiceField } from './method.ts'
import type { MethodView, Surroundings } from './method.ts'

export function cardMethod(cards: readonly TestCard[], { words }: Surroundings): MethodView {
  const options = cards.map(({ token, label, brand, last_four, hint }) => ({
    value: token,
    label: `${label} (${brandName(brand)} •• ${last_four})`,
    hint,
  }))
  const choice = choiceField('card', words.cardChoice, options, words)
  return {
    name: 'card',
    label: words.card,
    summary: words.cardSummary,
    fields: [choice.field],
    choice: () => choice.choose((token) => ({ method: 'card', token })),
  }
}

function brandName(brand: string): string {
  const names: Record<string, string> = { visa: 'Visa', mastercard: 'Mastercard', rupay: 'RuPay' }
  return names[brand.toLowerCase()] ?? brand
}
