// How it ended: paid, not paid and what to do next, or nothing to pay here any more.
import { button, element, icon, link } from '../dom.ts'
import { countDown } from '../timers.ts'
import type { PaymentView, SessionView } from '../wire.ts'
import type { Words } from '../words/index.ts'

/** Where the payer goes from here: to an address, back into an app or the shop's page, or nowhere. */
export type Exit =
  | { readonly kind: 'address'; readonly label: string; readonly address: string }
  | { readonly kind: 'host'; readonly label: string; leave(): void }

const RETURN_AFTER_SECONDS = 5
// In an app nobody loses a page that they might want to read: the app shows one of its own.
const CLOSE_AFTER_SECONDS = 3

/** Counts down to the way out, visibly and stoppably. Its timer ends when it leaves the document. */
export class PurserReturn extends HTMLElement {
  private stop: (() => void) | undefined

  begin(words: Words, exit: Exit): void {
    const say = exit.kind === 'host' ? words.closing : words.returning
    const seconds = exit.kind === 'host' ? CLOSE_AFTER_SECONDS : RETURN_AFTER_SECONDS
    const text = element('span', {}, say(seconds))
    const halt = () => {
      this.stop?.()
      const next = this.parentElement?.querySelector<HTMLElement>('.primary')
      this.replaceChildren()
      next?.focus()
    }
    this.replaceChildren(text, ' ', button(words.stay, 'plain', halt))
    this.stop = countDown(seconds, (left) => {
      if (left > 0) text.textContent = say(left)
      else if (exit.kind === 'host') exit.leave()
      else location.assign(exit.address)
    })
  }

  disconnectedCallback(): void {
    this.stop?.()
  }
}

export function paidScreen(
  words: Words,
  view: SessionView,
  amount: string,
  authorizedOnly: boolean,
  exit: Exit | undefined,
): HTMLElement {
  const merchant = view.merchant.name
  const text = authorizedOnly ? words.authorizedSteps(amount, merchant) : words.paidSteps(amount, merchant)
  return doneScreen(words, authorizedOnly ? words.authorized : words.paid, text, exit)
}

export function cashScreen(words: Words, amount: string, exit: Exit | undefined): HTMLElement {
  return doneScreen(words, words.cash, words.cashSteps(amount), exit)
}

function doneScreen(words: Words, title: string, text: string, exit: Exit | undefined): HTMLElement {
  const screen = frame('done', title, text)
  if (exit === undefined) {
    screen.append(element('p', { class: 'quiet' }, words.mayClose))
    return screen
  }
  const back = document.createElement('purser-return') as PurserReturn
  appendExit(screen, exit, 'primary')
  screen.append(back)
  back.begin(words, exit)
  return screen
}

export function unsuccessfulScreen(
  words: Words,
  payment: PaymentView,
  onRetry: (() => void) | undefined,
  exit: Exit | undefined,
): HTMLElement {
  const screen = frame('stopped', words.declined, reasonOf(payment, words))
  if (onRetry !== undefined) screen.append(button(words.tryAgain, 'primary', onRetry))
  appendExit(screen, exit, onRetry === undefined ? 'primary' : 'plain')
  return screen
}

export function closedScreen(
  words: Words,
  reason: 'canceled' | 'expired' | 'other',
  exit: Exit | undefined,
): HTMLElement {
  const titles = { canceled: words.orderCanceled, expired: words.orderExpired, other: words.orderClosed }
  const screen = frame('stopped', titles[reason], words.closedSteps)
  appendExit(screen, exit, 'primary')
  return screen
}

export function expiredScreen(words: Words, alive: boolean, exit: Exit | undefined): HTMLElement {
  const screen = frame('stopped', words.expired, alive ? words.expiredAlive : words.expiredSteps)
  appendExit(screen, exit, 'primary')
  return screen
}

function appendExit(screen: HTMLElement, exit: Exit | undefined, kind: 'primary' | 'plain'): void {
  if (exit === undefined) return
  screen.append(
    exit.kind === 'address' ? link(exit.label, exit.address, kind) : button(exit.label, kind, () => exit.leave()),
  )
}

function reasonOf({ status, decline }: PaymentView, words: Words): string {
  if (status === 'declined' && decline !== null) return words.declines[decline.code] ?? decline.message
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
