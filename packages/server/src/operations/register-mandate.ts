// Registering a mandate: its terms come with an order, an attempt to pay that order carries them to the gateway, and
// the gateway's word makes it active. Where there are no mandates, a required one refuses the attempt; an optional
// one is dropped, and said to be.
import { dayOf, periodOf, addDays, startOf } from '../domain/mandate/calendar.ts'
import { triesOf } from '../domain/mandate/executable.ts'
import { MAX_TRIES } from '../domain/mandate/execution.ts'
import { faultOf } from '../domain/mandate/mandate.ts'
import type { Mandate, MandateTerms, Requirement } from '../domain/mandate/mandate.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import { orderIdOf } from '../domain/payment/record.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import { MandateExecutionId } from '../kernel/ids.ts'
import type { CustomerId, MandateId, OrderId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import type { Connector } from '../connectors/contract/connector.ts'
import type { Tx } from '../store/db.ts'
import { insertExecution, listExecutionsOfPeriod } from '../store/mandate-executions.ts'
import { insertMandate, insertMandateTransition, lockMandate, saveMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { announceMandate } from './announce.ts'
import { moveMandate, nextLook } from './move-mandate.ts'
import type { Source } from './source.ts'

export type MandateCommand = Omit<MandateTerms, 'startsAt'> & {
  readonly requirement: Requirement
  /** Null: at once. */
  readonly startsAt: Date | null
}

/** @throws AppError mandate_terms_invalid */
export function assertTerms(
  terms: MandateTerms,
  order: { readonly amount: Money; readonly capture: 'automatic' | 'manual' },
  now: Date,
): void {
  const fault = order.capture === 'manual' ? 'capture_is_not_automatic' : faultOf(terms, order.amount)
  const reason = fault ?? (terms.endsAt.getTime() <= now.getTime() ? 'ends_in_the_past' : undefined)
  if (reason !== undefined) throw new AppError('mandate_terms_invalid', { field: 'mandate', reason })
}

/** In the transaction that makes its order. */
export async function createMandate(
  tx: Tx,
  made: {
    readonly id: MandateId
    readonly orderId: OrderId
    readonly customerId: CustomerId | null
    readonly command: MandateTerms & { readonly requirement: Requirement }
    readonly actor: string
    readonly requestId: string | null
  },
): Promise<void> {
  const { id, orderId, customerId, command } = made
  const mandate = await insertMandate(tx, { ...command, id, orderId, customerId })
  await insertMandateTransition(tx, id, {
    version: mandate.version,
    from: null,
    to: 'created',
    event: 'created',
    cause: 'request',
    actor: made.actor,
    requestId: made.requestId,
  })
  await announceMandate(tx, 'mandate.created', mandate)
}

/**
 * The mandate that an attempt on this order registers; null when there is none to register. Locks it.
 * @throws AppError not_supported_by_gateway for a required one
 */
export async function mandateToRegister(
  tx: Tx,
  order: Order,
  connector: Connector,
  method: PaymentMethod,
  registersMandate = true,
): Promise<Mandate | null> {
  if (order.mandateId === null) return null
  const mandate = await lockMandate(tx, order.mandateId)
  if (mandate.orderId !== order.id || mandate.status !== 'created') return null
  if (!registersMandate && mandate.requirement === 'optional') return null
  if (canRegister(connector, method)) return mandate
  if (mandate.requirement === 'optional') return null
  throw new AppError('not_supported_by_gateway', { operation: 'mandate', method })
}

export function canRegister(connector: Connector, method: PaymentMethod): boolean {
  return connector.chargeMandate !== undefined && (connector.mandateMethods ?? []).includes(method)
}

/** Ties the attempt to the mandate. The attempt holds the period of its day, where the terms say that it uses one. */
export async function beginRegistration(tx: Tx, mandate: Mandate, payment: PaymentRecord): Promise<void> {
  if (payment.capture === 'manual') {
    throw new AppError('mandate_terms_invalid', { field: 'capture', reason: 'capture_is_not_automatic' })
  }
  const { zone } = await readMerchant(tx)
  const day = dayOf(zone, tx.now)
  const usesPeriod = mandate.registrationUsesPeriod && mandate.startsAt.getTime() <= tx.now.getTime()
  const period = usesPeriod ? (periodOf(mandate.frequency, day)?.key ?? null) : null
  const others = period === null ? [] : await listExecutionsOfPeriod(tx, mandate.id, period)
  const tries = triesOf(others.map((other) => other.status))
  if (tries > MAX_TRIES) throw new AppError('mandate_charge_refused', { reason: 'tries_exhausted' })
  const attempt = { ...mandate, paymentId: payment.id, gatewayAccountId: payment.gatewayAccountId }
  const tied = { ...attempt, method: payment.method }
  const saved = await saveMandate(tx, mandate, tied, nextLook(tied, tx.now))
  if (mandate.paymentId === null) await announceMandate(tx, 'mandate.registering', saved)
  await insertExecution(tx, {
    id: MandateExecutionId.create(tx.now),
    mandateId: mandate.id,
    orderId: orderIdOf(payment),
    paymentId: payment.id,
    kind: 'registration',
    period,
    try: tries,
    debitDay: day,
    amount: payment.amount,
    status: 'open',
    noticeId: null,
    additionalFactor: false,
    retriesLeft: 0,
    deadlineAt: startOf(zone, addDays(day, 1)),
    startedAt: tx.now,
  })
}

const ENDED: Source = { cause: 'schedule', actor: 'purser', requestId: null }

/** The order has ended; a mandate that it should have registered and did not will not come about any more. */
export async function endRegistration(tx: Tx, order: Order, payments: readonly PaymentRecord[]): Promise<void> {
  if (order.mandateId === null) return
  if (payments.some((payment) => payment.mandateRole !== null && payment.amountCaptured.minor > 0n)) return
  const mandate = await lockMandate(tx, order.mandateId)
  if (mandate.orderId !== order.id || mandate.status !== 'created') return
  const failureReason = order.status === 'paid' ? 'paid_without_it' : `order_${order.status}`
  await moveMandate(tx, ENDED, mandate, 'failed', { failureReason })
}
