// What the payer saved: first in the list and chosen already, so that one tap pays. Each can be forgotten here, too.
import { button } from '../dom.ts'
import type { SavedView, TestInstrument } from '../wire.ts'
import type { Words } from '../words/index.ts'
import type { MethodView, Surroundings } from './method.ts'
import { brandName } from './named.ts'

export function savedMethod(saved: SavedView, wallets: readonly TestInstrument[], given: Surroundings): MethodView {
  const { words } = given
  const label = labelOf(saved, wallets, words)
  const forget = button(words.forget, 'plain', () => given.onForget(saved.id))
  // Out of the list's context a screen reader still says which one goes.
  forget.setAttribute('aria-label', `${words.forget}: ${label}`)
  forget.classList.add('forget')
  return {
    name: saved.id,
    label,
    summary: summaryOf(saved, words),
    fields: [forget],
    choice: () => ({ instrument: { saved_method_id: saved.id } }),
  }
}

function labelOf(
  { kind, network, issuer, last_four, vpa, wallet }: SavedView,
  wallets: readonly TestInstrument[],
  words: Words,
) {
  if (kind === 'upi') return words.savedUpi(vpa ?? '')
  if (kind === 'wallet') return wallets.find(({ value }) => value === wallet)?.label ?? wallet ?? words.wallet
  return words.savedCard(issuer ?? (network === null ? '' : brandName(network)), last_four ?? '')
}

function summaryOf({ kind, network, expiry_month: month, expiry_year: year }: SavedView, words: Words): string {
  if (kind === 'upi') return words.savedUpiSummary
  if (kind === 'wallet') return words.wallet
  const until = month === null || year === null ? '' : words.goodUntil(`${String(month).padStart(2, '0')}/${year}`)
  return [network === null ? words.card : brandName(network), until].filter((part) => part !== '').join(', ')
}
