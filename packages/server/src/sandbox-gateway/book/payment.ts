// What the gateway decides about one payment: pure functions from the payment as it stands to the payment as it will
// be, or a refusal. The caps here stand again as constraints in store/schema.sql. `undefined` means: nothing to change.
import type { Currency } from '../../kernel/money.ts'
import type { InstrumentMethod, Outcome, Script } from '../instruments.ts'
import type { RejectionCode } from '../rejections.ts'
import { GatewayRefusal } from '../refusal.ts'

export const GATEWAY_STATUSES = [
  'ACTION_NEEDED',
  'PENDING',
  'HELD',
  'PART_PAID',
  'PAID',
  'REJECTED',
  'RELEASED',
  'LAPSED',
  'CANCELLED',
] as const
export type GatewayStatus = (typeof GATEWAY_STATUSES)[number]

export type PayerPage = 'acs' | 'upi' | 'bank'

/** What happens by itself when the time has come. */
export type DueOutcome = Outcome | 'lapse'
export type Due = { readonly inMs: number; readonly outcome: DueOutcome }

/** The part of a payment that changes. Amounts in minor units. */
export type Standing = {
  readonly status: GatewayStatus
  readonly held: bigint
  readonly paid: bigint
  readonly returned: bigint
  /** Asked to be returned and not settled yet. */
  readonly returning: bigint
  /** Disputed and not won. */
  readonly disputed: bigint
  /** Nothing more can be captured. */
  readonly closed: boolean
  readonly rejection: RejectionCode | null
}

