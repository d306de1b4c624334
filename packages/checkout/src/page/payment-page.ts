// <purser-pay>: the page's frame. It draws the summary once and exchanges the screen beside it; the focus follows to
// the new screen's heading, so that the keyboard and a screen reader are where the eyes are.
import { formatAmount, localeFor } from './amount.ts'
import { createApi } from './api.ts'
import type { Api } from './api.ts'
import { createController } from './controller.ts'
import type { Controller, ControllerState } from './controller.ts'
import { isPhone } from './device.ts'
import { element } from './dom.ts'
import { screenName, screenOf } from './screen.ts'
import type { Screen } from './screen.ts'
import { chooseScreen } from './screens/choose.ts'
import type { ChooseScreen } from './screens/choose.ts'
import { closedScreen, expiredScreen, paidScreen, unsuccessfulScreen } from './screens/outcome.ts'
import { unknownScreen, waitingScreen } from './screens/waiting.ts'
import type { SessionView } from './wire.ts'
import { rememberPage } from './way-back.ts'
import { english as words } from './words.ts'

export class PurserPay extends HTMLElement {
  private controller: Controller | undefined
  private api: Api | undefined
  private readonly summary = element('header', { class: 'summary' })
  private readonly stage = element('main', { class: 'stage' })
  private readonly notice = element('p', { class: 'notice', role: 'status' })
  private readonly testMode = element('p', { class: 'test-mode', hidden: true }, words.testMode)
  private shown: string | undefined
  private summarised = false
  private choose: ChooseScreen | undefined
  private preselected: string | undefined
  private returned = false
  /** How the payer wanted to pay by UPI, as far as this page has seen it. */
  private inApp: boolean | undefined
  private readonly restored = (event: PageTransitionEvent) => {
    // Brought back by the back button as it was left: what it shows may be long over.
    if (event.persisted) void this.controller?.refresh()
  }

  connectedCallback(): void {
    this.returned = new URLSearchParams(location.search).has('returned')
    const footer = element('footer', {}, words.secure)
    this.replaceChildren(
      this.testMode,
      element('div', { class: 'sheet' }, this.summary, this.stage),
      footer,
      this.notice,
    )
    this.stage.append(
      element('p', { class: 'loading', role: 'status' }, element('span', { class: 'spinner' }), words.loading),
    )
    const api = createApi(this.token())
    this.api = api
    this.controller = createController({
      api,
      words,
      onChange: (state) => this.update(state),
      leave: (address) => location.assign(address),
    })
    addEventListener('pageshow', this.restored)
    void this.controller.refresh()
  }

  disconnectedCallback(): void {
    removeEventListener('pageshow', this.restored)
    this.controller?.stop()
  }

  private update(state: ControllerState): void {
    const text = state.offline ? words.connectionLost : ''
    // Written only when it changes: a live region speaks whenever it is touched.
    if (this.notice.textContent !== text) this.notice.textContent = text
    if (state.view !== undefined && !this.summarised) this.summarise(state.view)
    const screen = screenOf(state)
    if (screen.kind === 'loading') return
    const name = screenName(screen)
    if (name !== this.shown) this.show(screen, name, state)
    this.choose?.setBusy(state.busy)
    this.choose?.setRefusal(state.refusal)
  }

  private show(screen: Screen, name: string, state: ControllerState): void {
    const first = this.shown === undefined
    this.shown = name
    this.choose = undefined
    const drawn = this.draw(screen, state.view)
    this.stage.replaceChildren(drawn)
    const heading = drawn.querySelector('h2')
    document.title = `${heading?.textContent ?? ''} · ${state.view?.merchant.name ?? 'Purser'}`
    if (!first) heading?.focus()
  }

  private token(): string {
    return this.getAttribute('token') ?? decodeURIComponent(location.pathname.split('/')[2] ?? '')
  }

  private draw(screen: Screen, view: SessionView | undefined): HTMLElement {
    if (view === undefined) return expiredScreen(words, undefined, false)
    const amount = amountOf(view)
    switch (screen.kind) {
      case 'loading':
      case 'expired':
        return expiredScreen(words, view, screen.kind === 'expired' && screen.alive)
      case 'choose':
        this.choose = chooseScreen({
          words,
          view,
          amount,
          phone: isPhone(),
          preselected: this.preselected,
          onPay: (instrument, method) => {
            this.preselected = method
            this.returned = false
            this.inApp = instrument.method === 'upi' ? instrument.flow === 'intent' : undefined
            void this.controller?.pay(instrument)
          },
        })
        return this.choose.root
      case 'waiting':
        rememberPage(screen.payment.id, this.token())
        return waitingScreen({
          words,
          amount,
          payment: screen.payment,
          testMode: view.test_mode,
          inApp: this.inApp ?? isPhone(),
          returned: this.returned,
          qrAddress: this.api?.qrAddress(screen.payment.id) ?? '',
        })
      case 'unknown':
        return unknownScreen(words, view.merchant.name)
      case 'unsuccessful': {
        const { payment, canRetry } = screen
        const retry = canRetry ? () => this.controller?.dismiss(payment.id) : undefined
        return unsuccessfulScreen(words, view, payment, retry)
      }
      case 'paid':
        return paidScreen(words, view, amount, screen.authorizedOnly)
      case 'closed':
        break
    }
    return closedScreen(words, view, screen.reason)
  }

  private summarise(view: SessionView): void {
    this.summarised = true
    const { merchant, order } = view
    this.testMode.hidden = !view.test_mode
    this.summary.append(
      element('p', { class: 'merchant' }, words.payTo, ' ', element('strong', {}, merchant.name)),
      element('h1', {}, element('span', { class: 'visually-hidden' }, `${words.amountDue} `), amountOf(view)),
      element('p', { class: 'description' }, order.description),
      element('p', { class: 'reference' }, words.reference, ' ', element('span', {}, order.reference)),
    )
  }
}

function amountOf({ order }: SessionView): string {
  const locale = localeFor(words.language, order.currency, navigator.languages)
  return formatAmount(order.amount, order.currency, order.exponent, locale)
}
