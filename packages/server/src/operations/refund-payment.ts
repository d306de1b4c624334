// Gives captured money back: reserve and commit, call the gateway with no transaction open, record what it said. Money
// that no gateway took is paid out by a person, who says how; that is recorded at once.
// Beyond the merchant's threshold nothing is sent before a second person approves (approve-refund.ts).
// Several refunds of one payment may be under way at once; together they never exceed what was captured.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { GivenBack, RefundReason, RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import { RefundId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { insertAudit } from '../store/audit.ts'
import { lockPayment } from '../store/payments.ts'
import { readOfflinePayment } from '../store/offline-payments.ts'
import { lockOrderIfAny } from '../store/orders.ts'
import { needsSecondPerson } from '../store/refund-approval.ts'
import { isRefundReferenceTaken } from '../store/refunds.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { reserveRefund } from './reserve-refund.ts'
import type { Reservation } from './reserve-refund.ts'
import { sendRefund } from './send-refund.ts'
import { lockAllocated } from './write-allocations.ts'

export type RefundCommand = {
  readonly paymentId: PaymentId
  /** Never absent: a missing amount is not a full refund. */
  readonly amount: Money
  readonly reason: RefundReason
  readonly note?: string
  /** The merchant's own, unique per order: a second refund by it is refused. */
  readonly reference?: string
  /** How it was paid out by hand: needed where no gateway took the money, and refused where one did. */
  readonly givenBack?: GivenBack
  readonly idempotency?: Idempotency
}

/**
 * @throws AppError payment_not_found, payment_state_conflict, amount_invalid (another currency),
 *   refund_reference_taken, refund_exceeds_captured, not_supported_by_gateway, field_invalid, gateway_unavailable
 *   (nothing was sent; the refund is failed)
 */
export async function refundPayment(deps: Deps, actor: Actor, command: RefundCommand): Promise<RefundRecord> {
  const intendedAtMs = deps.clock.monotonicMs()
  const { gateway, reservation } = await deps.store.inTransaction(actor.tenant, (tx) =>
    intend(deps, tx, actor, command),
  )
  const { payment, refund, operationId } = reservation
  if (operationId !== null && gateway !== null) {
    const { idempotency } = command
    return sendRefund(deps, actor, { gateway, payment, refund, operationId, intendedAtMs, idempotency })
  }
  deps.nudge('deliveries')
  return refund
}

async function intend(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  command: RefundCommand,
): Promise<{ gateway: OpenAccount | null; reservation: Reservation }> {
  const id = RefundId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  const payment = await lockRefundable(tx, command.paymentId)
  if (command.amount.currency !== payment.amount.currency) {
    throw new AppError('amount_invalid', { field: 'currency', expected: payment.amount.currency })
  }
  // Before anything that depends on the balance: the first refund by this reference may have used it up.
  const { orderId } = payment
  if (
    command.reference !== undefined &&
    orderId !== null &&
    (await isRefundReferenceTaken(tx, orderId, command.reference))
  ) {
    throw new AppError('refund_reference_taken', { field: 'reference' })
  }
  const byHand = payment.gatewayAccountId === null
  if (payment.status !== 'captured' || (!byHand && payment.gatewayPaymentId === null)) {
    throw new AppError('payment_state_conflict', { status: payment.status })
  }
  const gateway = byHand ? null : await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  const isAble = gateway === null || gateway.connector.refund !== undefined
  if (!isAble) throw new AppError('not_supported_by_gateway', { operation: 'refund' })
  const givenBack = await howGivenBack(tx, payment, command.givenBack)
  const reservation = await reserveRefund(
    deps,
    tx,
    payment,
    {
      id,
      amount: command.amount,
      reason: command.reason,
      note: command.note ?? '',
      merchantReference: command.reference ?? null,
      automatic: false,
      toSend: false,
      givenBack,
    },
    { by: actorName(actor), needsApproval: await needsSecondPerson(tx, command.amount) },
  )
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'refund.created',
    objectId: id,
    requestId: actor.requestId,
    details: {
      payment_id: payment.id,
      amount: command.amount.minor.toString(),
      currency: command.amount.currency,
      ...(givenBack === null ? {} : { way: givenBack.way, way_reference: givenBack.reference, given_by: givenBack.by }),
    },
  })
  const { refund } = reservation
  if (givenBack === null || refund.status !== 'pending') return { gateway, reservation }
  const given = await recordGivenBack(deps, tx, actor, refund)
  await command.idempotency?.settle(tx, given)
  return { gateway, reservation: { ...reservation, refund: given } }
}

/** What was reserved has been paid out: the refund is through. */
export function recordGivenBack(deps: Deps, tx: Tx, actor: Actor, { id }: RefundRecord): Promise<RefundRecord> {
  const source = { cause: 'person', actor: actorName(actor), requestId: actor.requestId } as const
  return recordRefundResult(deps, tx, source, { refundId: id, operationId: null, result: { kind: 'given_back' } })
}

/** The order first. Of money on account: all that its refund may have to take back, as the door locks it. */
async function lockRefundable(tx: Tx, id: PaymentId): Promise<PaymentRecord> {
  const order = await lockOrderIfAny(tx, id)
  return order === undefined ? (await lockAllocated(tx, id)).payment : lockPayment(tx, id)
}

/** Null where the gateway does it. @throws AppError field_invalid, payment_state_conflict */
async function howGivenBack(tx: Tx, payment: PaymentRecord, told: GivenBack | undefined): Promise<GivenBack | null> {
  if (payment.gatewayAccountId !== null) {
    if (told === undefined) return null
    throw new AppError('field_invalid', { field: 'given_back', reason: 'the gateway gives this money back' })
  }
  if (told === undefined) {
    throw new AppError('field_invalid', { field: 'given_back', reason: 'is missing: no gateway took this money' })
  }
  // Nobody pays money out for a paper that its bank may yet return.
  if (payment.method === 'cheque' && (await readOfflinePayment(tx, payment.id)).status === 'recorded') {
    throw new AppError('payment_state_conflict', { reason: 'the cheque has not cleared' })
  }
  const reference = told.reference?.trim() ?? ''
  if (reference === '' && told.way !== 'cash') {
    throw new AppError('field_invalid', { field: 'given_back.reference', reason: 'is missing' })
  }
  if (told.by.trim() === '') throw new AppError('field_invalid', { field: 'given_back.by', reason: 'is empty' })
  if (told.at.getTime() > tx.now.getTime()) {
    throw new AppError('field_invalid', { field: 'given_back.at', reason: 'is in the future' })
  }
  return { way: told.way, reference: reference === '' ? null : reference, at: told.at, by: told.by.trim() }
}

export function asPaymentNotFound(error: unknown): never {
  if (error instanceof AppError && error.code === 'order_not_found') throw new AppError('payment_not_found')
  throw error
}
