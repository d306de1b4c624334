// Writes the intent of a refund: the amount is reserved on the payment, the refund exists, its call is due. Must run
// with the order locked. Whatever entry a refund comes through, the cap is checked here and held by the payment's row.
import { postingsForRefund, refundAccounts } from '../domain/ledger/posting.ts'
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { refundable } from '../domain/refund/decide.ts'
import type { GivenBack, RefundRecord } from '../domain/refund/refund.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { OperationId, RefundId } from '../kernel/ids.ts'
import { add, isGreater, isZero } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { insertOperation } from '../store/operations.ts'
import { insertPostings } from '../store/payment-history.ts'
import { savePayment } from '../store/payments.ts'
import { insertRefund } from '../store/refunds.ts'
import { announceRefund } from './announce.ts'
import type { Deps } from './deps.ts'
import { gatewayName } from './gateway.ts'

export type Reservation = {
  readonly payment: PaymentRecord
  readonly refund: RefundRecord
  /** Null while it waits for a second person, and where a person pays it out: there is no call. */
  readonly operationId: OperationId | null
}

/** @throws AppError payment_state_conflict, refund_exceeds_captured */
export async function reserveRefund(
  deps: Deps,
  tx: Tx,
  payment: PaymentRecord,
  wanted: Pick<RefundRecord, 'amount' | 'reason' | 'note' | 'automatic' | 'merchantReference'> & {
    /** Paid out by a person: there is no call. Always so where there is no gateway. */
    givenBack?: GivenBack | null
    toSend: boolean
    /** When the worker looks at it first. Absent: now where it is to send, else once a reply may be overdue. */
    dueAt?: Date
    id?: RefundId
  },
  asked: { by: string | null; needsApproval: boolean } = { by: null, needsApproval: false },
): Promise<Reservation> {
  if (isZero(payment.amountCaptured)) throw new AppError('payment_state_conflict', { status: payment.status })
  const left = refundable(payment)
  if (isGreater(wanted.amount, left)) {
    throw new AppError('refund_exceeds_captured', {
      field: 'amount',
      refundable: left.minor.toString(),
      currency: left.currency,
    })
  }
  const givenBack = wanted.givenBack ?? null
  invariant((payment.gatewayAccountId === null) === (givenBack !== null), 'By a gateway or by hand, never both.')
  const id = wanted.id ?? RefundId.create(deps.clock.now())
  const saved = await savePayment(tx, payment, {
    ...payment,
    amountRefundPending: add(payment.amountRefundPending, wanted.amount),
  })
  const refund = await insertRefund(tx, {
    id,
    paymentId: payment.id,
    orderId: payment.orderId,
    gatewayAccountId: payment.gatewayAccountId,
    // Ours, stable across retries, at most 30 characters: the gateway's idempotency key.
    reference: await gatewayName(deps, tx, payment.gatewayAccountId, id),
    gatewayRefundId: null,
    amount: wanted.amount,
    reason: wanted.reason,
    note: wanted.note,
    merchantReference: wanted.merchantReference ?? null,
    automatic: wanted.automatic,
    status: asked.needsApproval ? 'awaiting_approval' : 'pending',
    requestedBy: asked.by,
    needsApproval: asked.needsApproval,
    givenBack,
  })
  const operationId =
    asked.needsApproval || givenBack !== null
      ? null
      : await openRefundCall(deps, tx, refund, wanted.toSend, wanted.dueAt)
  await insertPostings(
    tx,
    deps.clock,
    { paymentId: payment.id, refundId: refund.id, paymentVersion: saved.version },
    postingsForRefund(undefined, refund.status, wanted.amount, refundAccounts(payment, refund)),
  )
  await announceRefund(tx, refund)
  return { payment: saved, refund, operationId }
}

/** Writes down the call of a refund before it leaves. `toSend`: the worker sends it, asking first. */
export async function openRefundCall(
  deps: Deps,
  tx: Tx,
  refund: RefundRecord,
  toSend: boolean,
  dueAt: Date = toSend ? tx.now : addMs(tx.now, FIRST_QUESTION_MS),
): Promise<OperationId> {
  const id = OperationId.create(deps.clock.now())
  await insertOperation(tx, {
    id,
    paymentId: refund.paymentId,
    refundId: refund.id,
    kind: 'refund',
    amount: refund.amount,
    final: true,
    targetTotal: null,
    toSend,
    dueAt,
  })
  return id
}
