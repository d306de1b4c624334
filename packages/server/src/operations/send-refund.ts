// The call of a refund whose intent is committed: with no transaction open, and its answer through the one door.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import type { OperationId } from '../kernel/ids.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { recordRefundResult } from './record-refund-result.ts'
import { recordReply } from './record-reply.ts'

type Ready = {
  readonly gateway: OpenAccount
  readonly payment: PaymentRecord
  readonly refund: RefundRecord
  readonly operationId: OperationId
  /** The monotonic time at which it was intended: it must not leave long after that. */
  readonly intendedAtMs: number
  /** Of the request that asks for it, when that has a key. */
  readonly idempotency?: Idempotency | undefined
}

/** @throws AppError gateway_unavailable (nothing was sent; the refund is failed) */
export async function sendRefund(deps: Deps, actor: Actor, ready: Ready): Promise<RefundRecord> {
  const { gateway, payment, refund, operationId, intendedAtMs, idempotency } = ready
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
    intendedAtMs,
  })
  return recordReply(deps, actor, {
    call,
    idempotency,
    names: 'refund_id',
    record: (tx, source) =>
      recordRefundResult(deps, tx, source, { refundId: refund.id, operationId, result: call.result }),
  })
}
