// Charges a mandate: an order and a payment like any other, whose one call is the mandate's charge. Everything is
// written before anything leaves; a charge that needs a notice or names a later day waits as an open operation, and
// the worker of sync-operations carries it out. Whatever races, one execution holds the period: a unique index says
// so.
import { addDays, dayOf, periodOf, startOf } from '../domain/mandate/calendar.ts'
import { additionalFactorLimit, decideCharge, nextDay, triesOf } from '../domain/mandate/executable.ts'
import type { ChargeVerdict } from '../domain/mandate/executable.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import type { Order } from '../domain/order/order.ts'
import { payability } from '../domain/order/states.ts'
import { orderIdOf } from '../domain/payment/record.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { MandateExecutionId, OperationId, OrderId, PaymentId, PreDebitNoticeId } from '../kernel/ids.ts'
import type { MandateId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertExecution, listExecutionsOfPeriod } from '../store/mandate-executions.ts'
import { lockMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { insertOperation } from '../store/operations.ts'
import { insertOrder, lockOrder, readOrderByReference } from '../store/orders.ts'
import { insertTransition } from '../store/payment-history.ts'
import { insertPayment, listPaymentsOfOrder, readPayment } from '../store/payments.ts'
import { insertNotice, listNotices, listNoticesForDay, readNotice } from '../store/pre-debit-notices.ts'
import { announceOrder, announcePayment } from './announce.ts'
import { sendCharge } from './advance-charge.ts'
import type { Charge } from './advance-charge.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { factsOf, refreshOrder } from './refresh-order.ts'
import { refuseCharge } from './refuse-charge.ts'
import { dayNamed, gatewayOf, sendNoticeIfDue } from './send-notice.ts'

export type ChargeCommand = {
  readonly mandateId: MandateId
  /** The merchant's reference of the order that is made for it; an unpaid one of the same charge is tried again. */
  readonly reference: string
  readonly amount: Money
  /** `2026-12-05` in the merchant's zone, or any instant of it. Absent: the next day that the mandate allows. */
  readonly debitDay?: string | Date
  /** A notice that was sent before; its day is the default of `debitDay`. */
  readonly noticeId?: PreDebitNoticeId
  readonly description?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** How often it is tried again by itself after a decline, 0 to 3, within its period. */
  readonly retries?: number
  readonly idempotency?: Idempotency
}

/**
 * The payment is `created` while it waits; a decline, a step for the payer and an unknown outcome are values.
 * @throws AppError mandate_not_found, mandate_state_conflict, mandate_charge_refused, order_reference_taken,
 *   order_not_payable, payment_alive, payment_unknown, not_supported_by_gateway, gateway_unavailable (nothing was sent)
 */
export async function chargeMandate(deps: Deps, actor: Actor, command: ChargeCommand): Promise<PaymentRecord> {
  const intendedAtMs = deps.clock.monotonicMs()
  const intent = await deps.store.inTransaction(actor.tenant, (tx) => intend(deps, tx, actor, command))
  deps.nudge('deliveries')
  if (intent.noticeToSend !== null) await sendNoticeIfDue(deps, actor.tenant, intent.noticeToSend)
  if (intent.charge === null) return deps.store.inTransaction(actor.tenant, (tx) => readPayment(tx, intent.paymentId))
  const source = { cause: 'reply', actor: actorName(actor), requestId: actor.requestId } as const
  const { payment, notSent } = await sendCharge(deps, actor.tenant, { ...intent.charge, intendedAtMs }, source)
  if (notSent) throw new AppError('gateway_unavailable', { payment_id: payment.id, retry_after_seconds: 5 })
  return payment
}

type Intent = {
  readonly paymentId: PaymentId
  readonly noticeToSend: PreDebitNoticeId | null
  /** Null while it waits. */
  readonly charge: Omit<Charge, 'intendedAtMs'> | null
}

async function intend(deps: Deps, tx: Tx, actor: Actor, command: ChargeCommand): Promise<Intent> {
  const id = PaymentId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  // Orders are locked before mandates, here as everywhere.
  const known = await findUnpaid(tx, command)
  const mandate = await lockMandate(tx, command.mandateId)
  const gateway = await gatewayOf(deps, tx, mandate)
  if (gateway.connector.chargeMandate === undefined) {
    throw new AppError('not_supported_by_gateway', { operation: 'mandate' })
  }
  const plan = await planCharge(tx, mandate, command, gateway.account.settings)
  const order = known ?? (await makeOrder(deps, tx, actor, mandate, command))
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const reference = gateway.connector.nameOf?.(id) ?? id
  const payment = await makePayment(tx, actor, { id, reference, order, mandate, plan })
  const noticeId = await makeNotice(deps, tx, mandate, command, plan)
  await makeExecution(tx, { mandate, payment, plan, noticeId, retriesLeft: command.retries ?? 0 })
  const operationId = OperationId.create(deps.clock.now())
  await insertOperation(tx, {
    id: operationId,
    paymentId: id,
    refundId: null,
    kind: 'authorize',
    amount: payment.amount,
    final: true,
    targetTotal: null,
    toSend: true,
    dueAt: plan.verdict.kind === 'wait' ? plan.verdict.until : addMs(tx.now, FIRST_QUESTION_MS),
  })
  await announcePayment(tx, payment)
  await refreshOrder(tx, order, [...attempts, payment])
  const isNew = plan.verdict.notice.kind === 'send'
  if (plan.verdict.kind === 'wait') {
    return { paymentId: id, noticeToSend: isNew ? noticeId : null, charge: null }
  }
  const notice = noticeId === null ? null : await readNotice(tx, noticeId)
  const { additionalFactor } = plan.verdict
  const charge = { payment, mandate, gateway, operationId, order, notice, debitDay: plan.day, additionalFactor }
  return { paymentId: id, noticeToSend: null, charge }
}

/** An order of this name that the same charge was tried on before. @throws AppError order_reference_taken */
async function findUnpaid(tx: Tx, command: ChargeCommand): Promise<Order | undefined> {
  const found = await readOrderByReference(tx, command.reference).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'order_not_found') return undefined
    throw error
  })
  if (found === undefined) return undefined
  const order = await lockOrder(tx, found.id)
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const isCharge = attempts.some((attempt) => attempt.mandateRole === 'charge')
  const { minor, currency } = order.amount
  const isSame = minor === command.amount.minor && currency === command.amount.currency
  if (order.mandateId !== command.mandateId || !isCharge || !isSame) {
    throw new AppError('order_reference_taken', { field: 'reference', reference: command.reference })
  }
  const verdict = payability(factsOf(order, attempts))
  if (verdict === 'not_payable') throw new AppError('order_not_payable', { status: order.status })
  if (verdict !== 'payable') throw new AppError(verdict)
  return order
}

