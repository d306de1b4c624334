// What the payer does while the outcome is open: scan, approve, confirm, or only wait. Only the server's word ends it.
import { button, element, icon, link } from '../dom.ts'
import { simulatorAddress, upiAddress, webAddress } from '../links.ts'
import type { PaymentView } from '../wire.ts'
import type { Words } from '../words/index.ts'

type Given = {
  readonly words: Words
  readonly payment: PaymentView
  readonly amount: string
  readonly testMode: boolean
  /** A link to an app rather than a code to scan; the payer can change it. */
  readonly inApp: boolean
  /** The payer has just come back from the bank's page: it is not offered again at once. */
  readonly returned: boolean
  readonly qrAddress: string
  /** In a frame: a bank's page does not show itself in one, so it opens beside this page. */
  readonly newTab: boolean
  onOtherWay(): void
}

/** A screen that changes a little while it stands. */
export type LiveScreen = {
  readonly root: HTMLElement
  /** While something is asked for, nothing can be asked for a second time. */
  setBusy(busy: boolean): void
  setRefusal(text: string | undefined): void
}

export function waitingScreen(given: Given): LiveScreen {
  const { words, payment } = given
  const root = content(given)
  const refusal = element('p', { class: 'problem banner', role: 'alert' })
  // Only while it is the payer's turn: a bank that works on it cannot be stopped.
  const other =
    payment.status === 'requires_action' ? button(words.otherWay, 'plain', () => given.onOtherWay()) : undefined
  other?.classList.add('other-way')
  root.append(refusal, ...(other === undefined ? [] : [other]))
  return {
    root,
    setBusy: (busy) => {
      if (other === undefined) return
      other.disabled = busy
      other.textContent = busy ? words.stopping : words.otherWay
    },
    setRefusal: (text) => {
      if (refusal.textContent !== (text ?? '')) refusal.textContent = text ?? ''
    },
  }
}

function content(given: Given): HTMLElement {
  const { words, payment, returned, newTab } = given
  const { action } = payment
  if (action?.type === 'upi_collect') return frame(words.collect, words.collectSteps(action.vpa), words)
  if (payment.status === 'requires_action' && action?.type === 'upi_intent') return upiScreen(given, action.uri)
  const address =
    payment.status === 'requires_action' && action?.type === 'redirect' ? webAddress(action.url) : undefined
  if (address === undefined) return frame(words.processing, words.processingSteps, words)
  const next = link(words.redirectButton, address, returned ? 'plain' : 'primary', newTab)
  if (returned) return frame(words.processing, words.processingSteps, words, next)
  return frame(words.redirect, newTab ? words.redirectStepsNewTab : words.redirectSteps, words, next)
}

export function unknownScreen(words: Words, merchant: string): HTMLElement {
  const screen = frame(
    words.unknown,
    words.unknownSteps,
    words,
    element('p', { class: 'steps' }, words.unknownMerchant(merchant)),
  )
  screen.classList.add('caution')
  return screen
}

function upiScreen(given: Given, uri: string): HTMLElement {
  const { words, amount } = given
  const app = upiAddress(uri)
  const simulator = given.testMode ? simulatorAddress(uri) : undefined
  const code = element('img', {
    class: 'qr',
    src: given.qrAddress,
    width: '240',
    height: '240',
    alt: words.qrAlt(amount),
  })
  const open = app === undefined ? undefined : link(words.openAppButton, app, 'primary')
  const scanPart = element('div', { class: 'part' }, code)
  const appPart = element('div', { class: 'part' }, open)
  const choices = element('p', { class: 'choices' })
  const root = frame(words.scan, words.scanSteps, words, scanPart, appPart, choices)
  const heading = root.querySelector('h2')
  const steps = root.querySelector('p.steps')
  const show = (inApp: boolean) => {
    scanPart.hidden = inApp
    appPart.hidden = !inApp
    if (heading !== null) heading.textContent = inApp ? words.openApp : words.scan
    if (steps !== null) steps.textContent = inApp ? words.openAppSteps : words.scanSteps
    other.textContent = inApp ? words.showQr : words.showApp
  }
  let { inApp } = given
  const other = button('', 'plain', () => {
    inApp = !inApp
    show(inApp)
  })
  show(inApp)
  choices.append(other)
  if (simulator !== undefined) choices.append(link(words.simulator, simulator, 'plain', true))
  return root
}

function frame(title: string, steps: string, words: Words, ...more: readonly (Node | undefined)[]): HTMLElement {
  return element(
    'section',
    { class: 'screen waiting' },
    element('span', { class: 'mark' }, icon('waiting')),
    element('h2', { tabindex: '-1' }, title),
    element('p', { class: 'steps' }, steps),
    ...more,
    element('p', { class: 'pulse' }, element('span', { class: 'spinner' }), words.waitingStatus),
  )
}
