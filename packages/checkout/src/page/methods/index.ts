// The methods that this page can show, what the payer saved before all others. One that the server offers and the page
// has nothing to offer for is left out.
import type { SessionView } from '../wire.ts'
import type { MethodView, Surroundings } from './method.ts'
import { cardMethod, cashMethod, netbankingMethod, pageMethod, walletMethod } from './named.ts'
import { savedMethod } from './saved.ts'
import { upiMethod } from './upi.ts'

export function methodViews(view: SessionView, surroundings: Surroundings): readonly MethodView[] {
  const wallets = view.test_instruments.filter(({ method }) => method === 'wallet')
  const saved = view.saved_methods.map((one) => savedMethod(one, wallets, surroundings))
  const others = view.methods.flatMap((method) => {
    const choices = view.test_instruments.filter((instrument) => instrument.method === method)
    if (method === 'upi') return [upiMethod(choices, surroundings)]
    if (method === 'cash_on_delivery') return [cashMethod(surroundings)]
    if (method === 'gateway_page') return [pageMethod(surroundings)]
    if (choices.length === 0) return []
    switch (method) {
      case 'card':
        return [cardMethod(choices, surroundings)]
      case 'netbanking':
        return [netbankingMethod(choices, surroundings)]
      case 'wallet':
        return [walletMethod(choices, surroundings)]
      // Recorded by the merchant, never chosen by a payer.
      case 'cash':
      case 'cheque':
      case 'bank_transfer':
        return []
    }
    return []
  })
  return [...saved, ...others]
}
