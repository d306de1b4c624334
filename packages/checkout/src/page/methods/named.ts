// Cards, banks and wallets: the payer chooses one by its name. A card is a token only: there is no field for a number
// here and there never will be. In test mode the choices are the sandbox's, each with what it does.
import type { TestInstrument } from '../wire.ts'
import { choiceField } from './method.ts'
import type { MethodView, Surroundings } from './method.ts'

type Choices = readonly TestInstrument[]

export function cardMethod(cards: Choices, { words }: Surroundings): MethodView {
  const { field, choose } = choiceField('card', words.cardChoice, cards.map(cardOption), words)
  return {
    name: 'card',
    label: words.card,
    summary: words.cardSummary,
    fields: [field],
    choice: () => choose((token) => ({ method: 'card', token })),
  }
}

export function netbankingMethod(banks: Choices, { words }: Surroundings): MethodView {
  const { field, choose } = choiceField('bank', words.bankChoice, banks, words)
  return {
    name: 'netbanking',
    label: words.netbanking,
    summary: words.netbankingSummary,
    fields: [field],
    choice: () => choose((bank) => ({ method: 'netbanking', bank })),
  }
}

export function walletMethod(wallets: Choices, { words }: Surroundings): MethodView {
  const { field, choose } = choiceField('wallet', words.walletChoice, wallets, words)
  return {
    name: 'wallet',
    label: words.wallet,
    summary: words.walletSummary,
    fields: [field],
    choice: () => choose((wallet) => ({ method: 'wallet', wallet })),
  }
}

export function cashMethod({ words }: Surroundings): MethodView {
  return {
    name: 'cash_on_delivery',
    label: words.cash,
    summary: words.cashSummary,
    fields: [],
    choice: () => ({ instrument: { method: 'cash_on_delivery' } }),
  }
}

const BRANDS: Readonly<Record<string, string>> = { visa: 'Visa', mastercard: 'Mastercard', rupay: 'RuPay' }

function cardOption({ value, label, hint, brand, last_four }: TestInstrument) {
  const face = [brand === undefined ? undefined : (BRANDS[brand] ?? brand), last_four && `•• ${last_four}`]
  const shown = face.filter((part) => part !== undefined && part !== '').join(' ')
  return { value, label: shown === '' ? label : `${label} (${shown})`, hint }
}
