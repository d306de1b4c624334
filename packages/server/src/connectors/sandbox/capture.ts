// Takes part or all of a hold. The operation's id is the Idempotency-Key: a repeat shows the payment as it stands.
import type { PaymentReport } from '../../domain/payment/report.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type { Exchange, FollowUpInput } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { toDecline } from './decline-codes.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, PaymentReply, refused } from './wire.ts'

export const capture: Exchange<FollowUpInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/payments/${encodeURIComponent(input.gatewayPaymentId)}/capture`),
    headers: headers(credentials, input.operationId),
    body: JSON.stringify({
      amount: formatDecimal(input.amount),
      currency: input.amount.currency,
      final: input.final,
    }),
  }),

  fromReply: (reply) =>
    readReply(reply, PaymentReply, (body, status) => {
      if (!('error' in body)) return paymentResult(body)
      // The issuer refused this capture; the hold stands. The detail is the issuer's code.
      if (status === 402 && body.error.code === 'CAPTURE_REJECTED') {
        return { kind: 'declined', decline: toDecline(body.error.detail ?? 'none') }
      }
      return refused(body, status)
    }),
}
