// What happens in which order: read the session, pay at most once per tap, follow a payment until the server has an
// outcome. The server guarantees that nobody pays twice; the page's part is to repeat a request that got no answer with
// the same key, and to read again wherever it may have missed something.
import { createIdempotencyKey } from './api.ts'
import type { Api } from './api.ts'
import { webAddress } from './links.ts'
import { isAlive, withPayment } from './screen.ts'
import type { PageState } from './screen.ts'
import { nextLookMs, nextWaitMs, pause } from './timers.ts'
import type { Instrument, PaymentView, SessionView } from './wire.ts'
import { refusalWords } from './words.ts'
import type { Words } from './words.ts'

export type ControllerState = PageState & {
  /** A payment is being asked for. */
  readonly busy: boolean
  readonly offline: boolean
  /** Why the last request to pay was refused, in the payer's words. */
  readonly refusal: string | undefined
}

export type Controller = {
  /** Reads the session again and follows what is under way. */
  refresh(): Promise<void>
  pay(instrument: Instrument): Promise<void>
  dismiss(paymentId: string): void
  stop(): void
}

type Given = {
  readonly api: Api
  readonly words: Words
  readonly onChange: (state: ControllerState) => void
  readonly leave: (address: string) => void
}

const MAX_SENDS = 8
// The server knows something that this page does not: reading again shows it.
const READ_AGAIN = new Set([
  'payment_alive',
  'payment_unknown',
  'operation_in_progress',
  'order_not_payable',
  'order_version_stale',
  'session_not_open',
  'session_not_found',
])

export function createController({ api, words, onChange, leave }: Given): Controller {
  const life = new AbortController()
  const { signal } = life
  let following: string | undefined
  let watching = false
  let state: ControllerState = {
    view: undefined,
    expired: false,
    dismissed: undefined,
    busy: false,
    offline: false,
    refusal: undefined,
  }

  function change(part: Partial<ControllerState>): void {
    if (signal.aborted) return
    state = { ...state, ...part }
    onChange(state)
  }

  function take(view: SessionView): void {
    change({ view, offline: false, expired: false })
    const alive = view.payments.find(isAlive)
    if (alive === undefined) void watch()
    else void follow(alive.id)
  }

  // While the payer chooses, another tab may pay, or a request from before a reload may arrive. A busy page hears by
  // itself, and an order that cannot be paid any more changes nothing here.
  async function watch(): Promise<void> {
    if (watching) return
    watching = true
    for (let wait = nextLookMs(undefined); mayChoose(); ) {
      await pause(wait, signal)
      if (signal.aborted) return
      wait = nextLookMs(wait)
      if (state.busy || document.visibilityState === 'hidden') continue
      const answer = await api.session()
      if (state.busy || following !== undefined) continue
      if (answer.kind === 'ok') take(answer.value)
      else if (answer.kind === 'expired') change({ expired: true })
    }
    watching = false
  }

  function mayChoose(): boolean {
    return state.view?.can_pay === true && !state.expired && following === undefined
  }

  async function refresh(): Promise<void> {
    for (let wait = nextWaitMs(undefined); !signal.aborted; wait = nextWaitMs(wait)) {
      const answer = await api.session()
      if (answer.kind === 'ok') return take(answer.value)
      if (answer.kind === 'expired' || (answer.kind === 'refused' && READ_AGAIN.has(answer.code))) {
        return change({ expired: true, offline: false })
      }
      change({ offline: answer.kind === 'silent' })
      await pause(wait, signal)
    }
  }

  // One loop per payment, whoever asks for it.
  async function follow(id: string): Promise<void> {
    if (following === id) return
    following = id
    let wait = nextWaitMs(undefined)
    while (!signal.aborted && following === id) {
      await pause(wait, signal)
      const answer = await api.payment(id)
      if (signal.aborted || following !== id) return
      if (answer.kind === 'expired') {
        following = undefined
        return change({ expired: true, offline: false })
      }
      if (answer.kind === 'ok' && !isAlive(answer.value)) {
        following = undefined
        // The order moved along with its payment.
        return await refresh()
      }
      if (answer.kind === 'ok') told(answer.value)
      else change({ offline: answer.kind === 'silent' })
      wait = nextWaitMs(wait)
    }
  }

  function told(payment: PaymentView): void {
    if (state.view !== undefined) change({ view: withPayment(state.view, payment), offline: false })
  }

  async function started(payment: PaymentView): Promise<void> {
    if (!isAlive(payment)) {
      // Busy until the order has been read again: until then this page would still offer to pay it.
      await refresh()
      return change({ busy: false })
    }
    told(payment)
    change({ busy: false })
    void follow(payment.id)
    const next = payment.action?.type === 'redirect' ? webAddress(payment.action.url) : undefined
    if (next !== undefined) leave(next)
  }

  async function pay(instrument: Instrument): Promise<void> {
    if (state.busy) return
    change({ busy: true, refusal: undefined })
    const key = createIdempotencyKey()
    let wait = nextWaitMs(undefined)
    for (let sends = 0; sends < MAX_SENDS && !signal.aborted; sends += 1) {
      const answer = await api.pay(instrument, key)
      if (answer.kind === 'ok') return await started(answer.value)
      if (answer.kind === 'expired') break
      if (answer.kind === 'refused' && answer.code !== 'idempotency_in_flight') {
        if (READ_AGAIN.has(answer.code)) break
        return change({ busy: false, offline: false, refusal: refusalWords(answer.code, words) })
      }
      // No answer is no news: the same key again, so that it acts once.
      change({ offline: answer.kind === 'silent' })
      await pause(answer.kind === 'refused' ? answer.retryAfterMs : wait, signal)
      wait = nextWaitMs(wait)
    }
    await refresh()
    change({ busy: false })
  }

  return {
    refresh,
    pay,
    dismiss: (paymentId) => change({ dismissed: paymentId, refusal: undefined }),
    stop: () => life.abort(),
  }
}
