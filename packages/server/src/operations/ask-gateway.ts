// Asks the gateway about a call that has no outcome, before a person decides it (resolve-operation.ts). The job that
// asks on a schedule is sync-operation.ts: it may also send, which nobody may who only wants to know.
import type { AskedCall } from '../domain/operation/answer.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentReport, RefundReport } from '../domain/payment/report.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { invariant } from '../kernel/errors.ts'
import type { Tx } from '../store/db.ts'
import type { Operation } from '../store/operations.ts'
import { readPayment } from '../store/payments.ts'
import { readRefund } from '../store/refunds.ts'
import type { Deps } from './deps.ts'
import { callGateway, openGatewayAccount, questionAbout } from './gateway.ts'
import type { Call, OpenAccount } from './gateway.ts'

export type Question = {
  readonly operation: Operation
  readonly payment: PaymentRecord
  readonly refund: RefundRecord | undefined
  readonly gateway: OpenAccount
  /** Whether the call can certainly not be on its way any more. */
  readonly settled: boolean
}

export async function prepareQuestion(deps: Deps, tx: Tx, operation: Operation): Promise<Question> {
  const payment = await readPayment(tx, operation.paymentId)
  const refund = operation.refundId === null ? undefined : await readRefund(tx, operation.refundId)
  const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  const age = tx.now.getTime() - operation.startedAt.getTime()
  return { operation, payment, refund, gateway, settled: age >= gateway.connector.absentGraceMs }
}

export function askAboutPayment(deps: Deps, { operation, payment, gateway }: Question): Promise<Call<PaymentReport>> {
  return callGateway(deps, gateway, {
    kind: 'sync',
    exchange: gateway.connector.sync,
    input: questionAbout(payment),
    paymentId: payment.id,
    operationId: operation.id,
  })
}

/** Undefined where the gateway cannot be asked about a refund. */
export async function askAboutRefund(
  deps: Deps,
  { operation, payment, refund, gateway }: Question,
): Promise<Call<RefundReport> | undefined> {
  invariant(refund !== undefined && payment.gatewayPaymentId !== null, 'A refund is of a payment the gateway knows.')
  const exchange = gateway.connector.syncRefund
  if (exchange === undefined) return undefined
  return callGateway(deps, gateway, {
    kind: 'sync_refund',
    exchange,
    input: {
      reference: refund.reference,
      gatewayRefundId: refund.gatewayRefundId,
      gatewayPaymentId: payment.gatewayPaymentId,
      amount: refund.amount,
    },
    paymentId: payment.id,
    operationId: operation.id,
  })
}

/** The call that the question is about, as domain/operation/answer.ts judges the answer. */
export function askedCall({ operation, settled }: Question): AskedCall {
  const { kind, toSend, targetTotalMinor } = operation
  return { kind, toSend, targetTotalMinor, settled }
}
