// A gateway of the simulation's own, with a book of its own: the truth that Purser's book is compared with at the end.
// It shares nothing with the sandbox gateway and nothing with our domain but money. Calls are idempotent by the
// reference or key that the caller gives; every change is told to `changed` with a snapshot as it stood then.
import type { Money } from '../../kernel/money.ts'

export type GatewayPayment = {
  readonly id: string
  readonly reference: string
  readonly amount: Money
  readonly status:
    | 'ACTION_NEEDED'
    | 'PENDING'
    | 'HELD'
    | 'PART_PAID'
    | 'PAID'
    | 'REJECTED'
    | 'RELEASED'
    | 'LAPSED'
    | 'CANCELLED'
  /** Totals, minor units. */
  readonly held: bigint
  readonly paid: bigint
  readonly closed: boolean
}

export type GatewayRefund = {
  readonly id: string
  readonly paymentId: string
  /** Null where somebody made it at the gateway's own pages. */
  readonly reference: string | null
  readonly amount: bigint
  readonly status: 'PROCESSING' | 'ON_REVIEW' | 'RETURNED' | 'FAILED'
}

export type Snapshot =
  | { readonly kind: 'payment'; readonly payment: GatewayPayment }
  | { readonly kind: 'refund'; readonly refund: GatewayRefund; readonly payment: GatewayPayment }

export type Refusal = { readonly refused: 'NOT_FOUND' | 'NOT_ALLOWED_NOW' | 'AMOUNT_TOO_HIGH' }

/** What the payer's bank will say; ACTION_NEEDED and PENDING are followed by `settle`. */
export type Outcome = 'approve' | 'reject' | 'cancel' | 'action' | 'pending'

export type GatewayModel = {
  authorize(call: {
    reference: string
    amount: Money
    capture: 'automatic' | 'manual'
    outcome: Outcome
  }): GatewayPayment
  /** Ends what is pending. False when there was nothing to end. */
  settle(id: string, outcome: 'approve' | 'reject' | 'cancel' | 'lapse'): boolean
  /** A payment that was told to be rejected turns out to be paid. */
  payAfterAll(id: string): boolean
  capture(call: { id: string; key: string; amount: bigint; final: boolean }): GatewayPayment | Refusal
  release(call: { id: string; key: string }): GatewayPayment | Refusal
  refund(call: {
    paymentId: string
    reference: string | null
    amount: bigint
    refuse?: boolean
  }): GatewayRefund | Refusal
  settleRefund(id: string, status: 'ON_REVIEW' | 'RETURNED' | 'FAILED'): boolean
  payment(name: { id: string } | { reference: string }): GatewayPayment | undefined
  findRefund(name: { id: string } | { reference: string }): GatewayRefund | undefined
  readonly payments: ReadonlyMap<string, GatewayPayment>
  readonly refunds: ReadonlyMap<string, GatewayRefund>
  /** References of refunds that it said a definite no to. */
  readonly refusedRefunds: ReadonlySet<string>
}

/** `prefix` keeps the ids of several gateways apart. */
export function createGatewayModel(changed: (snapshot: Snapshot) => void, prefix = ''): GatewayModel {
  const book = openBook(changed, prefix)
  return {
    payments: book.payments,
    refunds: book.refunds,
    refusedRefunds: book.refusedRefunds,
    ...paymentCalls(book),
    ...refundCalls(book),
  }
}

type Kept = GatewayPayment & { readonly capture: 'automatic' | 'manual' }
type Book = ReturnType<typeof openBook>

function openBook(changed: (snapshot: Snapshot) => void, prefix: string) {
  const payments = new Map<string, Kept>()
  const refunds = new Map<string, GatewayRefund>()
  return {
    prefix,
    payments,
    refunds,
    byReference: new Map<string, string>(),
    keys: new Set<string>(),
    refusedRefunds: new Set<string>(),
    save: (id: string, change: Partial<Kept>): GatewayPayment => {
      const before = payments.get(id)
      if (before === undefined) throw new Error('Only known payments change.')
      const after = { ...before, ...change }
      payments.set(id, after)
      changed({ kind: 'payment', payment: after })
      return after
    },
    saveRefund: (refund: GatewayRefund): GatewayRefund => {
      refunds.set(refund.id, refund)
      const payment = payments.get(refund.paymentId)
      if (payment !== undefined) changed({ kind: 'refund', refund, payment })
      return refund
    },
  }
}

const isOpen = (payment: GatewayPayment) => payment.status === 'ACTION_NEEDED' || payment.status === 'PENDING'
const isHeld = (payment: GatewayPayment) => payment.status === 'HELD' || payment.status === 'PART_PAID'

function approve(book: Book, payment: Kept): void {
  const { minor } = payment.amount
  if (payment.capture === 'manual') book.save(payment.id, { status: 'HELD', held: minor })
  else book.save(payment.id, { status: 'PAID', held: minor, paid: minor, closed: true })
}

