// The one door through which a gateway changes a payment. Replies, notifications, returns and syncs all come through
// here, in any order and as often as they like: a report carries totals, it is compared with our own row before it is
// believed, and the payment, its history, its postings, its order and its events change in one transaction.
import { decidePayment, noTraceOf } from '../domain/payment/decide.ts'
import type { PaymentDecision } from '../domain/payment/decide.ts'
import type { PaymentNews as News } from '../domain/payment/news.ts'
import { isAlive } from '../domain/payment/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { GatewayTry, PaymentReport } from '../domain/payment/report.ts'
import type { Order } from '../domain/order/order.ts'
import { invariant } from '../kernel/errors.ts'
import { PaymentId } from '../kernel/ids.ts'
import type { GatewayAccountId, OperationId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { endOperation, listOpenOperations } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import { lockOrderIfAny } from '../store/orders.ts'
import { insertPostings, insertTransition } from '../store/payment-history.ts'
import { findPayment, insertPayment, listPaymentsOfOrder, lockPayment, savePayment } from '../store/payments.ts'
import { announceFollowUpFailed, announcePayment, recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import { followExecution, holderOfPeriod } from './follow-execution.ts'
import { giveBack } from './give-back.ts'
import { keepSavedMethod } from './keep-saved-method.ts'
import { postpone } from './postpone.ts'
import { recordDisputeReport } from './record-dispute-result.ts'
import { recordGatewayRefund } from './record-gateway-refund.ts'
import { recordMandateResult } from './record-mandate-result.ts'
import { refreshOrder } from './refresh-order.ts'
import type { Source } from './source.ts'

export type PaymentNews = {
  readonly paymentId: PaymentId
  /** The operation whose reply or sync this is; null for a notification. */
  readonly operationId: OperationId | null
  readonly result: News
}

/** Returns the payment as it is afterwards. */
export async function recordPaymentResult(
  deps: Deps,
  tx: Tx,
  source: Source,
  news: PaymentNews,
): Promise<PaymentRecord> {
  // Money on account has no order: its own row is what two callers wait for.
  const order = (await lockOrderIfAny(tx, news.paymentId)) ?? null
  const [attempts, open] = await Promise.all([
    order === null ? lockPayment(tx, news.paymentId).then((payment) => [payment]) : listPaymentsOfOrder(tx, order.id),
    listOpenOperations(tx, news.paymentId),
  ])
  const before = attempts.find((attempt) => attempt.id === news.paymentId)
  invariant(before !== undefined, 'The order was found through this payment.')
  const answered = open.find((operation) => operation.id === news.operationId)
  const answers = answered === undefined || answered.kind === 'refund' ? 'authorize' : answered.kind
  const others = attempts.filter((attempt) => attempt.id !== before.id)
  const periodHolder = await holderOfPeriod(tx, before)
  const result = await believable(deps, tx, source, before, news.result)
  const decision = decidePayment(before, result, answers, { order, others, now: tx.now, periodHolder })

  for (const { kind, details } of decision.conflicts) {
    await recordConflict(deps, tx, before, kind, { ...details, cause: source.cause })
  }
  const after = decision.payment === before ? before : await keep(deps, tx, source, { order, others, before, decision })
  await settleOperations(deps, tx, { payment: after, open, answered, result })
  // What contradicts our row is believed in nothing that stands beside it either.
  if (decision.conflicts.every(({ kind }) => TAKEN_IN.has(kind))) {
    await recordMandateBeside(tx, source, after, result)
    if (order !== null) await keepSavedMethod(deps, tx, source, { order, payment: after, news: result })
    if (result.kind === 'report') await recordBeside(deps, tx, source, after, result.report)
  }
  return after
}

/** Shown to a person although the report is believed: it came late, or twice, and its money is there. */
const TAKEN_IN: ReadonlySet<string> = new Set(['late_success', 'mandate_period_charged_twice'])

/** A payment that registers a mandate tells of it along the way. */
async function recordMandateBeside(tx: Tx, source: Source, payment: PaymentRecord, news: News): Promise<void> {
  if (payment.mandateId === null || news.kind !== 'report' || news.report.mandate === undefined) return
  const result = { kind: 'report', report: news.report.mandate } as const
  await recordMandateResult(tx, source, { mandateId: payment.mandateId, result })
}

/** What a gateway tells of a payment along the way: tries on its page that came to nothing, refunds, disputes. */
async function recordBeside(
  deps: Deps,
  tx: Tx,
  source: Source,
  payment: PaymentRecord,
  report: PaymentReport,
): Promise<void> {
  const { gatewayAccountId } = payment
  // What contradicts our own row is believed in nothing.
  if (gatewayAccountId === null || payment.gatewayPaymentId !== report.gatewayPaymentId) return
  for (const one of report.tries ?? []) await adoptTry(deps, tx, source, payment, gatewayAccountId, one)
  for (const refund of report.refunds ?? []) await recordGatewayRefund(deps, tx, source, gatewayAccountId, refund)
  for (const dispute of report.disputes ?? []) await recordDisputeReport(deps, tx, source, gatewayAccountId, dispute)
}

/** Kept once, by the gateway's own id. A try has no money, so nothing of it is counted. */
async function adoptTry(
  deps: Deps,
  tx: Tx,
  source: Source,
  payment: PaymentRecord,
  gatewayAccountId: GatewayAccountId,
  one: GatewayTry,
): Promise<void> {
  const { gatewayPaymentId, amount, decline, facts } = one
  if ((await findPayment(tx, gatewayAccountId, { gatewayPaymentId, reference: null })) !== undefined) return
  const id = PaymentId.create(deps.clock.now())
  const { orderId, sessionId, capture, method, instrument } = payment
  const made = await insertPayment(tx, {
    id,
    orderId,
    sessionId,
    gatewayAccountId,
    origin: 'gateway',
    // Nobody asked for it by a name of ours.
    reference: id,
    amount: payment.amount,
    capture,
    method,
    instrument,
    status: 'created',
  })
  const { version } = made
  await insertTransition(tx, { paymentId: id, version, from: null, to: 'created', event: 'adopted', ...source })
  const none = money(0n, amount.currency)
  const told = { gatewayPaymentId, reference: null, amount, authorized: none, captured: none, captureFinal: false }
  await recordPaymentResult(deps, tx, source, {
    paymentId: id,
    operationId: null,
    result: { kind: 'report', report: { ...told, state: 'declined', decline, facts } },
  })
}

/** A gateway's payment belongs to one of ours: an answer that claims another one's is not about this attempt. */
async function believable(deps: Deps, tx: Tx, source: Source, payment: PaymentRecord, news: News): Promise<News> {
  const { gatewayAccountId } = payment
  if (news.kind !== 'report' || payment.gatewayPaymentId !== null || gatewayAccountId === null) return news
  const { gatewayPaymentId } = news.report
  const holder = await findPayment(tx, gatewayAccountId, { gatewayPaymentId, reference: null })
  if (holder === undefined || holder.id === payment.id) return news
  const details = { gateway_payment_id: gatewayPaymentId, held_by: holder.id, cause: source.cause }
  await recordConflict(deps, tx, payment, 'gateway_payment_taken', details)
  return { kind: 'unknown', reason: 'The gateway answered with a payment that belongs to another attempt.' }
}

type Change = {
  readonly order: Order | null
  readonly others: readonly PaymentRecord[]
  readonly before: PaymentRecord
  readonly decision: PaymentDecision
}

/** The payment, its history, its postings, its event and its order: together or not at all. */
async function keep(deps: Deps, tx: Tx, source: Source, change: Change): Promise<PaymentRecord> {
  const { order, others, before, decision } = change
  const after = await savePayment(tx, before, decision.payment)
  const { id: paymentId, version } = after
  const { event, postings } = decision
  await insertTransition(tx, { paymentId, version, from: before.status, to: after.status, event, ...source })
  await insertPostings(tx, deps.clock, { paymentId, refundId: null, paymentVersion: version }, postings)
  if (decision.announce) await announcePayment(tx, after)
  await followExecution(tx, after, decision.surplus)
  if (order !== null) await refreshOrder(tx, order, [...others, after])
  if (decision.giveBack) await giveBack(deps, tx, after)
  return after
}

type Settling = {
  readonly payment: PaymentRecord
  readonly open: readonly Operation[]
  readonly answered: Operation | undefined
  readonly result: News
}

/** Ends every open call whose outcome the payment now shows, whoever brought the news. */
async function settleOperations(deps: Deps, tx: Tx, { payment, open, answered, result }: Settling): Promise<void> {
  for (const operation of open) {
    if (operation.kind === 'refund') continue
    const outcome = outcomeShownBy(payment, operation)
    if (outcome !== undefined) {
      await end(tx, payment, operation, { status: outcome, reason: null })
    } else if (operation.id === answered?.id) {
      await settleAnswered(deps, tx, payment, operation, result)
    }
  }
}

function outcomeShownBy(payment: PaymentRecord, operation: Operation): 'succeeded' | 'declined' | 'failed' | undefined {
  const held = payment.status === 'authorized' || (payment.status === 'captured' && !payment.captureFinal)
  switch (operation.kind) {
    case 'authorize':
      if (payment.status === 'declined') return 'declined'
      if (payment.status === 'failed') return 'failed'
      return isAlive(payment.status) && payment.status !== 'authorized' ? undefined : 'succeeded'
    case 'capture':
      if (payment.amountCaptured.minor >= (operation.targetTotalMinor ?? 0n)) return 'succeeded'
      return held ? undefined : 'failed'
    // However the hold ended, nothing is held any more: that is all that was wanted.
    case 'void':
      return held ? undefined : 'succeeded'
    // No status shows that somebody has asked: only an answer does.
    case 'question':
    case 'refund':
      return undefined
  }
}

type End = Parameters<typeof endOperation>[2]

/** A capture or a void that came to nothing shows in no status of the payment, so the merchant is told here. */
async function end(tx: Tx, payment: PaymentRecord, { id, kind }: Operation, how: End): Promise<void> {
  await endOperation(tx, id, how)
  const isFollowUp = kind === 'capture' || kind === 'void'
  if (isFollowUp && how.status !== 'succeeded') await announceFollowUpFailed(tx, kind, payment)
}

async function settleAnswered(
  deps: Deps,
  tx: Tx,
  payment: PaymentRecord,
  operation: Operation,
  result: News,
): Promise<void> {
  const noTrace = noTraceOf(payment, result)
  if (operation.kind === 'question' && result.kind === 'report') {
    await end(tx, payment, operation, { status: 'succeeded', reason: null })
  } else if (result.kind === 'declined') {
    await end(tx, payment, operation, { status: 'declined', reason: result.decline.gatewayCode })
  } else if (result.kind === 'failed') {
    await end(tx, payment, operation, { status: 'failed', reason: result.reason })
  } else if (noTrace !== undefined) {
    await end(tx, payment, operation, { status: 'failed', reason: noTrace })
  } else if (result.kind === 'decided' && (result.outcome === 'declined' || result.outcome === 'failed')) {
    await end(tx, payment, operation, { status: result.outcome, reason: 'Decided by a person.' })
  } else {
    const unknown = result.kind === 'unknown' || result.kind === 'absent'
    await postpone(deps, tx, operation, {
      status: unknown ? 'unknown' : 'pending',
      reason: result.kind === 'unknown' ? result.reason : null,
    })
  }
}
