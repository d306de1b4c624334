// What happens in which order: read the session, pay at most once per tap, follow a payment until the server has an
// outcome. The server guarantees that nobody pays twice; the page's part is to repeat a request that got no answer with
// the same key, and to read again wherever it may have missed something.
import { createIdempotencyKey } from './api.ts'
import type { Answer, Api } from './api.ts'
import { webAddress } from './links.ts'
import { isAlive, withPayment } from './screen.ts'
import type { PageState } from './screen.ts'
import { nextLookMs, nextWaitMs, pause } from './timers.ts'
import type { Chosen, PaymentView, SessionView } from './wire.ts'

export type ControllerState = PageState & {
  /** A payment is being asked for. */
  readonly busy: boolean
  readonly offline: boolean
  /** Why the last thing that the payer asked for was refused: a code of the server's, or `not_stopped`. */
  readonly refusal: string | undefined
}

export type Controller = {
  /** Reads the session again and follows what is under way. */
  refresh(): Promise<void>
  pay(chosen: Chosen): Promise<void>
  /** Of what the payer saved. */
  forget(savedMethodId: string): Promise<void>
  /** The payer wants another way: asks for this payment to be stopped. */
  cancel(paymentId: string): Promise<void>
  dismiss(paymentId: string): void
  stop(): void
}

type Given = {
  readonly api: Api
  /** False as long as the page is only warmed: then it does not look for news of its own accord. */
  readonly isSeen: () => boolean
  readonly onChange: (state: ControllerState) => void
  readonly leave: (address: string) => void
}

/** One page from load to unload. */
type Visit = Given & {
  readonly signal: AbortSignal
  state: ControllerState
  /** The payment whose outcome is being asked for. */
  following: string | undefined
  watching: boolean
}

const MAX_SENDS = 8
const LIVE_LOOK_MS = 8_000
// The server knows something that this page does not: reading again shows it.
const READ_AGAIN = new Set([
  'payment_alive',
  'payment_unknown',
  'operation_in_progress',
  'order_not_payable',
  'order_version_stale',
  'session_not_open',
  'session_not_found',
  'saved_method_not_found',
])

export function createController(given: Given): Controller {
  const life = new AbortController()
  const visit: Visit = { ...given, signal: life.signal, state: NOTHING_KNOWN, following: undefined, watching: false }
  return {
    refresh: () => refresh(visit),
    pay: (chosen) => pay(visit, chosen),
    forget: (savedMethodId) => forget(visit, savedMethodId),
    cancel: (paymentId) => cancel(visit, paymentId),
    dismiss: (paymentId) => change(visit, { dismissed: paymentId, refusal: undefined }),
    stop: () => life.abort(),
  }
}

const NOTHING_KNOWN: ControllerState = {
  view: undefined,
  expired: false,
  dismissed: undefined,
  busy: false,
  offline: false,
  refusal: undefined,
}

function change(visit: Visit, part: Partial<ControllerState>): void {
  if (visit.signal.aborted) return
  visit.state = { ...visit.state, ...part }
  visit.onChange(visit.state)
}

function take(visit: Visit, view: SessionView): void {
  change(visit, { view, offline: false, expired: false })
  const alive = view.payments.find(isAlive)
  if (alive === undefined) void watch(visit)
  else void follow(visit, alive.id)
}

// While the payer chooses, another tab may pay, or a request from before a reload may arrive. A busy page hears by
// itself, and an order that cannot be paid any more changes nothing here.
async function watch(visit: Visit): Promise<void> {
  if (visit.watching) return
  visit.watching = true
  for (let wait = nextLookMs(undefined); mayChoose(visit); wait = nextLookMs(wait)) {
    await pause(Math.min(wait, untilExpiryMs(visit)), visit.signal)
    if (visit.signal.aborted) return
    if (visit.state.busy || !visit.isSeen() || document.visibilityState === 'hidden') continue
    const answer = await visit.api.session()
    if (visit.state.busy || visit.following !== undefined) continue
    if (answer.kind === 'ok') take(visit, answer.value)
    else if (answer.kind === 'expired') change(visit, { expired: true })
  }
  visit.watching = false
}

// So that the page says it in the second in which it is so. The device's clock may be wrong: then the next look tells.
function untilExpiryMs({ state }: Visit): number {
  const left = Date.parse(state.view?.expires_at ?? '') - Date.now()
  return left > 0 ? left + 250 : Number.POSITIVE_INFINITY
}

function mayChoose({ state, following }: Visit): boolean {
  return state.view?.can_pay === true && !state.expired && following === undefined
}

async function refresh(visit: Visit): Promise<void> {
  for (let wait = nextWaitMs(undefined); !visit.signal.aborted; wait = nextWaitMs(wait)) {
    const answer = await visit.api.session()
    if (answer.kind === 'ok') return take(visit, answer.value)
    if (answer.kind === 'expired' || (answer.kind === 'refused' && READ_AGAIN.has(answer.code))) {
      return change(visit, { expired: true, offline: false })
    }
    change(visit, { offline: answer.kind === 'silent' })
    await pause(wait, visit.signal)
  }
}

