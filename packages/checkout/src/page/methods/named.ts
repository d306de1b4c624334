// Cards, banks and wallets: the payer chooses one by its name. A card is a token only: there is no field for a number
// here and there never will be. In test mode the choices are the sandbox's, each with what it does.
import { element } from '../dom.ts'
import type { TestInstrument } from '../wire.ts'
import { choiceField, keepField } from './method.ts'
import type { MethodView, Surroundings } from './method.ts'

type Choices = readonly TestInstrument[]

export function cardMethod(cards: Choices, surroundings: Surroundings): MethodView {
  const { words } = surroundings
  const keeping = keepField('card', surroundings)
  const { field, choose } = choiceField('card', words.cardChoice, cards.map(cardOption), words)
  return {
    name: 'card',
    label: words.card,
    summary: words.cardSummary,
    fields: fieldsOf(field, keeping.field),
    choice: () => keeping.wanted(choose((token) => ({ method: 'card', token }))),
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

export function walletMethod(wallets: Choices, surroundings: Surroundings): MethodView {
  const { words } = surroundings
  const keeping = keepField('wallet', surroundings)
  const { field, choose } = choiceField('wallet', words.walletChoice, wallets, words)
  return {
    name: 'wallet',
    label: words.wallet,
    summary: words.walletSummary,
    fields: fieldsOf(field, keeping.field),
    choice: () => keeping.wanted(choose((wallet) => ({ method: 'wallet', wallet }))),
  }
}

export function cashMethod({ words, amount }: Surroundings): MethodView {
  return {
    name: 'cash_on_delivery',
    label: words.cash,
    summary: words.cashSummary,
    fields: [element('p', { class: 'hint' }, words.cashNext(amount))],
    act: words.placeOrder,
    choice: () => ({ instrument: { method: 'cash_on_delivery' } }),
  }
}

/** The gateway's own page, where the payer chooses again. */
export function pageMethod({ words }: Surroundings): MethodView {
  return {
    name: 'gateway_page',
    label: words.page,
    summary: words.pageSummary,
    fields: [],
    choice: () => ({ instrument: { method: 'gateway_page' } }),
  }
}

function fieldsOf(...fields: readonly (HTMLElement | undefined)[]): readonly HTMLElement[] {
  return fields.filter((field) => field !== undefined)
}

const BRANDS: Readonly<Record<string, string>> = { visa: 'Visa', mastercard: 'Mastercard', rupay: 'RuPay' }

export function brandName(brand: string): string {
  return BRANDS[brand] ?? brand
}

function cardOption({ value, label, hint, brand, last_four }: TestInstrument) {
  const face = [brand === undefined ? undefined : brandName(brand), last_four && `•• ${last_four}`]
  const shown = face.filter((part) => part !== undefined && part !== '').join(' ')
  return { value, label: shown === '' ? label : `${label} (${shown})`, hint }
}
