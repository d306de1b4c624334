// <purser-pay>: the page's frame. It draws the summary once and exchanges the screen beside it; the focus follows to
// the new screen's heading, so that the keyboard and a screen reader are where the eyes are.
import { formatAmount, formatDay, localeFor } from './amount.ts'
import { createApi } from './api.ts'
import type { Api } from './api.ts'
import { applyBrand } from './brand.ts'
import { createController } from './controller.ts'
import type { Controller, ControllerState } from './controller.ts'
import { isPhone } from './device.ts'
import { element } from './dom.ts'
import { fillForm, readForm } from './form-values.ts'
import { findHost } from './host.ts'
import type { Host } from './host.ts'
import { returnAddress } from './links.ts'
import { resultOf } from './result.ts'
import { screenName, screenOf } from './screen.ts'
import type { Screen } from './screen.ts'
import { chooseScreen } from './screens/choose.ts'
import { cashScreen, closedScreen, expiredScreen, paidScreen, unsuccessfulScreen } from './screens/outcome.ts'
import type { Exit } from './screens/outcome.ts'
import { unknownScreen, waitingScreen } from './screens/waiting.ts'
import type { LiveScreen } from './screens/waiting.ts'
import { languageSwitch, summaryOf } from './summary.ts'
import type { SessionView } from './wire.ts'
import { rememberPage } from './way-back.ts'
import { chosenLanguage, LANGUAGES, refusalWords, rememberLanguage } from './words/index.ts'
import type { Language, Words } from './words/index.ts'

