// Net banking and wallets: the payer chooses one by its name, and its owner does the rest.
import type { NamedChoice } from '../wire.ts'
import { choiceField } from './method.ts'
import type { MethodView, Surroundings } from './method.ts'

export function netbankingMethod(banks: readonly NamedChoice[], { words }: Surroundings): MethodView {
  const choice = choiceField('bank', words.bankChoice, banks.map(optionOf), words)
  return {
    name: 'netbanking',
    label: words.netbanking,
    summary: words.netbankingSummary,
    fields: [choice.field],
    choice: () => choice.choose((bank) => ({ method: 'netbanking', bank })),
  }
}

export function walletMethod(wallets: readonly NamedChoice[], { words }: Surroundings): MethodView {
  const choice = choiceField('wallet', words.walletChoice, wallets.map(optionOf), words)
  return {
    name: 'wallet',
    label: words.wallet,
    summary: words.walletSummary,
    fields: [choice.field],
    choice: () => choice.choose((wallet) => ({ method: 'wallet', wallet })),
  }
}

function optionOf({ code, name, hint }: NamedChoice) {
  return { value: code, label: name, hint }
}