// One per payment, whoever asks for it. The server sends what changes; asking goes on behind it, seldom while that
// works.
async function follow(visit: Visit, id: string): Promise<void> {
  if (visit.following === id) return
  visit.following = id
  const stream = new AbortController()
  const isOver = () => visit.signal.aborted || visit.following !== id
  let isLive = false
  void visit.api
    .follow(id, stream.signal, (payment) => {
      isLive = true
      if (!isOver()) void hear(visit, { kind: 'ok', value: payment })
    })
    .then(async () => {
      // Ended by the outcome, or cut off: in the second case the payer should hear of it now.
      const wasLive = isLive
      isLive = false
      const answer = wasLive && !isOver() ? await visit.api.payment(id) : undefined
      if (answer !== undefined && !isOver()) await hear(visit, answer)
    })
  for (let wait = nextWaitMs(undefined); !isOver(); wait = nextWaitMs(wait)) {
    await pause(isLive ? LIVE_LOOK_MS : wait, visit.signal)
    if (isOver()) break
    const answer = await visit.api.payment(id)
    if (!isOver()) await hear(visit, answer)
  }
  stream.abort()
}

/** News of the payment that is followed. */
async function hear(visit: Visit, answer: Answer<PaymentView>): Promise<void> {
  if (answer.kind === 'expired') {
    visit.following = undefined
    return change(visit, { expired: true, offline: false })
  }
  if (answer.kind === 'ok' && !isAlive(answer.value)) {
    visit.following = undefined
    // The order moved along with its payment.
    return await refresh(visit)
  }
  if (answer.kind === 'ok') tell(visit, answer.value)
  else change(visit, { offline: answer.kind === 'silent' })
}

function tell(visit: Visit, payment: PaymentView): void {
  const { view } = visit.state
  if (view !== undefined) change(visit, { view: withPayment(view, payment), offline: false })
}

async function pay(visit: Visit, chosen: Chosen): Promise<void> {
  if (visit.state.busy) return
  change(visit, { busy: true, refusal: undefined })
  const key = createIdempotencyKey()
  const answer = await insist(visit, () => visit.api.pay(chosen, key))
  if (answer?.kind === 'ok') return await started(visit, answer.value)
  if (answer?.kind === 'refused' && !READ_AGAIN.has(answer.code)) {
    return change(visit, { busy: false, offline: false, refusal: answer.code })
  }
  await refresh(visit)
  change(visit, { busy: false })
}

async function forget(visit: Visit, savedMethodId: string): Promise<void> {
  if (visit.state.busy) return
  change(visit, { busy: true, refusal: undefined })
  const key = createIdempotencyKey()
  await insist(visit, () => visit.api.forget(savedMethodId, key))
  // Whatever the answer was: what the server still lists is what there is.
  await refresh(visit)
  change(visit, { busy: false })
}

async function cancel(visit: Visit, paymentId: string): Promise<void> {
  if (visit.state.busy) return
  change(visit, { busy: true, refusal: undefined })
  const key = createIdempotencyKey()
  const answer = await insist(visit, () => visit.api.cancel(paymentId, key))
  if (answer?.kind === 'refused' && answer.code !== 'payment_state_conflict' && !READ_AGAIN.has(answer.code)) {
    return change(visit, { busy: false, offline: false, refusal: answer.code })
  }
  const status = answer?.kind === 'ok' ? answer.value.status : undefined
  // The payer knows: they are led straight to the choice. What was paid meanwhile is told as paid.
  if (status === 'canceled') change(visit, { dismissed: paymentId })
  await refresh(visit)
  change(visit, { busy: false, refusal: status === 'requires_action' ? 'not_stopped' : undefined })
}

/** Repeats what got no answer: the same key again, so that it acts once. Undefined when there never was one. */
async function insist<T>(visit: Visit, send: () => Promise<Answer<T>>): Promise<Answer<T> | undefined> {
  let wait = nextWaitMs(undefined)
  for (let sends = 0; sends < MAX_SENDS && !visit.signal.aborted; sends += 1) {
    const answer = await send()
    const again = answer.kind === 'silent' || (answer.kind === 'refused' && answer.code === 'idempotency_in_flight')
    if (!again) return answer
    change(visit, { offline: answer.kind === 'silent' })
    await pause(answer.kind === 'refused' ? answer.retryAfterMs : wait, visit.signal)
    wait = nextWaitMs(wait)
  }
  return undefined
}

async function started(visit: Visit, payment: PaymentView): Promise<void> {
  if (!isAlive(payment)) {
    // Busy until the order has been read again: until then this page would still offer to pay it.
    await refresh(visit)
    return change(visit, { busy: false })
  }
  tell(visit, payment)
  change(visit, { busy: false })
  void follow(visit, payment.id)
  const next = payment.action?.type === 'redirect' ? webAddress(payment.action.url) : undefined
  if (next !== undefined) visit.leave(next)
}