export class PurserPay extends HTMLElement {
  private controller: Controller | undefined
  private api: Api | undefined
  private host: Host | undefined
  private state: ControllerState | undefined
  private language: Language = 'en'
  private words: Words = LANGUAGES.en.words
  private readonly stage = element('main', { class: 'stage' })
  private readonly notice = element('p', { class: 'notice', role: 'status' })
  private shown: string | undefined
  private summarised = false
  private live: LiveScreen | undefined
  private preselected: string | undefined
  private returned = false
  /** Whether a payer looks at it: in a frame of the SDK that comes later than the loading. */
  private seen = false
  private toldExpiry = false
  private left = false
  /** How the payer wanted to pay by UPI, as far as this page has seen it. */
  private inApp: boolean | undefined
  private readonly restored = (event: PageTransitionEvent) => {
    // Brought back by the back button as it was left: what it shows may be long over.
    if (event.persisted) void this.controller?.refresh()
  }
  private readonly pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && this.host?.kind === 'frame') this.leave(true)
  }

  connectedCallback(): void {
    this.returned = new URLSearchParams(location.search).has('returned')
    this.speak(chosenLanguage())
    const host = findHost((say) => (say === 'back' ? this.leave(true) : this.open()))
    this.host = host
    this.seen = host.kind !== 'frame'
    this.frameOut(undefined)
    this.stage.append(
      element('p', { class: 'loading', role: 'status' }, element('span', { class: 'spinner' }), this.words.loading),
    )
    const api = createApi(this.token())
    this.api = api
    this.controller = createController({
      api,
      isSeen: () => this.seen,
      onChange: (state) => this.update(state),
      leave: (address) => {
        // In a frame the payer opens the bank's page by a link: a window that opens by itself is stopped by browsers.
        if (host.kind !== 'frame') location.assign(address)
      },
    })
    addEventListener('pageshow', this.restored)
    addEventListener('keydown', this.pressed)
    void this.controller.refresh()
  }

  disconnectedCallback(): void {
    removeEventListener('pageshow', this.restored)
    removeEventListener('keydown', this.pressed)
    this.controller?.stop()
    this.host?.close()
  }

  /** The frame around it was opened: from now on somebody looks. */
  private open(): void {
    this.seen = true
    this.stage.querySelector('h2')?.focus()
    if (this.state?.view !== undefined) void this.controller?.refresh()
  }

  /** Once: the app has gone on by then. */
  private leave(byThemselves: boolean): void {
    if (this.left) return
    this.left = true
    this.host?.tell(resultOf(this.state?.view, byThemselves))
  }

  private speak(language: Language): void {
    this.language = language
    this.words = LANGUAGES[language].words
    document.documentElement.lang = language
  }

  private switchTo(language: Language): void {
    rememberLanguage(language)
    this.speak(language)
    this.shown = undefined
    this.summarised = false
    const written = readForm(this.stage)
    if (this.state !== undefined) this.update(this.state)
    fillForm(this.stage, written)
    this.querySelector<HTMLElement>('.language')?.focus()
  }

  /** Everything around the screen. */
  private frameOut(view: SessionView | undefined): void {
    const { words, host } = this
    const back =
      view === undefined || host === undefined || host.kind === 'tab'
        ? undefined
        : { label: words.backTo(view.merchant.name), act: () => this.leave(true) }
    this.replaceChildren(
      element('aside', { class: 'test-mode', hidden: view?.test_mode !== true }, words.testMode),
      element('div', { class: 'sheet' }, summaryOf(words, view, view && this.amount(view), back), this.stage),
      element(
        'footer',
        {},
        element('p', {}, words.secure),
        languageSwitch(this.language, (language) => this.switchTo(language)),
      ),
      this.notice,
    )
  }

  private update(state: ControllerState): void {
    this.state = state
    const { words } = this
    const text = state.offline ? words.connectionLost : ''
    // Written only when it changes: a live region speaks whenever it is touched.
    if (this.notice.textContent !== text) this.notice.textContent = text
    if (state.view !== undefined && !this.summarised) {
      this.summarised = true
      this.frameOut(state.view)
      applyBrand(state.view.merchant.color, this.style)
    }
    const screen = screenOf(state)
    if (screen.kind === 'loading') return
    const name = screenName(screen)
    if (name !== this.shown) this.show(screen, name, state)
    this.live?.setBusy(state.busy)
    this.live?.setRefusal(state.refusal === undefined ? undefined : refusalWords(state.refusal, words))
    if (state.view !== undefined) this.host?.introduce(state.view)
    if (screen.kind === 'expired') this.tellExpiry()
  }

  private tellExpiry(): void {
    if (this.toldExpiry) return
    this.toldExpiry = true
    const timestamp = new Date().toISOString()
    this.host?.tell({ event: 'sessionExpired', error: false, errorCode: '', errorMessage: '', payload: { timestamp } })
  }

  private show(screen: Screen, name: string, state: ControllerState): void {
    const first = this.shown === undefined
    this.shown = name
    this.live = undefined
    const drawn = this.draw(screen, state.view)
    this.stage.replaceChildren(drawn)
    const heading = drawn.querySelector('h2')
    document.title = `${heading?.textContent ?? ''} · ${state.view?.merchant.name ?? 'Purser'}`
    if (!first && this.seen) heading?.focus()
  }

  private token(): string {
    return this.getAttribute('token') ?? decodeURIComponent(location.pathname.split('/')[2] ?? '')
  }

  private draw(screen: Screen, view: SessionView | undefined): HTMLElement {
    const { words } = this
    if (view === undefined) return expiredScreen(words, false, undefined)
    const exit = this.exitOf(view)
    switch (screen.kind) {
      case 'loading':
      case 'expired':
        return expiredScreen(words, screen.kind === 'expired' && screen.alive, exit)
      case 'choose':
        return this.keep(this.choosing(view))
      case 'waiting':
        return this.keep(this.waiting(view, screen.payment))
      case 'unknown':
        return unknownScreen(words, view.merchant.name)
      case 'unsuccessful': {
        const { payment, canRetry } = screen
        const retry = canRetry ? () => this.controller?.dismiss(payment.id) : undefined
        return unsuccessfulScreen(words, payment, retry, exit)
      }
      case 'paid':
        return paidScreen(words, view, this.amount(view), screen.authorizedOnly, exit)
      case 'cash':
        return cashScreen(words, this.amount(view), exit)
      case 'closed':
        break
    }
    return closedScreen(words, screen.reason, exit)
  }

  private keep(screen: LiveScreen): HTMLElement {
    this.live = screen
    return screen.root
  }

  private choosing(view: SessionView): LiveScreen {
    const { mandate, order } = view
    const locale = this.locale(view)
    return chooseScreen({
      words: this.words,
      view,
      amount: this.amount(view),
      mandateAmount: formatAmount(mandate?.max_amount ?? 0, order.currency, order.exponent, locale),
      mandateEnds: mandate === null ? '' : formatDay(mandate.ends_at, locale),
      phone: isPhone(),
      preselected: this.preselected,
      savable: view.savable,
      onForget: (savedMethodId) => void this.controller?.forget(savedMethodId),
      onPay: (chosen, method) => {
        const { instrument } = chosen
        this.preselected = method
        this.returned = false
        const isUpi = 'method' in instrument && instrument.method === 'upi'
        this.inApp = isUpi ? instrument.flow === 'intent' : undefined
        void this.controller?.pay(chosen)
      },
    })
  }

  private waiting(view: SessionView, payment: SessionView['payments'][number]): LiveScreen {
    const newTab = this.host?.kind === 'frame'
    if (!newTab) rememberPage(payment.id, this.token())
    return waitingScreen({
      words: this.words,
      amount: this.amount(view),
      payment,
      testMode: view.test_mode,
      inApp: this.inApp ?? isPhone(),
      returned: this.returned,
      qrAddress: this.api?.qrAddress(payment.id) ?? '',
      newTab,
      onOtherWay: () => void this.controller?.cancel(payment.id),
    })
  }

  private exitOf(view: SessionView): Exit | undefined {
    const label = this.words.returnTo(view.merchant.name)
    if (this.host !== undefined && this.host.kind !== 'tab') {
      return { kind: 'host', label, leave: () => this.leave(false) }
    }
    const address = returnAddress(view)
    return address === undefined ? undefined : { kind: 'address', label, address }
  }

  private locale({ order }: SessionView): string {
    return localeFor(this.language, order.currency, navigator.languages)
  }

  private amount(view: SessionView): string {
    const { order } = view
    return formatAmount(order.amount, order.currency, order.exponent, this.locale(view))
  }
}
