// Gives captured money back: reserve and commit, call the gateway with no transaction open, record what it said.
// Beyond the merchant's threshold nothing is sent before a second person approves (approve-refund.ts).
// Several refunds of one payment may be under way at once; together they never exceed what was captured.
import type { RefundReason, RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import { RefundId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { insertAudit } from '../store/audit.ts'
import { lockPayment } from '../store/payments.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { needsSecondPerson } from '../store/refund-approval.ts'
import { isRefundReferenceTaken } from '../store/refunds.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { reserveRefund } from './reserve-refund.ts'
import type { Reservation } from './reserve-refund.ts'
import { sendRefund } from './send-refund.ts'

export type RefundCommand = {
  readonly paymentId: PaymentId
  /** Never absent: a missing amount is not a full refund. */
  readonly amount: Money
  readonly reason: RefundReason
  readonly note?: string
  /** The merchant's own, unique per order: a second refund by it is refused. */
  readonly reference?: string
  readonly idempotency?: Idempotency
}

/**
 * @throws AppError payment_not_found, payment_state_conflict, amount_invalid (another currency),
 *   refund_reference_taken, refund_exceeds_captured, not_supported_by_gateway, gateway_unavailable (nothing was sent;
 *   the refund is failed)
 */
export async function refundPayment(deps: Deps, actor: Actor, command: RefundCommand): Promise<RefundRecord> {
  const intendedAtMs = deps.clock.monotonicMs()
  const { gateway, reservation } = await deps.store.inTransaction(actor.tenant, (tx) =>
    intend(deps, tx, actor, command),
  )
  const { payment, refund, operationId } = reservation
  if (operationId !== null) {
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
): Promise<{ gateway: OpenAccount; reservation: Reservation }> {
  const id = RefundId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  await lockOrderOfPayment(tx, command.paymentId).catch(asPaymentNotFound)
  const payment = await lockPayment(tx, command.paymentId)
  if (command.amount.currency !== payment.amount.currency) {
    throw new AppError('amount_invalid', { field: 'currency', expected: payment.amount.currency })
  }
  // Before anything that depends on the balance: the first refund by this reference may have used it up.
  if (command.reference !== undefined && (await isRefundReferenceTaken(tx, payment.orderId, command.reference))) {
    throw new AppError('refund_reference_taken', { field: 'reference' })
  }
  if (payment.status !== 'captured' || payment.gatewayPaymentId === null) {
    throw new AppError('payment_state_conflict', { status: payment.status })
  }
  const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  if (gateway.connector.refund === undefined) throw new AppError('not_supported_by_gateway', { operation: 'refund' })
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
    },
    { by: actorName(actor), needsApproval: await needsSecondPerson(tx, command.amount) },
  )
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'refund.created',
    objectId: id,
    requestId: actor.requestId,
    details: { payment_id: payment.id, amount: command.amount.minor.toString(), currency: command.amount.currency },
  })
  return { gateway, reservation }
}

export function asPaymentNotFound(error: unknown): never {
  if (error instanceof AppError && error.code === 'order_not_found') throw new AppError('payment_not_found')
  throw error
}
