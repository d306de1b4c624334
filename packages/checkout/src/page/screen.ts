// Which screen the payer sees, decided from what the server says and nothing else. A reload, the back button and a
// second tab therefore all come to the same screen, and none of them can start what the server would not.
import type { PaymentView, SessionView } from './wire.ts'

export type PageState = {
  readonly view: SessionView | undefined
  /** The client token is no longer good. */
  readonly expired: boolean
  /** A payment that the payer has been told about and has moved on from. */
  readonly dismissed: string | undefined
}

export type Screen =
  | { readonly kind: 'loading' }
  | { readonly kind: 'expired'; readonly alive: boolean }
  /** `saved`: what the payer saved, by its ids; the list is drawn anew when it changes. */
  | { readonly kind: 'choose'; readonly saved: string }
  | { readonly kind: 'waiting'; readonly payment: PaymentView }
  | { readonly kind: 'unknown'; readonly payment: PaymentView }
  | { readonly kind: 'unsuccessful'; readonly payment: PaymentView; readonly canRetry: boolean }
  | { readonly kind: 'paid'; readonly authorizedOnly: boolean }
  /** The payer pays in cash when the goods come. */
  | { readonly kind: 'cash' }
  | { readonly kind: 'closed'; readonly reason: 'canceled' | 'expired' | 'other' }

export function isAlive(payment: PaymentView): boolean {
  // Cash is collected at the door, days later: nothing to wait for here.
  if (payment.action?.type === 'collect_cash') return false
  return ['created', 'requires_action', 'processing', 'unknown'].includes(payment.status)
}

export function screenOf({ view, expired, dismissed }: PageState): Screen {
  if (view === undefined) return expired ? { kind: 'expired', alive: false } : { kind: 'loading' }
  const { order, payments } = view
  if (order.status === 'paid') return { kind: 'paid', authorizedOnly: false }
  if (order.status === 'authorized') return { kind: 'paid', authorizedOnly: true }
  if (order.status === 'awaiting_collection') return { kind: 'cash' }
  const alive = last(payments.filter(isAlive))
  if (expired || view.status === 'expired') return { kind: 'expired', alive: alive !== undefined }
  if (alive !== undefined) return { kind: alive.status === 'unknown' ? 'unknown' : 'waiting', payment: alive }
  const latest = last(payments)
  if (latest !== undefined && isUnsuccessful(latest) && latest.id !== dismissed) {
    return { kind: 'unsuccessful', payment: latest, canRetry: view.can_pay }
  }
  if (view.can_pay) return { kind: 'choose', saved: view.saved_methods.map(({ id }) => id).join(' ') }
  const { status } = order
  return { kind: 'closed', reason: status === 'canceled' || status === 'expired' ? status : 'other' }
}

function last<T>(list: readonly T[]): T | undefined {
  return list[list.length - 1]
}

function isUnsuccessful(payment: PaymentView): boolean {
  return ['failed', 'expired', 'canceled', 'declined', 'voided'].includes(payment.status)
}

/** Two screens with the same name are the same to the payer: nothing is drawn again and the focus stays. */
export function screenName(screen: Screen): string {
  switch (screen.kind) {
    case 'waiting':
      return `waiting ${screen.payment.id} ${screen.payment.status} ${screen.payment.action?.type ?? ''}`
    case 'unknown':
      return `unknown ${screen.payment.id}`
    case 'unsuccessful':
      return `unsuccessful ${screen.payment.id} ${screen.canRetry}`
    case 'choose':
      return `choose ${screen.saved}`
    case 'loading':
    case 'expired':
    case 'paid':
    case 'cash':
    case 'closed':
      break
  }
  return screen.kind
}

/** The view with one payment told anew. */
export function withPayment(view: SessionView, payment: PaymentView): SessionView {
  const others = view.payments.filter((other) => other.id !== payment.id)
  const known = others.length < view.payments.length
  const payments = known
    ? view.payments.map((other) => (other.id === payment.id ? payment : other))
    : [...others, payment]
  return { ...view, payments }
}