type Plan = {
  readonly day: string
  readonly period: string | null
  readonly try: number
  readonly zone: string
  readonly verdict: Exclude<ChargeVerdict, { kind: 'refused' }>
}

/** @throws AppError mandate_state_conflict, mandate_charge_refused, pre_debit_notice_not_found */
async function planCharge(
  tx: Tx,
  mandate: Mandate,
  command: ChargeCommand,
  settings: Readonly<Record<string, unknown>>,
): Promise<Plan> {
  const { zone } = await readMerchant(tx)
  const bound = command.noticeId === undefined ? null : await readNotice(tx, command.noticeId)
  if (bound !== null && bound.mandateId !== mandate.id) throw new AppError('pre_debit_notice_not_found')
  const named = command.debitDay ?? bound?.debitDay ?? (await dayTold(tx, mandate, command, zone))
  const day = dayNamed(named, zone)
  if (bound !== null && bound.debitDay !== day) throw refuseCharge(mandate, 'notice_too_late')
  const period = periodOf(mandate.frequency, day)?.key ?? null
  const others = period === null ? [] : await listExecutionsOfPeriod(tx, mandate.id, period)
  const statuses = others.map((other) => other.status)
  const verdict = decideCharge({
    mandate,
    amount: command.amount,
    day,
    now: tx.now,
    zone,
    others: statuses,
    notices: await listNoticesForDay(tx, mandate.id, day),
    boundTo: bound?.id ?? null,
    additionalFactorMinor: additionalFactorLimit(command.amount.currency, settings),
  })
  if (verdict.kind === 'refused') throw refuseCharge(mandate, verdict.reason)
  return { day, period, try: triesOf(statuses), zone, verdict }
}

