// A message from a gateway: verify on the raw bytes, store, answer; what it means is looked at later by a job. The path
// names the account and so the secret; nothing is parsed before the signature has been checked.
import { AppError } from '../kernel/errors.ts'
import { redactCardNumbers } from '../kernel/card-tripwire.ts'
import { sha256 } from '../kernel/hmac.ts'
import { NotificationId } from '../kernel/ids.ts'
import type { RawNotification } from '../connectors/contract/connector.ts'
import { findGatewayAccountOwner } from '../store/gateway-accounts.ts'
import { insertNotification } from '../store/notifications.ts'
import type { Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'

/**
 * Returns once the message is durably stored.
 * @throws AppError gateway_account_not_found, credentials_invalid (the signature does not hold)
 */
export async function receiveNotification(
  deps: Deps,
  message: { readonly gatewayAccountId: string; readonly raw: RawNotification },
): Promise<'stored' | 'duplicate'> {
  const owner = await findGatewayAccountOwner(deps.store.queue, message.gatewayAccountId)
  if (owner === undefined) throw new AppError('gateway_account_not_found')
  const { raw } = message
  const stored = await deps.store.inTransaction(owner.tenant, async (tx) => {
    const gateway = await openGatewayAccount(deps, tx, owner.id)
    const { notifications } = gateway.connector
    if (notifications === undefined) throw new AppError('gateway_account_not_found')
    const verdict = notifications.verify(raw, gateway.credentials, deps.clock.now())
    if (!verdict.ok) {
      deps.log.warn({ gateway_account_id: owner.id, reason: verdict.reason }, 'A notification was refused.')
      throw new AppError('credentials_invalid', {}, { internal: verdict.reason })
    }
    const content = notifications.read(raw)
    return insertNotification(tx, {
      id: NotificationId.create(deps.clock.now()),
      gatewayAccountId: owner.id,
      // What cannot be read is kept under its own hash, so that a repeat of it is known, too.
      gatewayEventId: content?.gatewayEventId ?? `unreadable:${sha256(raw.body).toString('hex')}`,
      headers: keptHeaders(raw.headers),
      body: Buffer.from(redactCardNumbers(raw.body.toString('utf8')), 'utf8'),
      readable: content !== undefined,
    })
  })
  if (stored) deps.nudge('notifications')
  return stored ? 'stored' : 'duplicate'
}

// An allow-list: whatever else came along may be a secret.
const KEPT = new Set(['content-type', 'user-agent'])

function keptHeaders(headers: RawNotification['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.has(name) || name.endsWith('-event-id')))
}
