// Asks what became of an order: GET /orders/:order_id (wire juspay 2.3), by our reference, which is its name there.
import type { PaymentReport } from '../../domain/payment/report.ts'
import type { Exchange, SyncInput } from '../contract/connector.ts'
import { orderResult } from './order-report.ts'
import { orderPath, readOrder } from './read-order.ts'
import type { JuspayCredentials } from './wire.ts'
import { requestOf } from './wire.ts'

export const sync: Exchange<SyncInput, JuspayCredentials, PaymentReport> = {
  toRequest: (input, credentials) => {
    const name = input.gatewayPaymentId ?? input.reference
    return requestOf(credentials, { method: 'GET', path: orderPath(name), routing: name })
  },

  fromReply: (reply, input) =>
    // An order that Juspay told us of cannot be one that it never saw.
    input.gatewayPaymentId === null
      ? readOrder(reply, (order) => orderResult(order, input), { kind: 'absent' })
      : readOrder(reply, (order) => orderResult(order, input)),
}
