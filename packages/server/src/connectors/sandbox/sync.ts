// Asks what became of a payment: by the gateway's id once we know it, else by our reference.
import type { PaymentReport } from '../../domain/payment/report.ts'
import type { Exchange, SyncInput } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, PaymentReply, refused } from './wire.ts'

export const sync: Exchange<SyncInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'GET',
    url: endpoint(
      credentials,
      input.gatewayPaymentId === null
        ? `/payments/by-reference/${encodeURIComponent(input.reference)}`
        : `/payments/${encodeURIComponent(input.gatewayPaymentId)}`,
    ),
    headers: headers(credentials),
  }),

  fromReply: (reply, input) =>
    readReply(reply, PaymentReply, (body, status) => {
      if (!('error' in body)) return paymentResult(body)
      if (status !== 404 || body.error.code !== 'NOT_FOUND') return refused(body, status)
      // An id came from the gateway itself, so "not found" cannot mean that it never saw the payment.
      if (input.gatewayPaymentId !== null) {
        return { kind: 'unknown', reason: 'The gateway does not know a payment that it named.' }
      }
      return { kind: 'absent' }
    }),
}
