// A person decides what nobody can tell: a call whose outcome is unknown. The gateway is asked first, and where it
// gives an answer there is nothing left to decide. The decision is evidence like any other: it goes through the one
// door, and what the gateway says against it later is followed by the same table and shown as a conflict.
import { settlePaymentAnswer, settleRefundAnswer, whenPageHasShut } from '../domain/operation/answer.ts'
import type { PersonOutcome, PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentReport, RefundReport } from '../domain/payment/report.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import type { PaymentId, RefundId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { listOpenOperations } from '../store/operations.ts'
import type { Operation, OperationKind } from '../store/operations.ts'
import { lockOrderIfAny, lockOrderOfPayment } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { findPayment, lockPayment } from '../store/payments.ts'
import { lockRefund, readRefund } from '../store/refunds.ts'
import { askAboutPayment, askAboutRefund, prepareQuestion, askedCall } from './ask-gateway.ts'
import type { Question } from './ask-gateway.ts'
import type { Actor, Deps } from './deps.ts'
import type { Call } from './gateway.ts'
import { askedBy, assertMayDecide, auditDecision, decidedBy } from './person-decision.ts'
import type { PersonDecision } from './person-decision.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { recordPaymentResult } from './record-result.ts'
import { asPaymentNotFound } from './refund-payment.ts'

export type ResolvePayment = PersonDecision & {
  readonly paymentId: PaymentId
  readonly outcome: PersonOutcome
  /** The gateway's own id. Needed for held or captured money that the gateway never named to us. */
  readonly gatewayPaymentId?: string
}

export type ResolveRefund = PersonDecision & { readonly refundId: RefundId; readonly outcome: 'succeeded' | 'failed' }

const OUTCOMES: Record<Exclude<OperationKind, 'refund'>, readonly PersonOutcome[]> = {
  authorize: ['captured', 'authorized', 'declined', 'failed'],
  capture: ['captured', 'declined', 'failed'],
  void: ['voided', 'failed'],
  // Nothing was sent: there is nothing to decide.
  question: [],
}

/**
 * Answers the payment as it is afterwards.
 * @throws AppError scope_missing, payment_not_found, payment_state_conflict (no call of it is unknown), field_invalid,
 *   outcome_known (the gateway told; its answer is recorded)
 */
export async function resolvePayment(deps: Deps, actor: Actor, command: ResolvePayment): Promise<PaymentRecord> {
  assertMayDecide(actor, command)
  const { paymentId } = command
  const question = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, paymentId)
    const { payment, operation } = await lockUnknownPayment(tx, paymentId)
    if (operation === undefined) throw new AppError('payment_state_conflict', { status: payment.status })
    await assertFits(tx, payment, operation, command)
    return prepareQuestion(deps, tx, operation)
  })
  const asked = await askAboutPayment(deps, question)
  const decided = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await recordPaymentAnswer(deps, tx, actor, question, asked)
    const { payment, operation } = await lockUnknownPayment(tx, paymentId)
    if (operation?.id !== question.operation.id) return undefined
    await auditDecision(tx, actor, 'payment.resolved', paymentId, command)
    const { outcome, gatewayPaymentId = null } = command
    const result = { kind: 'decided', outcome, gatewayPaymentId, ...totalOf(payment, operation) } as const
    return recordPaymentResult(deps, tx, decidedBy(actor, command), { paymentId, operationId: operation.id, result })
  })
  deps.nudge('deliveries')
  if (decided === undefined) throw new AppError('outcome_known', { payment_id: paymentId })
  return decided
}

/**
 * Answers the refund as it is afterwards.
 * @throws AppError scope_missing, refund_not_found, refund_state_conflict (its outcome is not unknown), field_invalid,
 *   outcome_known (the gateway told; its answer is recorded)
 */