function paymentCalls(book: Book): Pick<GatewayModel, 'authorize' | 'settle' | 'payAfterAll' | 'payment'> & FollowUps {
  const { payments, byReference, save } = book
  return {
    authorize({ reference, amount, capture, outcome }) {
      const known = byReference.get(reference)
      if (known !== undefined) return payments.get(known) as GatewayPayment
      const id = `${book.prefix}gp_${payments.size + 1}`
      byReference.set(reference, id)
      const status = outcome === 'action' ? 'ACTION_NEEDED' : 'PENDING'
      const fresh: Kept = { id, reference, amount, capture, status, held: 0n, paid: 0n, closed: false }
      payments.set(id, fresh)
      if (outcome === 'approve') approve(book, fresh)
      else if (outcome === 'reject') save(id, { status: 'REJECTED', closed: true })
      else if (outcome === 'cancel') save(id, { status: 'CANCELLED', closed: true })
      else save(id, {})
      return payments.get(id) as GatewayPayment
    },
    settle(id, outcome) {
      const payment = payments.get(id)
      if (payment === undefined) return false
      const lapses = outcome === 'lapse' && payment.status === 'HELD'
      if (!isOpen(payment) && !lapses) return false
      if (outcome === 'approve') approve(book, payment)
      else save(id, { status: ENDINGS[outcome], closed: true })
      return true
    },
    payAfterAll(id) {
      const payment = payments.get(id)
      if (payment?.status !== 'REJECTED') return false
      save(id, { status: 'PAID', held: payment.amount.minor, paid: payment.amount.minor, closed: true })
      return true
    },
    payment(name) {
      const id = 'id' in name ? name.id : byReference.get(name.reference)
      return id === undefined ? undefined : payments.get(id)
    },
    ...followUps(book),
  }
}

const ENDINGS = { reject: 'REJECTED', cancel: 'CANCELLED', lapse: 'LAPSED' } as const

type FollowUps = Pick<GatewayModel, 'capture' | 'release'>

function followUps({ payments, keys, save }: Book): FollowUps {
  return {
    capture({ id, key, amount, final }) {
      const payment = payments.get(id)
      if (payment === undefined) return { refused: 'NOT_FOUND' }
      if (keys.has(key)) return payment
      if (!isHeld(payment)) return { refused: 'NOT_ALLOWED_NOW' }
      const paid = payment.paid + amount
      if (paid > payment.held) return { refused: 'AMOUNT_TOO_HIGH' }
      keys.add(key)
      const closed = final || paid === payment.held
      return save(id, { paid, closed, status: closed ? 'PAID' : 'PART_PAID' })
    },
    release({ id, key }) {
      const payment = payments.get(id)
      if (payment === undefined) return { refused: 'NOT_FOUND' }
      if (keys.has(key)) return payment
      if (!isHeld(payment)) return { refused: 'NOT_ALLOWED_NOW' }
      keys.add(key)
      return save(id, { status: payment.paid > 0n ? 'PAID' : 'RELEASED', closed: true })
    },
  }
}

function refundCalls(book: Book): Pick<GatewayModel, 'refund' | 'settleRefund' | 'findRefund'> {
  const { payments, refunds, byReference, refusedRefunds, saveRefund } = book
  const returnedOf = (id: string) =>
    [...refunds.values()]
      .filter((refund) => refund.paymentId === id && refund.status !== 'FAILED')
      .reduce((total, refund) => total + refund.amount, 0n)
  return {
    refund({ paymentId, reference, amount, refuse = false }) {
      const known = reference === null ? undefined : byReference.get(reference)
      if (known !== undefined) return refunds.get(known) as GatewayRefund
      const payment = payments.get(paymentId)
      if (payment === undefined) return { refused: 'NOT_FOUND' }
      const isTooMuch = returnedOf(paymentId) + amount > payment.paid
      if (refuse || isTooMuch) {
        if (reference !== null) refusedRefunds.add(reference)
        return { refused: isTooMuch ? 'AMOUNT_TOO_HIGH' : 'NOT_ALLOWED_NOW' }
      }
      const id = `${book.prefix}gr_${refunds.size + 1}`
      if (reference !== null) byReference.set(reference, id)
      return saveRefund({ id, paymentId, reference, amount, status: 'PROCESSING' })
    },
    settleRefund(id, status) {
      const refund = refunds.get(id)
      if (refund === undefined || refund.status === 'RETURNED' || refund.status === 'FAILED') return false
      if (refund.status === status) return false
      saveRefund({ ...refund, status })
      return true
    },
    findRefund(name) {
      const id = 'id' in name ? name.id : byReference.get(name.reference)
      return id === undefined ? undefined : refunds.get(id)
    },
  }
}
