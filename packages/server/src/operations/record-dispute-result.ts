// The one door for disputes: notifications, settlement lines, syncs, replies and persons all come through here. A
// dispute changes with its payment's money, the postings, its history and its event in one transaction, under the
// order's lock, so that a refund and a dispute of the same money never both have it.
import { decideDispute, isShort, reserve } from '../domain/dispute/decide.ts'
import type { DisputeDecision, DisputeNews } from '../domain/dispute/decide.ts'
import type { DisputeRecord } from '../domain/dispute/dispute.ts'
import type { DisputeReport } from '../domain/dispute/report.ts'
import { isHolding } from '../domain/dispute/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { addMs } from '../kernel/clock.ts'
import { DisputeId } from '../kernel/ids.ts'
import type { GatewayAccountId, OrderId, PaymentId } from '../kernel/ids.ts'
import { isZero, zero } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import {
  findDispute,
  insertDispute,
  insertDisputeTransition,
  listDisputeRows,
  lockDispute,
  readDispute,
  saveDispute,
} from '../store/disputes.ts'
import { lockOrder } from '../store/orders.ts'
import { insertPostings } from '../store/payment-history.ts'
import { findPayment, lockPayment, savePayment } from '../store/payments.ts'
import { announceDispute, recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import type { Source } from './source.ts'

/** Undefined when it names no payment of ours that has money: the news waits. */
export async function recordDisputeReport(
  deps: Deps,
  tx: Tx,
  source: Source,
  gatewayAccountId: GatewayAccountId,
  report: DisputeReport,
): Promise<DisputeRecord | undefined> {
  const known = await findDispute(tx, gatewayAccountId, report.gatewayDisputeId)
  const found = await findPayment(tx, gatewayAccountId, report)
  if (known !== undefined && found?.id === known.paymentId) {
    return recordDisputeNews(deps, tx, source, known.id, { kind: 'report', report })
  }
  if (known !== undefined) return contradict(deps, tx, source, known, report)
  // Money that no gateway moved has no order that must be locked, and nobody disputes it at one.
  if (found === undefined || found.orderId === null) return undefined
  const { orderId } = found
  await lockOrder(tx, orderId)
  // Two messages about one dispute may be applied at once: whoever waited for the order finds it opened.
  const opened = await findDispute(tx, gatewayAccountId, report.gatewayDisputeId)
  const payment = await lockPayment(tx, found.id)
  if (isZero(payment.amountCaptured)) return undefined
  if (report.amount.currency !== payment.amount.currency) {
    await recordConflict(deps, tx, payment, 'dispute_wrong_currency', {
      gateway_dispute_id: report.gatewayDisputeId,
      reported_currency: report.amount.currency,
      cause: source.cause,
    })
    return undefined
  }
  const dispute = opened ?? (await open(deps, tx, source, { gatewayAccountId, orderId, payment, report }))
  return recordDisputeNews(deps, tx, source, dispute.id, { kind: 'report', report })
}

/** A dispute is of one payment for ever: a report that says it of another one is believed in nothing. */
async function contradict(
  deps: Deps,
  tx: Tx,
  source: Source,
  known: DisputeRecord,
  report: DisputeReport,
): Promise<DisputeRecord> {
  await lockOrder(tx, known.orderId)
  const payment = await lockPayment(tx, known.paymentId)
  await recordConflict(deps, tx, payment, 'dispute_wrong_payment', {
    dispute_id: known.id,
    gateway_dispute_id: report.gatewayDisputeId,
    reported_gateway_payment_id: report.gatewayPaymentId,
    cause: source.cause,
  })
  return known
}

/** Returns the dispute as it is afterwards. @throws AppError dispute_not_found */
export async function recordDisputeNews(
  deps: Deps,
  tx: Tx,
  source: Source,
  id: DisputeId,
  news: DisputeNews,
): Promise<DisputeRecord> {
  const { orderId, paymentId } = await readDispute(tx, id)
  await lockOrder(tx, orderId)
  const payment = await lockPayment(tx, paymentId)
  const before = await lockDispute(tx, id)
  const decision = decideDispute(before, payment, news, tx.now)
  if (decision.dispute === before && decision.conflicts.length === 0) return before
  return keep(deps, tx, source, { before, payment, decision })
}

/** What a refund gave back goes to the disputes that could not be held in full. Call with order and payment locked. */
export async function topUpDisputes(deps: Deps, tx: Tx, source: Source, paymentId: PaymentId): Promise<void> {
  const disputes = await listDisputeRows(tx, { ...OF_ONE_PAYMENT, paymentId })
  for (const { id } of disputes.filter(isShort).toReversed()) {
    const payment = await lockPayment(tx, paymentId)
    const before = await lockDispute(tx, id)
    const reserved = reserve(before, before, payment)
    if (reserved.dispute === before) continue
    await keep(deps, tx, source, { before, payment, decision: { ...reserved, conflicts: [], event: null } })
  }
}

const OF_ONE_PAYMENT = { status: null, orderId: null, before: null, limit: 1_000 } as const

async function open(
  deps: Deps,
  tx: Tx,
  source: Source,
  about: {
    readonly gatewayAccountId: GatewayAccountId
    readonly orderId: OrderId
    readonly payment: PaymentRecord
    readonly report: DisputeReport
  },
): Promise<DisputeRecord> {
  const { gatewayAccountId, orderId, payment, report } = about
  const fresh: DisputeRecord = {
    id: DisputeId.create(deps.clock.now()),
    paymentId: payment.id,
    orderId,
    gatewayAccountId,
    gatewayDisputeId: report.gatewayDisputeId,
    gatewaySequence: null,
    status: 'open',
    version: 1,
    amount: report.amount,
    amountReserved: zero(report.amount.currency),
    reason: report.reason,
    gatewayCode: report.gatewayCode,
    evidenceDueAt: report.evidenceDueAt,
    pendingAction: null,
    openedAt: tx.now,
    decidedAt: null,
    createdAt: tx.now,
    updatedAt: tx.now,
  }
  const { dispute, payment: after, conflicts, postings } = reserve(fresh, fresh, payment)
  const kept = await insertDispute(tx, dispute, nextLook(dispute, tx.now))
  const { id, version, status } = kept
  await insertDisputeTransition(tx, id, { version, from: null, to: status, event: 'opened', ...source })
  await movePayment(deps, tx, source, { dispute: kept, payment, decision: { payment: after, conflicts, postings } })
  await announceDispute(tx, kept)
  return kept
}

type Change = {
  readonly before: DisputeRecord
  readonly payment: PaymentRecord
  readonly decision: DisputeDecision
}

async function keep(deps: Deps, tx: Tx, source: Source, change: Change): Promise<DisputeRecord> {
  const { before, payment, decision } = change
  const { event } = decision
  const isChanged = decision.dispute !== before
  const dueAt = nextLook(decision.dispute, tx.now)
  const dispute = isChanged ? await saveDispute(tx, before, decision.dispute, dueAt) : before
  if (event !== null) {
    const { version, status: to } = dispute
    await insertDisputeTransition(tx, dispute.id, { version, from: before.status, to, event, ...source })
  }
  await movePayment(deps, tx, source, { dispute, payment, decision })
  if (event !== null) await announceDispute(tx, dispute)
  return dispute
}

async function movePayment(
  deps: Deps,
  tx: Tx,
  source: Source,
  moved: {
    readonly dispute: DisputeRecord
    readonly payment: PaymentRecord
    readonly decision: Pick<DisputeDecision, 'payment' | 'conflicts' | 'postings'>
  },
): Promise<void> {
  const { dispute, payment, decision } = moved
  const after = decision.payment === payment ? payment : await savePayment(tx, payment, decision.payment)
  for (const { kind, details } of decision.conflicts) {
    await recordConflict(deps, tx, after, kind, { ...details, cause: source.cause })
  }
  const about = { paymentId: payment.id, refundId: null, disputeId: dispute.id, paymentVersion: after.version }
  await insertPostings(tx, deps.clock, about, decision.postings)
}

const DAY_MS = 86_400_000

/** Evidence that runs out, and once a day a question, for as long as it is undecided. */
export function nextLook(dispute: DisputeRecord, now: Date): Date | null {
  if (!isHolding(dispute.status)) return null
  const { evidenceDueAt } = dispute
  const tomorrow = addMs(now, DAY_MS)
  return dispute.status === 'open' && evidenceDueAt !== null && evidenceDueAt < tomorrow ? evidenceDueAt : tomorrow
}
