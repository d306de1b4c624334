// Asks what became of a refund: by the gateway's id once we know it, else by our reference.
import type { RefundReport } from '../../domain/payment/report.ts'
import type { Exchange, SyncRefundInput } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { refundResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, RefundReply, refused } from './wire.ts'

export const syncRefund: Exchange<SyncRefundInput, SandboxCredentials, RefundReport> = {
  toRequest: (input, credentials) => ({
    method: 'GET',
    url: endpoint(
      credentials,
      input.gatewayRefundId === null
        ? `/refunds/by-reference/${encodeURIComponent(input.reference)}`
        : `/refunds/${encodeURIComponent(input.gatewayRefundId)}`,
    ),
    headers: headers(credentials),
  }),

  fromReply: (reply, input) =>
    readReply(reply, RefundReply, (body, status) => {
      if (!('error' in body)) return refundResult(body)
      if (status !== 404 || body.error.code !== 'NOT_FOUND') return refused(body, status)
      if (input.gatewayRefundId !== null) {
        return { kind: 'unknown', reason: 'The gateway does not know a refund that it named.' }
      }
      return { kind: 'absent' }
    }),
}