export async function resolveRefund(deps: Deps, actor: Actor, command: ResolveRefund): Promise<RefundRecord> {
  assertMayDecide(actor, command)
  const { refundId } = command
  const question = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, refundId)
    const { refund, operation } = await lockUnknownRefund(tx, refundId)
    if (operation === undefined) throw new AppError('refund_state_conflict', { status: refund.status })
    return prepareQuestion(deps, tx, operation)
  })
  const asked = await askAboutRefund(deps, question)
  const decided = await deps.store.inTransaction(actor.tenant, async (tx) => {
    if (asked !== undefined) await recordRefundAnswer(deps, tx, actor, refundId, question, asked)
    const { operation } = await lockUnknownRefund(tx, refundId)
    if (operation?.id !== question.operation.id) return undefined
    await auditDecision(tx, actor, 'refund.resolved', refundId, command)
    const result = { kind: 'decided', outcome: command.outcome } as const
    return recordRefundResult(deps, tx, decidedBy(actor, command), { refundId, operationId: operation.id, result })
  })
  deps.nudge('deliveries')
  if (decided === undefined) throw new AppError('outcome_known', { refund_id: refundId })
  return decided
}

async function assertFits(tx: Tx, payment: PaymentRecord, { kind }: Operation, command: ResolvePayment): Promise<void> {
  const { outcome, gatewayPaymentId } = command
  if (kind === 'refund' || !OUTCOMES[kind].includes(outcome)) {
    throw new AppError('field_invalid', { field: 'outcome', reason: `is none of a call to ${kind}` })
  }
  const known = payment.gatewayPaymentId
  if (gatewayPaymentId === undefined) {
    if (known !== null || outcome === 'declined' || outcome === 'failed') return
    throw new AppError('field_invalid', { field: 'gateway_payment_id', reason: 'the gateway never named it: say it' })
  }
  const other =
    payment.gatewayAccountId === null
      ? undefined
      : await findPayment(tx, payment.gatewayAccountId, { gatewayPaymentId, reference: null })
  if ((known !== null && known !== gatewayPaymentId) || (other !== undefined && other.id !== payment.id)) {
    throw new AppError('field_invalid', { field: 'gateway_payment_id', reason: 'is that of another payment' })
  }
}

/** An attempt that worked held or took the whole amount; a capture took what it aimed at. */
function totalOf(payment: PaymentRecord, operation: Operation): { total: Money; final: boolean } {
  const { currency } = payment.amount
  if (operation.targetTotalMinor === null) return { total: payment.amount, final: true }
  return { total: money(operation.targetTotalMinor, currency), final: operation.final }
}

const OF_PAYMENT: readonly OperationKind[] = ['authorize', 'capture', 'void']

/** The call that nobody knows the outcome of, if there is one. */
async function lockUnknownPayment(
  tx: Tx,
  id: PaymentId,
): Promise<{ payment: PaymentRecord; operation: Operation | undefined }> {
  await lockOrderOfPayment(tx, id).catch(asPaymentNotFound)
  const payment = await lockPayment(tx, id)
  const open = await listOpenOperations(tx, id)
  const operation = open.find(({ kind, status }) => OF_PAYMENT.includes(kind) && status === 'unknown')
  const isOpen = operation?.kind !== 'authorize' || payment.status === 'unknown'
  return { payment, operation: isOpen ? operation : undefined }
}

async function lockUnknownRefund(
  tx: Tx,
  id: RefundId,
): Promise<{ refund: RefundRecord; operation: Operation | undefined }> {
  await lockOrderIfAny(tx, (await readRefund(tx, id)).paymentId)
  const refund = await lockRefund(tx, id)
  if (refund.status !== 'unknown') return { refund, operation: undefined }
  const open = await listOpenOperations(tx, refund.paymentId)
  return { refund, operation: open.find((candidate) => candidate.refundId === id && !candidate.toSend) }
}

async function recordPaymentAnswer(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  question: Question,
  asked: Call<PaymentReport>,
): Promise<void> {
  await lockOrderOfPayment(tx, question.payment.id)
  await insertExchange(tx, asked.exchange)
  const result = whenPageHasShut(settlePaymentAnswer(askedCall(question), asked.result), tx.now)
  const about = { paymentId: question.payment.id, operationId: question.operation.id }
  await recordPaymentResult(deps, tx, askedBy(actor), { ...about, result })
}

async function recordRefundAnswer(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  refundId: RefundId,
  question: Question,
  asked: Call<RefundReport>,
): Promise<void> {
  await lockOrderOfPayment(tx, question.payment.id)
  await insertExchange(tx, asked.exchange)
  const result = settleRefundAnswer(askedCall(question), asked.result)
  if (result === 'send') return
  await recordRefundResult(deps, tx, askedBy(actor), { refundId, operationId: question.operation.id, result })
}
