// What stands around every screen: whom the payer pays, how much and what for; the way back to an app; the language.
import { button, element } from './dom.ts'
import type { SessionView } from './wire.ts'
import { LANGUAGES } from './words/index.ts'
import type { Language, Words } from './words/index.ts'

export function summaryOf(
  words: Words,
  view: SessionView | undefined,
  amount: string | undefined,
  back: { readonly label: string; act(): void } | undefined,
): HTMLElement {
  const summary = element('header', { class: 'summary' })
  if (back !== undefined) {
    const close = button(back.label, 'plain', () => back.act())
    close.classList.add('back')
    summary.append(close)
  }
  if (view === undefined) {
    summary.append(element('h1', { class: 'visually-hidden' }, words.payment))
    return summary
  }
  const { merchant, order } = view
  // The name stands beside it, so the picture says nothing new.
  const logo = merchant.logo === null ? undefined : element('img', { class: 'logo', src: merchant.logo, alt: '' })
  const name = element('p', { class: 'merchant' }, words.payTo, ' ', element('strong', {}, merchant.name))
  summary.append(
    element('div', { class: 'shop' }, logo, name),
    element('h1', {}, element('span', { class: 'visually-hidden' }, `${words.amountDue} `), amount),
    element('p', { class: 'description' }, order.description),
    element('p', { class: 'reference' }, words.reference, ' ', element('span', {}, order.reference)),
  )
  return summary
}

/** A button to the other language, in that language. */
export function languageSwitch(current: Language, onChoose: (language: Language) => void): HTMLElement {
  const other = current === 'en' ? 'hi' : 'en'
  const choose = button(LANGUAGES[other].name, 'plain', () => onChoose(other))
  choose.classList.add('language')
  choose.setAttribute('lang', other)
  return choose
}
