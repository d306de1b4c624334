// The call of a refund whose intent is committed: with no transaction open, and its answer through the one door.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { AppError } from '../kernel/errors.ts'
import type { OperationId } from '../kernel/ids.ts'
import { insertExchange } from '../store/payment-history.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import { recordRefundResult } from './record-refund-result.ts'

type Ready = {
  readonly gateway: OpenAccount
  readonly payment: PaymentRecord
  readonly refund: RefundRecord
  readonly operationId: OperationId
  /** The monotonic time at which it was intended: it must not leave long after that. */
  readonly intendedAtMs: number
}

/** @throws AppError gateway_unavailable (nothing was sent; the refund is failed) */
export async function sendRefund(deps: Deps, actor: Actor, ready: Ready): Promise<RefundRecord> {
  const { gateway, payment, refund, operationId, ...timing } = ready
  const exchange = gateway.connector.refund
  if (exchange === undefined || payment.gatewayPaymentId === null) throw new Error('unreachable: checked before')
  const call = await callGateway(deps, gateway, {
    kind: 'refund',
    exchange,
    input: {
      reference: refund.reference,
      gatewayPaymentId: payment.gatewayPaymentId,
      amount: refund.amount,
      reason: refund.reason,
    },
    paymentId: payment.id,
    operationId,
    ...timing,
  })
  const recorded = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    const source = { cause: 'reply', actor: actorName(actor), requestId: actor.requestId } as const
    return recordRefundResult(deps, tx, source, { refundId: refund.id, operationId, result: call.result })
  })
  deps.nudge('deliveries')
  if (call.notSent) throw new AppError('gateway_unavailable', { refund_id: refund.id, retry_after_seconds: 5 })
  return recorded
}
