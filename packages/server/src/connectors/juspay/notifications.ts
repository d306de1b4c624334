// Juspay's webhooks: Basic auth and nothing else (wire juspay 6.1), so whoever has the password can write anything, and
// nothing signs the body. So a message only claims: what it names is compared and then asked for (order status). The
// whole header is compared, in constant time; everything that is not exactly right is refused, and nothing here throws.
import { isUtf8 } from 'node:buffer'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { equalBytes } from '../../kernel/hmac.ts'
import { parseJson } from '../../kernel/json.ts'
import type { Money } from '../../kernel/money.ts'
import type { NotificationContent, Notifications, RawNotification } from '../contract/connector.ts'
import type { JuspayCredentials } from './wire.ts'
import { AmountOf, basicAuth, readMoney } from './wire.ts'

// Shorter ones are no secret; the credentials ask for as much.
const SHORTEST_PASSWORD = 20
const LONGEST_HEADER = 1024

const Id = Type.String({ minLength: 1, maxLength: 128 })
/** Wire juspay 6.2: what stands in `content` tells what it is about. */
const Notification = Type.Object({
  id: Id,
  event_name: Type.String({ minLength: 1, maxLength: 100 }),
  content: Type.Union([
    Type.Object({ order: Type.Object({ order_id: Id, amount: AmountOf, currency: Type.String() }) }),
    Type.Object({ txn: Type.Object({ order_id: Id, txn_amount: Type.Optional(AmountOf), currency: Type.String() }) }),
    Type.Object({ mandate: Type.Object({ mandate_id: Id }) }),
    Type.Object({ notification: Type.Object({ mandate: Type.Object({ mandate_id: Id }) }) }),
  ]),
})

export const notifications: Notifications<JuspayCredentials> = {
  verify(raw, credentials) {
    const refusal = refusalOf(raw, credentials)
    return refusal === undefined ? { ok: true } : { ok: false, reason: refusal }
  },

  read(raw) {
    const body = parse(raw.body)
    if (!Value.Check(Notification, body)) return undefined
    const report = claimOf(body.content)
    return report === undefined ? undefined : { gatewayEventId: body.id, reports: [report] }
  },
}

function refusalOf(raw: RawNotification, { webhook_user: user, webhook_password: password }: JuspayCredentials) {
  const given: unknown = Object.hasOwn(raw.headers, 'authorization') ? raw.headers['authorization'] : undefined
  if (typeof given !== 'string' || given === '') return 'authorization_missing'
  if (typeof password !== 'string' || password.trim().length < SHORTEST_PASSWORD) return 'password_unusable'
  if (given.length > LONGEST_HEADER) return 'authorization_too_long'
  return equalBytes(Buffer.from(basicAuth(user, password)), Buffer.from(given)) ? undefined : 'authorization_wrong'
}

type Claim = NotificationContent['reports'][number]

function claimOf(content: Type.Static<typeof Notification>['content']): Claim | undefined {
  if ('mandate' in content) return mandateClaim(content.mandate.mandate_id)
  if ('notification' in content) return mandateClaim(content.notification.mandate.mandate_id)
  if ('order' in content) {
    const { order_id: id, amount, currency } = content.order
    const money = readMoney(amount, currency)
    return money === undefined ? undefined : paymentClaim(id, money)
  }
  const { order_id: id, txn_amount: amount, currency } = content.txn
  const money = amount === undefined ? undefined : readMoney(amount, currency)
  return amount !== undefined && money === undefined ? undefined : paymentClaim(id, money)
}

function paymentClaim(orderId: string, amount: Money | undefined): Claim {
  const id = orderId.toLowerCase()
  const claim = { gatewayPaymentId: id, reference: id, ...(amount === undefined ? {} : { amount }) }
  return { kind: 'payment_claim', claim }
}

function mandateClaim(gatewayMandateId: string): Claim {
  return { kind: 'mandate_claim', claim: { gatewayMandateId, reference: null } }
}

function parse(body: Buffer): unknown {
  try {
    return isUtf8(body) ? parseJson(body).value : undefined
  } catch {
    return undefined
  }
}