export type BookPayment = Standing & {
  readonly id: string
  readonly accountId: string
  readonly reference: string
  readonly currency: Currency
  readonly amount: bigint
  readonly captureMode: 'automatic' | 'manual'
  readonly method: InstrumentMethod
  /** Key of the instrument; for UPI intent and QR the word `intent`. */
  readonly instrument: string
  readonly flow: 'intent' | 'qr' | 'collect' | null
  readonly page: PayerPage | null
  readonly description: string
  readonly returnUrl: string
  /** The mandate that it registers, or is a charge of. */
  readonly mandateId: string | null
  readonly isCharge: boolean
  /** The customer for whom the instrument is kept; null: it is not. */
  readonly saveFor: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** `due: 'keep'` leaves the timer as it is; null takes it away. */
export type Change = { readonly standing: Standing; readonly due: Due | null | 'keep'; readonly captured: bigint }

export const HOLD_LASTS_MS = 7 * 86_400_000
export const PAYER_STEP_LASTS_MS = 15 * 60_000

type Terms = Pick<BookPayment, 'amount' | 'captureMode'>

const UNTOUCHED = {
  held: 0n,
  paid: 0n,
  returned: 0n,
  returning: 0n,
  disputed: 0n,
  closed: false,
  rejection: null,
} as const

/** A new payment, by what its instrument does first. */
export function openPayment(terms: Terms, script: Script): Change {
  if (script.first === 'settle') return settled(terms, UNTOUCHED, script.outcome)
  if (script.first === 'wait') return waiting(UNTOUCHED, script)
  const lapse = { inMs: PAYER_STEP_LASTS_MS, outcome: 'lapse' } as const
  const due = script.answersInMs === undefined ? lapse : { inMs: script.answersInMs, outcome: script.outcome }
  return { standing: { ...UNTOUCHED, status: 'ACTION_NEEDED' }, due, captured: 0n }
}

/** The payer's answer on the page. */
export function answerStep(
  payment: BookPayment,
  script: Script,
  answer: 'approve' | 'fail' | 'cancel',
): Change | undefined {
  if (payment.status !== 'ACTION_NEEDED') return undefined
  if (answer === 'cancel') return ended(payment, 'CANCELLED')
  if (answer === 'fail') return settled(payment, payment, payment.page === 'upi' ? 'A9' : 'A1')
  return script.waitMs === undefined ? settled(payment, payment, script.outcome) : waiting(payment, script)
}

/** What the timer says. A timer that comes too late changes nothing. */
export function comeDue(payment: BookPayment, outcome: DueOutcome): Change | undefined {
  if (outcome === 'lapse') {
    if (payment.status === 'ACTION_NEEDED' || payment.status === 'HELD') return ended(payment, 'LAPSED')
    // What was captured stays; what was left of the hold is released.
    if (payment.status === 'PART_PAID') return ended(payment, 'PAID')
    return undefined
  }
  const isOpen = payment.status === 'PENDING' || payment.status === 'ACTION_NEEDED'
  return isOpen ? settled(payment, payment, outcome) : undefined
}

/** @throws GatewayRefusal NOT_ALLOWED_NOW, AMOUNT_TOO_HIGH, CAPTURE_REJECTED */
export function capture(payment: BookPayment, script: Script, amount: bigint, final: boolean): Change {
  if (payment.status !== 'HELD' && payment.status !== 'PART_PAID') {
    throw new GatewayRefusal('NOT_ALLOWED_NOW', payment.status)
  }
  if (amount > payment.held - payment.paid) throw new GatewayRefusal('AMOUNT_TOO_HIGH')
  if (script.capture !== undefined) throw new GatewayRefusal('CAPTURE_REJECTED', script.capture)
  const paid = payment.paid + amount
  const closed = final || paid === payment.held
  const standing: Standing = { ...standingOf(payment), paid, closed, status: closed ? 'PAID' : 'PART_PAID' }
  return { standing, due: closed ? null : 'keep', captured: amount }
}

/** Releases a hold, or ends a payment that the payer has not answered. @throws GatewayRefusal NOT_ALLOWED_NOW */
export function release(payment: BookPayment): Change {
  if (payment.status === 'HELD') return ended(payment, 'RELEASED')
  if (payment.status === 'ACTION_NEEDED') return ended(payment, 'CANCELLED')
  throw new GatewayRefusal('NOT_ALLOWED_NOW', payment.status)
}

/** Ends what still waits for its payer; undefined when that was done before. @throws GatewayRefusal NOT_ALLOWED_NOW */
export function cancel(payment: BookPayment): Change | undefined {
  if (payment.status === 'CANCELLED') return undefined
  if (payment.status === 'ACTION_NEEDED') return ended(payment, 'CANCELLED')
  throw new GatewayRefusal('NOT_ALLOWED_NOW', payment.status)
}

/** Sets the amount of a refund aside. @throws GatewayRefusal NOT_ALLOWED_NOW, AMOUNT_TOO_HIGH */
export function reserveRefund(payment: BookPayment, amount: bigint): Standing {
  if (payment.paid === 0n) throw new GatewayRefusal('NOT_ALLOWED_NOW', payment.status)
  if (amount > payment.paid - payment.returned - payment.returning - payment.disputed)
    throw new GatewayRefusal('AMOUNT_TOO_HIGH')
  return { ...standingOf(payment), returning: payment.returning + amount }
}

export function settleRefund(payment: BookPayment, amount: bigint, succeeded: boolean): Standing {
  const returned = succeeded ? payment.returned + amount : payment.returned
  return { ...standingOf(payment), returning: payment.returning - amount, returned }
}

export function standingOf(payment: Standing): Standing {
  const { status, held, paid, returned, returning, disputed, closed, rejection } = payment
  return { status, held, paid, returned, returning, disputed, closed, rejection }
}

function settled(terms: Terms, before: Omit<Standing, 'status'>, outcome: Outcome): Change {
  if (outcome !== 'approve') {
    const standing: Standing = { ...restOf(before), status: 'REJECTED', rejection: outcome, closed: true }
    return { standing, due: null, captured: 0n }
  }
  const held = { ...restOf(before), held: terms.amount }
  if (terms.captureMode === 'manual') {
    return { standing: { ...held, status: 'HELD' }, due: { inMs: HOLD_LASTS_MS, outcome: 'lapse' }, captured: 0n }
  }
  return { standing: { ...held, status: 'PAID', paid: terms.amount, closed: true }, due: null, captured: terms.amount }
}

function waiting(before: Omit<Standing, 'status'>, script: Script): Change {
  const due = { inMs: script.waitMs ?? 0, outcome: script.outcome }
  return { standing: { ...restOf(before), status: 'PENDING' }, due, captured: 0n }
}

function ended(payment: BookPayment, status: GatewayStatus): Change {
  return { standing: { ...standingOf(payment), status, closed: true }, due: null, captured: 0n }
}

function restOf({ held, paid, returned, returning, disputed, closed, rejection }: Omit<Standing, 'status'>) {
  return { held, paid, returned, returning, disputed, closed, rejection }
}
