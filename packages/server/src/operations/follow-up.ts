// What a capture and a void have in common: write the intent and commit, call the gateway with no transaction open,
// record its answer. The operation of a capture remembers which total it aims at, so that whoever brings the news later
// can tell whether this capture has worked. Only one of the two is under way at a time.
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { OperationId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { add, isGreater, isPositive, subtract } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertOperation, listOpenOperations } from '../store/operations.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { lockPayment } from '../store/payments.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway, openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { recordReply } from './record-reply.ts'
import { recordPaymentResult } from './record-result.ts'
import { asPaymentNotFound } from './refund-payment.ts'

export type FollowUpCommand = {
  readonly paymentId: PaymentId
  readonly idempotency?: Idempotency
}

type Wanted = FollowUpCommand & { readonly kind: 'capture' | 'void'; readonly amount?: Money; readonly final: boolean }

type Intent = {
  readonly kind: 'capture' | 'void'
  readonly payment: PaymentRecord
  readonly gateway: OpenAccount
  readonly operationId: OperationId
  readonly amount: Money
  readonly final: boolean
}

/**
 * @throws AppError payment_not_found, payment_state_conflict, capture_exceeds_authorized, operation_in_progress,
 *   not_supported_by_gateway, gateway_unavailable (nothing was sent)
 */
export async function followUp(deps: Deps, actor: Actor, wanted: Wanted): Promise<PaymentRecord> {
  const intendedAtMs = deps.clock.monotonicMs()
  const intent = await deps.store.inTransaction(actor.tenant, (tx) => intend(deps, tx, actor, wanted))
  return carryOut(deps, actor, intent, { intendedAtMs, idempotency: wanted.idempotency })
}

async function intend(deps: Deps, tx: Tx, actor: Actor, wanted: Wanted): Promise<Intent> {
  const operationId = OperationId.create(deps.clock.now())
  // A retry after a crash reads the payment: the operation's outcome shows there.
  await wanted.idempotency?.claim(tx, wanted.paymentId)
  await lockOrderOfPayment(tx, wanted.paymentId).catch(asPaymentNotFound)
  const payment = await lockPayment(tx, wanted.paymentId)
  const amount = amountOf(payment, wanted)
  const open = await listOpenOperations(tx, payment.id)
  const busy = open.find(({ kind }) => kind !== 'refund' && kind !== 'question')
  if (busy !== undefined) throw new AppError('operation_in_progress', { operation: busy.kind })
  const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  if (gateway.connector[wanted.kind] === undefined) {
    throw new AppError('not_supported_by_gateway', { operation: wanted.kind })
  }
  await insertOperation(tx, {
    id: operationId,
    paymentId: payment.id,
    refundId: null,
    kind: wanted.kind,
    amount,
    final: wanted.final,
    targetTotal: wanted.kind === 'capture' ? add(payment.amountCaptured, amount) : null,
    toSend: false,
    dueAt: addMs(tx.now, FIRST_QUESTION_MS),
  })
  await insertAudit(tx, {
    actor: actorName(actor),
    action: `payment.${wanted.kind}_started`,
    objectId: payment.id,
    requestId: actor.requestId,
    details: { amount: amount.minor.toString(), currency: amount.currency, operation_id: operationId },
  })
  return { kind: wanted.kind, payment, gateway, operationId, amount, final: wanted.final }
}

function amountOf(payment: PaymentRecord, wanted: Wanted): Money {
  const held = payment.status === 'authorized' || (payment.status === 'captured' && !payment.captureFinal)
  const left = subtract(payment.amountAuthorized, payment.amountCaptured)
  if (!held || !isPositive(left) || payment.gatewayPaymentId === null) {
    throw new AppError('payment_state_conflict', { status: payment.status })
  }
  const amount = wanted.amount ?? left
  if (amount.currency !== left.currency) {
    throw new AppError('amount_invalid', { field: 'currency', expected: left.currency })
  }
  if (isGreater(amount, left)) {
    throw new AppError('capture_exceeds_authorized', {
      field: 'amount',
      left: left.minor.toString(),
      currency: left.currency,
    })
  }
  return amount
}

type Request = { readonly intendedAtMs: number; readonly idempotency: Idempotency | undefined }

async function carryOut(deps: Deps, actor: Actor, intent: Intent, request: Request): Promise<PaymentRecord> {
  const { payment, gateway, operationId } = intent
  const exchange = gateway.connector[intent.kind]
  if (exchange === undefined || payment.gatewayPaymentId === null) throw new Error('unreachable: checked in intend')
  const call = await callGateway(deps, gateway, {
    kind: intent.kind,
    exchange,
    input: {
      operationId,
      gatewayPaymentId: payment.gatewayPaymentId,
      reference: payment.reference,
      amount: intent.amount,
      final: intent.final,
      gatewayTry: payment.facts.gatewayTry ?? null,
    },
    paymentId: payment.id,
    operationId,
    intendedAtMs: request.intendedAtMs,
  })
  return recordReply(deps, actor, {
    call,
    idempotency: request.idempotency,
    names: 'payment_id',
    record: (tx, source) =>
      recordPaymentResult(deps, tx, source, { paymentId: payment.id, operationId, result: call.result }),
  })
}
