// Pre-debit notices: asked for by a merchant or by a charge that needs one, sent when their hour has come, and sent
// again under the same name until the gateway says what became of them. A failed one takes its charge along.
import { dayOf } from '../domain/mandate/calendar.ts'
import { decideCharge } from '../domain/mandate/executable.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import { NOTICE_TABLE } from '../domain/mandate/notice.ts'
import type { NoticeEventType, PreDebitNotice } from '../domain/mandate/notice.ts'
import type { NoticeReport } from '../domain/mandate/report.ts'
import { FIRST_QUESTION_MS, nextQuestionMs } from '../domain/operation/schedule.ts'
import { look } from '../domain/state-table.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { PreDebitNoticeId } from '../kernel/ids.ts'
import type { MandateId, PaymentId, Tenant } from '../kernel/ids.ts'
import { equals } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { Result } from '../connectors/contract/connector.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { listWaitingPayments } from '../store/mandate-executions.ts'
import { lockMandate, readMandate } from '../store/mandates.ts'
import { readMerchant } from '../store/merchants.ts'
import { bringForward } from '../store/operations.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { findNoticeByReference, insertNotice, lockNotice, readNotice, saveNotice } from '../store/pre-debit-notices.ts'
import { announceNotice } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway, openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { refuseCharge } from './refuse-charge.ts'

export type NotifyCommand = {
  readonly mandateId: MandateId
  /** The merchant's own name of it: asked for twice, it is one notice. */
  readonly reference?: string
  /** Kept as it came. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly amount: Money
  /** A day in the merchant's zone, or any instant of it. */
  readonly debitDay: string | Date
  readonly description?: string
  readonly idempotency?: Idempotency
}

/**
 * @throws AppError mandate_not_found, mandate_state_conflict, mandate_charge_refused, notice_reference_taken,
 *   not_supported_by_gateway
 */
export async function notifyDebit(deps: Deps, actor: Actor, command: NotifyCommand): Promise<PreDebitNotice> {
  const notice = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = PreDebitNoticeId.create(deps.clock.now())
    await command.idempotency?.claim(tx, id)
    const mandate = await lockMandate(tx, command.mandateId)
    const { zone } = await readMerchant(tx)
    const debitDay = dayNamed(command.debitDay, zone)
    const known = await noticeNamed(tx, command, debitDay)
    if (known !== undefined) return known
    const at = sendingTime(tx, mandate, command.amount, debitDay, zone)
    const gateway = await gatewayOf(deps, tx, mandate)
    if (gateway.connector.notifyDebit === undefined) {
      throw new AppError('not_supported_by_gateway', { operation: 'pre_debit_notice' })
    }
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'mandate.notice_requested',
      objectId: mandate.id,
      requestId: actor.requestId,
      details: { amount: command.amount.minor.toString(), debit_day: debitDay, notice_id: id },
    })
    const { amount, description = '', reference = null, metadata = {} } = command
    const about = { mandateId: mandate.id, amount, debitDay, description }
    return insertNotice(tx, { id, reference, metadata, ...about, dueAt: at })
  })
  await sendNoticeIfDue(deps, actor.tenant, notice.id)
  return deps.store.inTransaction(actor.tenant, (tx) => readNotice(tx, notice.id))
}

/** One that was asked for by this name before. @throws AppError notice_reference_taken when that was another one */
async function noticeNamed(tx: Tx, command: NotifyCommand, debitDay: string): Promise<PreDebitNotice | undefined> {
  if (command.reference === undefined) return undefined
  const known = await findNoticeByReference(tx, command.reference)
  if (known === undefined) return undefined
  const isSame = known.mandateId === command.mandateId && known.debitDay === debitDay
  if (isSame && equals(known.amount, command.amount)) return known
  throw new AppError('notice_reference_taken', { field: 'reference', reference: command.reference })
}

/** A day as it was named, or the one that an instant falls in. */
export function dayNamed(named: string | Date, zone: string): string {
  return typeof named === 'string' ? named : dayOf(zone, named)
}

function sendingTime(tx: Tx, mandate: Mandate, amount: Money, debitDay: string, zone: string): Date {
  const question = { mandate, amount, day: debitDay, now: tx.now, zone, others: [], notices: [], boundTo: null }
  const verdict = decideCharge({ ...question, additionalFactorMinor: null })
  if (verdict.kind === 'refused') throw refuseCharge(mandate, verdict.reason)
  if (debitDay === dayOf(zone, tx.now)) return tx.now
  return verdict.notice.kind === 'send' ? verdict.notice.at : tx.now
}

