// What the gateway decides about a mandate: registered by a payment, charged while it is active, changed by the
// merchant or by the payer in the bank's app. Pure. A pause and a mandate end by the account's clock, without
// anyone's doing.
import type { Currency } from '../../kernel/money.ts'
import type { InstrumentMethod } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { BookPayment, GatewayStatus } from './payment.ts'

export const MANDATE_STATUSES = ['CREATED', 'ACTIVE', 'PAUSED', 'REVOKED', 'EXPIRED', 'FAILED'] as const
export type GatewayMandateStatus = (typeof MANDATE_STATUSES)[number]

export const GATEWAY_FREQUENCIES = [
  'ONETIME',
  'DAILY',
  'WEEKLY',
  'FORTNIGHTLY',
  'MONTHLY',
  'BIMONTHLY',
  'QUARTERLY',
  'HALFYEARLY',
  'YEARLY',
  'ASPRESENTED',
] as const
export type GatewayFrequency = (typeof GATEWAY_FREQUENCIES)[number]

export type BookTerms = {
  readonly reference: string
  readonly maxAmount: bigint
  readonly amountRule: 'FIXED' | 'VARIABLE'
  readonly frequency: GatewayFrequency
  readonly ruleType: 'ON' | 'BEFORE' | 'AFTER' | null
  readonly ruleValue: number | null
  readonly startsAt: Date
  readonly endsAt: Date
  readonly revocableByCustomer: boolean
  readonly blockFunds: boolean
}

export type BookMandate = BookTerms & {
  readonly id: string
  readonly accountId: string
  /** The payment that registers it. */
  readonly paymentId: string
  readonly status: GatewayMandateStatus
  readonly currency: Currency
  readonly method: InstrumentMethod
  readonly instrument: string
  readonly flow: BookPayment['flow']
  /** Null: until it is resumed. */
  readonly pauseUntil: Date | null
  /** Grows with every change. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const NOTICE_STATUSES = ['SENDING', 'SENT', 'FAILED'] as const

export type BookNotice = {
  readonly id: string
  readonly accountId: string
  readonly mandateId: string
  readonly reference: string
  readonly currency: Currency
  readonly amount: bigint
  /** `2026-12-05` */
  readonly debitDate: string
  readonly status: (typeof NOTICE_STATUSES)[number]
  /** What becomes of one that is being sent. */
  readonly succeeds: boolean
  readonly createdAt: Date
}

/** The mandate as it stands at this time. */
export function standingAt(mandate: BookMandate, now: Date): BookMandate {
  const isOver = mandate.status === 'REVOKED' || mandate.status === 'FAILED'
  if (!isOver && mandate.endsAt.getTime() <= now.getTime()) return { ...mandate, status: 'EXPIRED' }
  const { pauseUntil } = mandate
  const isAwake = mandate.status === 'PAUSED' && pauseUntil !== null && pauseUntil.getTime() <= now.getTime()
  return isAwake ? { ...mandate, status: 'ACTIVE', pauseUntil: null } : mandate
}

/** What the payment that registers it makes of it; undefined when nothing changes. */
export function followRegistration(mandate: BookMandate, payment: GatewayStatus): GatewayMandateStatus | undefined {
  if (mandate.status !== 'CREATED' && mandate.status !== 'FAILED') return undefined
  const status = registeredBy(payment)
  return status === mandate.status ? undefined : status
}

export function registeredBy(payment: GatewayStatus): GatewayMandateStatus {
  if (payment === 'PAID') return 'ACTIVE'
  return payment === 'ACTION_NEEDED' || payment === 'PENDING' ? 'CREATED' : 'FAILED'
}

export type MandateCommand = 'pause' | 'resume' | 'revoke'
const AFTER = { pause: 'PAUSED', resume: 'ACTIVE', revoke: 'REVOKED' } as const

/** Undefined when it stands so already. @throws GatewayRefusal NOT_ALLOWED_NOW */
export function changeMandate(
  mandate: BookMandate,
  command: MandateCommand,
  pauseUntil: Date | null,
): Pick<BookMandate, 'status' | 'pauseUntil'> | undefined {
  const { status } = mandate
  if (status === AFTER[command] && command !== 'pause') return undefined
  if (status === 'PAUSED' && command === 'pause' && samePause(mandate.pauseUntil, pauseUntil)) return undefined
  const isAlive = status === 'ACTIVE' || status === 'PAUSED'
  if (!isAlive || (command === 'resume' && status !== 'PAUSED') || (command === 'pause' && status !== 'ACTIVE')) {
    throw new GatewayRefusal('NOT_ALLOWED_NOW', status)
  }
  return { status: AFTER[command], pauseUntil: command === 'pause' ? pauseUntil : null }
}

const samePause = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime()

export type ChargeTerms = { readonly amount: bigint; readonly currency: Currency; readonly debitDate: string }

/** @throws GatewayRefusal NOT_ALLOWED_NOW (`detail`: the status, or `notice`), AMOUNT_INVALID, AMOUNT_TOO_HIGH */
export function assertCharge(mandate: BookMandate, charge: ChargeTerms, notice: BookNotice | undefined): void {
  if (mandate.status !== 'ACTIVE') throw new GatewayRefusal('NOT_ALLOWED_NOW', mandate.status)
  if (charge.currency !== mandate.currency) throw new GatewayRefusal('AMOUNT_INVALID', 'currency')
  if (charge.amount > mandate.maxAmount) throw new GatewayRefusal('AMOUNT_TOO_HIGH')
  if (mandate.amountRule === 'FIXED' && charge.amount !== mandate.maxAmount) {
    throw new GatewayRefusal('AMOUNT_INVALID', 'amount')
  }
  if (!needsNotice(mandate)) return
  const isTold = notice?.status === 'SENT' && notice.debitDate === charge.debitDate && notice.amount >= charge.amount
  if (!isTold) throw new GatewayRefusal('NOT_ALLOWED_NOW', 'notice')
}

function needsNotice(mandate: BookMandate): boolean {
  if (mandate.method !== 'upi' && mandate.method !== 'card') return false
  return mandate.frequency !== 'DAILY' && !(mandate.frequency === 'ONETIME' && mandate.blockFunds)
}

/** 15,000 INR: above it the payer confirms a charge. */
const FACTOR_ABOVE = 1_500_000n

export function needsPayer(mandate: BookMandate, amount: bigint): boolean {
  return mandate.currency === 'INR' && (mandate.method === 'upi' || mandate.method === 'card') && amount > FACTOR_ABOVE
}
