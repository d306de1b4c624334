// Ends a payment that still waits for its payer. There is no key to send: a repeat finds it ended and says so.
import type { PaymentReport } from '../../domain/payment/report.ts'
import type { CancelInput, Exchange } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, PaymentReply, refused } from './wire.ts'

export const cancel: Exchange<CancelInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/payments/${encodeURIComponent(input.gatewayPaymentId)}/cancel`),
    headers: headers(credentials),
    body: '{}',
  }),

  fromReply: (reply) =>
    readReply(reply, PaymentReply, (body, status) => ('error' in body ? refused(body, status) : paymentResult(body))),
}
