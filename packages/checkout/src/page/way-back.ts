// The way back from a bank's page. The bank returns the payer to /return/<payment>, an address without the client token
// (it is a credential and goes to no bank); this tab remembers which payment page it left.
import { element } from './dom.ts'
import { chosenLanguage, LANGUAGES } from './words/index.ts'

const keyOf = (paymentId: string) => `purser.return.${paymentId}`

export function rememberPage(paymentId: string, token: string): void {
  try {
    sessionStorage.setItem(keyOf(paymentId), token)
  } catch {
    // Storage is switched off: the payer goes back by hand.
  }
}

function recallPage(paymentId: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(paymentId))
  } catch {
    return null
  }
}

/** <purser-back>: leads to the payment page that this tab came from, or says how to get there. */
export class PurserBack extends HTMLElement {
  connectedCallback(): void {
    const token = recallPage(location.pathname.split('/')[2] ?? '')
    if (token !== null) {
      location.replace(`/pay/${encodeURIComponent(token)}?returned=1`)
      return
    }
    const language = chosenLanguage()
    const { words } = LANGUAGES[language]
    document.documentElement.lang = language
    document.title = words.backTitle
    const screen = element('main', { class: 'stage screen' }, element('h1', {}, words.backTitle))
    screen.append(element('p', { class: 'steps' }, words.backSteps))
    this.replaceChildren(element('div', { class: 'sheet' }, screen))
  }
}
