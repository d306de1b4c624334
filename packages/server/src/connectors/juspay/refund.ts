// Gives captured money back: POST /orders/:order_id/refunds by our refund's reference (wire juspay 2.5), which Juspay
// takes once per order. What became of it is told by the order's status alone. `duplicate.call` may mean that this very
// refund is there, or another of the same amount a moment ago: only asking tells, so it is unknown.
import { Value } from 'typebox/value'
import type { RefundReport } from '../../domain/payment/report.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type { Exchange, RefundInput, Result, SyncRefundInput } from '../contract/connector.ts'
import { toRefundReport } from './order-report.ts'
import { orderPath, readOrder } from './read-order.ts'
import type { JuspayCredentials, JuspayOrder } from './wire.ts'
import { JuspayRefund, readMoney, requestOf, textAt } from './wire.ts'

export const refund: Exchange<RefundInput, JuspayCredentials, RefundReport> = {
  toRequest: (input, credentials) =>
    requestOf(
      credentials,
      { method: 'POST', path: `${orderPath(input.gatewayPaymentId)}/refunds`, routing: input.gatewayPaymentId },
      { form: { unique_request_id: input.reference, amount: formatDecimal(input.amount) } },
    ),

  fromReply: (reply, input) =>
    readOrder(
      reply,
      (order) =>
        ownRefund(order, input.reference) ?? { kind: 'unknown', reason: 'The reply does not show the refund.' },
    ),
}

export const syncRefund: Exchange<SyncRefundInput, JuspayCredentials, RefundReport> = {
  toRequest: (input, credentials) => {
    const path = `${orderPath(input.gatewayPaymentId)}?unique_request_id=${encodeURIComponent(input.reference)}`
    return requestOf(credentials, { method: 'GET', path, routing: input.gatewayPaymentId })
  },

  fromReply: (reply, input) =>
    readOrder(reply, (order): Result<RefundReport> => {
      const own = ownRefund(order, input.reference)
      if (own !== undefined) return own
      if (order.order_id.toLowerCase() !== input.gatewayPaymentId.toLowerCase() || !isWhole(order)) {
        return { kind: 'unknown', reason: 'The reply does not show the refunds of this order.' }
      }
      if (input.gatewayRefundId === null) return { kind: 'absent' }
      return { kind: 'unknown', reason: 'The gateway does not know a refund that it named.' }
    }),
}

/** Whether the list can be believed to be all: each can be read, and together they are what the order says. */
function isWhole({ refunds, amount_refunded: total, currency }: JuspayOrder): boolean {
  const listed = refunds ?? []
  if (!listed.every((one) => Value.Check(JuspayRefund, one))) return false
  const amounts = listed.filter(({ status }) => status !== 'FAILURE').map(({ amount }) => readMoney(amount, currency))
  const sum = amounts.reduce((minor, amount) => minor + (amount?.minor ?? 0n), 0n)
  return sum >= (readMoney(total ?? 0, currency)?.minor ?? 0n)
}

function ownRefund(order: JuspayOrder, reference: string): Result<RefundReport> | undefined {
  const found = (order.refunds ?? []).find((one) => textAt(one, 'unique_request_id') === reference)
  if (found === undefined) return undefined
  const report = toRefundReport(found, order)
  if (report !== undefined) return { kind: 'report', report }
  return { kind: 'unknown', reason: 'The reply names a status or an amount that this connector does not know.' }
}
