// Gives captured money back. The gateway takes the refund as processing; its outcome comes by notification or by
// asking. Our refund's reference is the idempotency key.
import type { RefundReport } from '../../domain/payment/report.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type { Exchange, RefundInput } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { refundResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, RefundReply, refused } from './wire.ts'

export const refund: Exchange<RefundInput, SandboxCredentials, RefundReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, '/refunds'),
    headers: headers(credentials),
    body: JSON.stringify({
      payment_id: input.gatewayPaymentId,
      reference: input.reference,
      amount: formatDecimal(input.amount),
      currency: input.amount.currency,
      reason: input.reason,
    }),
  }),

  fromReply: (reply) =>
    readReply(reply, RefundReply, (body, status) => ('error' in body ? refused(body, status) : refundResult(body))),
}
