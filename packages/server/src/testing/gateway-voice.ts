// Lets a test speak for the sandbox gateway: change its book behind Purser's back and send notifications that are
// signed as the gateway signs them, in whatever order and with whatever content the test wants.
import { randomUUID } from 'node:crypto'
import { hmacSha256 } from '../kernel/hmac.ts'
import { GatewayAccountId } from '../kernel/ids.ts'
import { openGatewayAccount } from '../operations/gateway.ts'
import type { TestServer } from './start-server.ts'

export type GatewayVoice = {
  /** The gateway's own view of a payment, by our reference. */
  payment(reference: string): Promise<Record<string, unknown>>
  /** Sends a notification about a payment; the answer's status. */
  notify(
    payment: Record<string, unknown>,
    options?: { secret?: string; eventId?: string; ageSeconds?: number },
  ): Promise<number>
  /** Tells again of a refund, as it stands at the gateway; the answer's status. */
  tellOfRefund(reference: string): Promise<number>
  /** Somebody refunds at the gateway's own pages; the answer's status. */
  refund(gatewayPaymentId: string, refund: { reference: string; minor: number }): Promise<number>
  /** Makes the gateway's book say that a payment which it had refused was paid after all. */
  payAfterAll(reference: string): Promise<void>
}

type Credentials = { readonly api_key: string; readonly notification_secret: string }

export async function gatewayVoice(server: TestServer): Promise<GatewayVoice> {
  const { deps } = server.runtime
  const accountId = GatewayAccountId.parse(server.demo.gateway_account_id)
  const opened = await deps.store.inTransaction(server.tenant, (tx) => openGatewayAccount(deps, tx, accountId))
  const credentials = opened.credentials as Credentials
  const look = async (noun: 'payments' | 'refunds', reference: string) => {
    const url = `${server.baseUrl}/sandbox/v1/${noun}/by-reference/${reference}`
    const response = await fetch(url, { headers: { authorization: `Bearer ${credentials.api_key}` } })
    if (!response.ok) throw new Error(`The gateway does not know ${reference}.`)
    return (await response.json()) as Record<string, unknown>
  }
  type Telling = { secret?: string; eventId?: string; ageSeconds?: number }
  const tell = async (about: object, telling: Telling = {}) => {
    const { secret = credentials.notification_secret, eventId = randomUUID(), ageSeconds = 0 } = telling
    const body = JSON.stringify({ id: `sbn_${eventId.replaceAll('-', '')}`, ...about })
    const timestamp = String(Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000) - ageSeconds)
    const response = await fetch(`${server.baseUrl}/gateways/${accountId}/notifications`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-sandbox-timestamp': timestamp,
        'x-sandbox-signature': `v1=${hmacSha256(secret, `${timestamp}.${body}`).toString('hex')}`,
      },
      body,
    })
    return response.status
  }
  return {
    payment: (reference) => look('payments', reference),
    notify: (payment, telling) => tell({ type: 'payment.updated', payment }, telling),
    tellOfRefund: async (reference) => tell({ type: 'refund.updated', refund: await look('refunds', reference) }),
    refund: async (gatewayPaymentId, { reference, minor }) => {
      const response = await fetch(`${server.baseUrl}/sandbox/v1/refunds`, {
        method: 'POST',
        headers: { authorization: `Bearer ${credentials.api_key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          payment_id: gatewayPaymentId,
          reference,
          amount: `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
          currency: 'INR',
          reason: 'other',
        }),
      })
      await response.body?.cancel()
      return response.status
    },
    payAfterAll: async (reference) => {
      await server.db.pools.owner.query(
        `update sandbox.payments
            set status = 'PAID', held = amount, paid = amount, closed = true, rejection = null, version = version + 1
          where reference = $1`,
        [reference],
      )
    },
  }
}
