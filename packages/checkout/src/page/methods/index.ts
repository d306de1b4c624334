// The methods that this page can show. One that the server offers and the page does not know is left out.
import type { MethodChoice } from '../wire.ts'
import { cardMethod } from './card.ts'
import type { MethodView, Surroundings } from './method.ts'
import { netbankingMethod, walletMethod } from './named.ts'
import { upiMethod } from './upi.ts'

export function methodViews(choices: readonly MethodChoice[], surroundings: Surroundings): readonly MethodView[] {
  return choices.flatMap((choice) => {
    switch (choice.method) {
      case 'upi':
        return choice.flows.length === 0 ? [] : [upiMethod(choice.flows, surroundings)]
      case 'card':
        return choice.cards.length === 0 ? [] : [cardMethod(choice.cards, surroundings)]
      case 'netbanking':
        return choice.banks.length === 0 ? [] : [netbankingMethod(choice.banks, surroundings)]
      case 'wallet':
        return choice.wallets.length === 0 ? [] : [walletMethod(choice.wallets, surroundings)]
      default:
        return []
    }
  })
}