/** The day that the payer was told of already, else the next that the mandate allows. */
async function dayTold(tx: Tx, mandate: Mandate, command: ChargeCommand, zone: string): Promise<string> {
  const today = dayOf(zone, tx.now)
  const covers = (notice: PreDebitNotice) =>
    notice.status !== 'failed' && notice.debitDay >= today && notice.amount.minor >= command.amount.minor
  const told = (await listNotices(tx, mandate.id, NOTICES_LOOKED_AT)).filter(covers).map(({ debitDay }) => debitDay)
  return told.sort()[0] ?? nextDay(mandate, tx.now, zone)
}

// More than can be open for one mandate at a time.
const NOTICES_LOOKED_AT = 20

async function makeOrder(deps: Deps, tx: Tx, actor: Actor, mandate: Mandate, command: ChargeCommand): Promise<Order> {
  const order = await insertOrder(tx, {
    id: OrderId.create(deps.clock.now()),
    reference: command.reference,
    amount: command.amount,
    description: command.description ?? '',
    customerId: mandate.customerId,
    payer: { name: null, email: null, phone: null },
    metadata: command.metadata ?? {},
    returnUrl: null,
    capture: 'automatic',
    lateSuccess: 'accept',
    expiresAt: null,
    mandateId: mandate.id,
  })
  await announceOrder(tx, 'order.created', order)
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'mandate.charge_requested',
    objectId: mandate.id,
    requestId: actor.requestId,
    details: { order_id: order.id, amount: order.amount.minor.toString(), currency: order.amount.currency },
  })
  return order
}

async function makePayment(
  tx: Tx,
  actor: Actor,
  made: { id: PaymentId; reference: string; order: Order; mandate: Mandate; plan: Plan },
): Promise<PaymentRecord> {
  const { id, reference, order, mandate, plan } = made
  invariant(mandate.paymentId !== null && mandate.gatewayAccountId !== null, 'An active mandate was registered.')
  const registration = await readPayment(tx, mandate.paymentId)
  const status = plan.verdict.kind === 'wait' ? 'created' : 'processing'
  const payment = await insertPayment(tx, {
    id,
    orderId: order.id,
    sessionId: null,
    gatewayAccountId: mandate.gatewayAccountId,
    origin: 'ours',
    reference,
    amount: order.amount,
    capture: 'automatic',
    method: registration.method,
    // What the mandate was registered with; the charge itself names the mandate.
    instrument: instrumentOfCharge(registration),
    status,
    mandateId: mandate.id,
    mandateRole: 'charge',
  })
  await insertTransition(tx, {
    paymentId: id,
    version: payment.version,
    from: null,
    to: status,
    event: status === 'created' ? 'scheduled' : 'started',
    cause: 'request',
    actor: actorName(actor),
    requestId: actor.requestId,
  })
  return payment
}

async function makeNotice(
  deps: Deps,
  tx: Tx,
  mandate: Mandate,
  command: ChargeCommand,
  { verdict, day }: Plan,
): Promise<PreDebitNoticeId | null> {
  if (verdict.notice.kind === 'none') return null
  if (verdict.notice.kind === 'known') return verdict.notice.id
  const id = PreDebitNoticeId.create(deps.clock.now())
  const { amount, description = '' } = command
  await insertNotice(tx, {
    id,
    reference: null,
    metadata: {},
    mandateId: mandate.id,
    amount,
    debitDay: day,
    description,
    dueAt: verdict.notice.at,
  })
  return id
}

async function makeExecution(
  tx: Tx,
  made: {
    mandate: Mandate
    payment: PaymentRecord
    plan: Plan
    noticeId: PreDebitNoticeId | null
    retriesLeft: number
  },
): Promise<void> {
  const { mandate, payment, plan, noticeId, retriesLeft } = made
  const isWaiting = plan.verdict.kind === 'wait'
  await insertExecution(tx, {
    id: MandateExecutionId.create(tx.now),
    mandateId: mandate.id,
    orderId: orderIdOf(payment),
    paymentId: payment.id,
    kind: 'charge',
    period: plan.period,
    try: plan.try,
    debitDay: plan.day,
    amount: payment.amount,
    status: isWaiting ? 'waiting' : 'open',
    noticeId,
    additionalFactor: plan.verdict.additionalFactor,
    retriesLeft,
    deadlineAt: startOf(plan.zone, addDays(plan.day, 1)),
    startedAt: isWaiting ? null : tx.now,
  })
}

/** As it was registered; consent to keep it belongs to the payment that it was given with. */
function instrumentOfCharge({ instrument }: PaymentRecord): PaymentRecord['instrument'] {
  const { save: _, savedMethodId: __, ...rest } = instrument
  return rest
}
