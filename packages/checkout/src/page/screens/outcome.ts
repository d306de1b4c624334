// How it ended: paid, not paid and what to do next, or nothing to pay here any more.
import { button, element, icon, link } from '../dom.ts'
import { returnAddress } from '../links.ts'
import { countDown } from '../timers.ts'
import type { PaymentView, SessionView } from '../wire.ts'
import type { Words } from '../words.ts'

const RETURN_AFTER_SECONDS = 5

/** Counts down to the merchant's page, visibly and stoppably. Its timer ends when it leaves the document. */
export class PurserReturn extends HTMLElement {
  private stop: (() => void) | undefined

  begin(words: Words, address: string): void {
    const text = element('span', {}, words.returning(RETURN_AFTER_SECONDS))
    const halt = () => {
      this.stop?.()
      this.replaceChildren()
      this.parentElement?.querySelector('a')?.focus()
    }
    this.replaceChildren(text, ' ', button(words.stay, 'plain', halt))
    this.stop = countDown(RETURN_AFTER_SECONDS, (left) => {
      if (left > 0) text.textContent = words.returning(left)
      else location.assign(address)
    })
  }

  disconnectedCallback(): void {
    this.stop?.()
  }
}

export function paidScreen(words: Words, view: SessionView, amount: string, authorizedOnly: boolean): HTMLElement {
  const merchant = view.merchant.name
  const address = returnAddress(view)
  const screen = frame(
    'done',
    authorizedOnly ? words.authorized : words.paid,
    authorizedOnly ? words.authorizedSteps(amount, merchant) : words.paidSteps(amount, merchant),
  )
  if (address === undefined) {
    screen.append(element('p', { class: 'quiet' }, words.mayClose))
    return screen
  }
  const back = document.createElement('purser-return') as PurserReturn
  screen.append(link(words.returnTo(merchant), address, 'primary'), back)
  back.begin(words, address)
  return screen
}

export function unsuccessfulScreen(
  words: Words,
  view: SessionView,
  payment: PaymentView,
  onRetry: (() => void) | undefined,
): HTMLElement {
  const screen = frame('stopped', words.declined, reasonOf(payment, words))
  if (onRetry !== undefined) screen.append(button(words.tryAgain, 'primary', onRetry))
  appendReturn(screen, words, view, onRetry === undefined ? 'primary' : 'plain')
  return screen
}

export function closedScreen(words: Words, view: SessionView, reason: 'canceled' | 'expired' | 'other'): HTMLElement {
  const titles = { canceled: words.orderCanceled, expired: words.orderExpired, other: words.orderClosed }
  const screen = frame('stopped', titles[reason], words.closedSteps)
  appendReturn(screen, words, view, 'primary')
  return screen
}

export function expiredScreen(words: Words, view: SessionView | undefined, alive: boolean): HTMLElement {
  const screen = frame('stopped', words.expired, alive ? words.expiredAlive : words.expiredSteps)
  if (view !== undefined) appendReturn(screen, words, view, 'primary')
  return screen
}

function appendReturn(screen: HTMLElement, words: Words, view: SessionView, kind: 'primary' | 'plain'): void {
  const address = returnAddress(view)
  if (address !== undefined) screen.append(link(words.returnTo(view.merchant.name), address, kind))
}

function reasonOf({ status, decline }: PaymentView, words: Words): string {
  if (status === 'declined' && decline !== null) return decline.message
  if (status === 'failed') return words.failed
  return status === 'expired' ? words.paymentExpired : words.paymentCanceled
}

function frame(mark: 'done' | 'stopped', title: string, text: string): HTMLElement {
  return element(
    'section',
    { class: `screen ${mark}` },
    element('span', { class: 'mark' }, icon(mark)),
    element('h2', { tabindex: '-1' }, title),
    element('p', { class: 'steps' }, text),
  )
}
