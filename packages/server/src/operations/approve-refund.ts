// The second person of a refund beyond the threshold. Whoever asked for it cannot approve or reject it, and twenty who
// approve at once send it once: the refund leaves awaiting_approval under the order's lock, before anything is sent.
import { isShort } from '../domain/dispute/decide.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import type { OperationId, PaymentId, RefundId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { listDisputeRows } from '../store/disputes.ts'
import { lockOrderIfAny } from '../store/orders.ts'
import { readPayment } from '../store/payments.ts'
import { lockRefund, readRefund } from '../store/refunds.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { recordGivenBack } from './refund-payment.ts'
import { openRefundCall } from './reserve-refund.ts'
import { sendRefund } from './send-refund.ts'
import { lockAllocated } from './write-allocations.ts'

export type DecideRefund = {
  readonly refundId: RefundId
  readonly note?: string
  readonly idempotency?: Idempotency
}

type Approved = {
  readonly gateway: OpenAccount
  readonly payment: PaymentRecord
  readonly refund: RefundRecord
  readonly operationId: OperationId
  readonly intendedAtMs: number
}

/**
 * Sends the refund and answers it as the gateway left it. One that is paid out by hand is through at once.
 * @throws AppError refund_not_found, refund_state_conflict, second_person_needed, refund_money_disputed,
 *   gateway_unavailable (nothing was sent; the refund is failed)
 */
export async function approveRefund(deps: Deps, actor: Actor, command: DecideRefund): Promise<RefundRecord> {
  const intendedAtMs = deps.clock.monotonicMs()
  const ready = await deps.store.inTransaction(actor.tenant, async (tx): Promise<Approved | RefundRecord> => {
    const refund = await decide(deps, tx, actor, command, 'approved')
    if (refund.givenBack !== null) {
      const given = await recordGivenBack(deps, tx, actor, refund)
      await command.idempotency?.settle(tx, given)
      return given
    }
    const payment = await readPayment(tx, refund.paymentId)
    const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
    const operationId = await openRefundCall(deps, tx, refund, false)
    return { gateway, payment, refund, operationId, intendedAtMs }
  })
  if ('operationId' in ready) return sendRefund(deps, actor, { ...ready, idempotency: command.idempotency })
  deps.nudge('deliveries')
  return ready
}

/** Nothing is sent and the amount can be refunded again. @throws AppError as approveRefund, without the last two */
export async function rejectRefund(deps: Deps, actor: Actor, command: DecideRefund): Promise<RefundRecord> {
  const refund = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const rejected = await decide(deps, tx, actor, command, 'rejected')
    await command.idempotency?.settle(tx, rejected)
    return rejected
  })
  deps.nudge('deliveries')
  return refund
}

async function decide(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  { refundId, note = '', idempotency }: DecideRefund,
  kind: 'approved' | 'rejected',
): Promise<RefundRecord> {
  await idempotency?.claim(tx, refundId)
  const { paymentId } = await readRefund(tx, refundId)
  if ((await lockOrderIfAny(tx, paymentId)) === undefined) await lockAllocated(tx, paymentId)
  const refund = await lockRefund(tx, refundId)
  if (refund.status !== 'awaiting_approval') throw new AppError('refund_state_conflict', { status: refund.status })
  const by = actorName(actor)
  if (refund.requestedBy === by) throw new AppError('second_person_needed', { requested_by: by })
  if (kind === 'approved') await assertUndisputed(tx, paymentId)
  await insertAudit(tx, {
    actor: by,
    action: `refund.${kind}`,
    objectId: refundId,
    requestId: actor.requestId,
    details: { requested_by: refund.requestedBy, note },
  })
  const source = { cause: 'person', actor: by, requestId: actor.requestId } as const
  return recordRefundResult(deps, tx, source, { refundId, operationId: null, result: { kind, by } })
}

/** A dispute that found less than it asks for waits for what this refund has: sent, it would be paid out twice. */
async function assertUndisputed(tx: Tx, paymentId: PaymentId): Promise<void> {
  const disputes = await listDisputeRows(tx, { paymentId, status: null, orderId: null, before: null, limit: 1_000 })
  const short = disputes.find(isShort)
  if (short !== undefined) throw new AppError('refund_money_disputed', { dispute_id: short.id })
}