/** Returns once it was tried, or at once when its hour has not come or it has ended. Repeatable. */
export async function sendNoticeIfDue(deps: Deps, tenant: Tenant, id: PreDebitNoticeId): Promise<void> {
  const sending = await deps.store.inTransaction(tenant, (tx) => prepare(deps, tx, id))
  if (sending === undefined) return
  const { notice, mandate, gateway } = sending
  const exchange = gateway.connector.notifyDebit
  if (exchange === undefined || mandate.gatewayMandateId === null || mandate.paymentId === null) return
  const call = await callGateway(deps, gateway, {
    kind: 'notify_debit',
    exchange,
    input: {
      reference: notice.id,
      gatewayMandateId: mandate.gatewayMandateId,
      amount: notice.amount,
      debitDay: notice.debitDay,
      description: notice.description,
    },
    paymentId: mandate.paymentId,
    operationId: null,
  })
  // What never left may be sent again; only the gateway's own no ends a notice.
  const result: Result<NoticeReport> = call.notSent ? { kind: 'unknown', reason: 'It was not sent.' } : call.result
  const waiting = await deps.store.inTransaction(tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    const after = await recordNoticeResult(tx, id, result)
    return after.status === 'failed' ? listWaitingPayments(tx, mandate.id, id) : []
  })
  await lookAtWaiting(deps, tenant, waiting)
  deps.nudge('deliveries')
}

type Sending = { readonly notice: PreDebitNotice; readonly mandate: Mandate; readonly gateway: OpenAccount }

async function prepare(deps: Deps, tx: Tx, id: PreDebitNoticeId): Promise<Sending | undefined> {
  const notice = await lockNotice(tx, id)
  if (notice.dueAt === null || notice.dueAt.getTime() > tx.now.getTime()) return undefined
  const mandate = await readMandate(tx, notice.mandateId)
  if (mandate.status !== 'active') {
    await end(tx, notice, 'failed', { failureReason: `mandate_${mandate.status}` })
    return undefined
  }
  // Moved on first: whoever looks meanwhile leaves it alone, and a crash costs one step of the schedule.
  const wait = notice.asked === 0 ? FIRST_QUESTION_MS : nextQuestionMs(notice.asked - 1, deps.randomness.fraction())
  const moved = await saveNotice(tx, notice, { ...notice, asked: notice.asked + 1, dueAt: addMs(tx.now, wait) })
  return { notice: moved, mandate, gateway: await gatewayOf(deps, tx, mandate) }
}

export async function gatewayOf(deps: Deps, tx: Tx, mandate: Mandate): Promise<OpenAccount> {
  if (mandate.gatewayAccountId === null) throw new AppError('mandate_state_conflict', { status: mandate.status })
  return openGatewayAccount(deps, tx, mandate.gatewayAccountId)
}

/** The door for what a gateway says of a notice. */
export async function recordNoticeResult(
  tx: Tx,
  id: PreDebitNoticeId,
  result: Result<NoticeReport>,
): Promise<PreDebitNotice> {
  const notice = await lockNotice(tx, id)
  switch (result.kind) {
    case 'failed':
      return end(tx, notice, 'failed', { failureReason: result.reason })
    case 'declined':
      return end(tx, notice, 'failed', { failureReason: result.decline.code })
    case 'unknown':
    case 'absent':
      return end(tx, notice, 'outcome_unknown', {})
    case 'report': {
      const { report } = result
      const same = report.amount.currency === notice.amount.currency && report.amount.minor === notice.amount.minor
      // The payer was told of another amount: this charge was not announced.
      if (!same) return end(tx, notice, 'failed', { failureReason: 'wrong_amount' })
      const event = report.state === 'pending' ? 'accepted' : report.state
      return end(tx, notice, event, { gatewayNoticeId: report.gatewayNoticeId, failureReason: report.failureReason })
    }
  }
}

async function end(
  tx: Tx,
  notice: PreDebitNotice,
  event: NoticeEventType,
  learnt: Partial<Pick<PreDebitNotice, 'gatewayNoticeId' | 'failureReason'>>,
): Promise<PreDebitNotice> {
  const step = look(NOTICE_TABLE, notice.status, event)
  if (step.kind !== 'moved') return notice
  const isOver = step.to === 'succeeded' || step.to === 'failed'
  const after = await saveNotice(tx, notice, {
    ...notice,
    ...learnt,
    status: step.to,
    dueAt: isOver ? null : notice.dueAt,
    succeededAt: step.to === 'succeeded' ? tx.now : null,
  })
  if (step.to === 'succeeded' || step.to === 'failed') await announceNotice(tx, `pre_debit_notice.${step.to}`, after)
  return after
}

/** Charges that wait are looked at now: what they wait for has ended. */
export async function lookAtWaiting(deps: Deps, tenant: Tenant, payments: readonly PaymentId[]): Promise<void> {
  for (const paymentId of payments) {
    await deps.store.inTransaction(tenant, async (tx) => {
      await lockOrderOfPayment(tx, paymentId)
      await bringForward(tx, paymentId)
    })
  }
  if (payments.length > 0) deps.nudge('operations')
}
