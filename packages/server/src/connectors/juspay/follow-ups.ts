// Takes or gives back what an order holds (wire juspay 3.2): the transaction is named, the order is answered. Our
// operation's id is the idempotence_key. A capture has no way to release the rest: Juspay's gateway does that itself.
import type { PaymentReport } from '../../domain/payment/report.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type { Exchange, FollowUpInput } from '../contract/connector.ts'
import { orderResult } from './order-report.ts'
import { readOrder } from './read-order.ts'
import type { JuspayCredentials } from './wire.ts'
import { requestOf } from './wire.ts'

export const capture = followUp('capture')
export const voidHold = followUp('void')

function followUp(command: 'capture' | 'void'): Exchange<FollowUpInput, JuspayCredentials, PaymentReport> {
  return {
    toRequest: (input, credentials) => {
      const transaction = encodeURIComponent(input.gatewayTry ?? input.gatewayPaymentId)
      const amount: Record<string, string> = command === 'capture' ? { amount: formatDecimal(input.amount) } : {}
      return requestOf(
        credentials,
        { method: 'POST', path: `/v2/txns/${transaction}/${command}`, routing: input.gatewayPaymentId },
        { form: { ...amount, idempotence_key: input.operationId } },
      )
    },
    fromReply: (reply, { gatewayPaymentId }) =>
      readOrder(reply, (order) => orderResult(order, { onPage: true, gatewayPaymentId })),
  }
}
