// Releases a hold. The operation's id is the Idempotency-Key.
import type { PaymentReport } from '../../domain/payment/report.ts'
import type { Exchange, FollowUpInput } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, PaymentReply, refused } from './wire.ts'

export const voidHold: Exchange<FollowUpInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/payments/${encodeURIComponent(input.gatewayPaymentId)}/void`),
    headers: headers(credentials, input.operationId),
    body: '{}',
  }),

  fromReply: (reply) =>
    readReply(reply, PaymentReply, (body, status) => ('error' in body ? refused(body, status) : paymentResult(body))),
}
