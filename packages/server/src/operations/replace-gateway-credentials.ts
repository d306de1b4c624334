// Replaces the credentials of a gateway account, all of them at once. The next call to the gateway uses them; a
// notification signed with what was before is refused from then on, and Purser asks instead.
import { AppError } from '../kernel/errors.ts'
import type { GatewayAccountId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { lockGatewayAccount, replaceGatewayCredentials as saveCredentials } from '../store/gateway-accounts.ts'
import { assertCredentials, sealCredentials } from './add-gateway-account.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { viewGatewayAccount } from './gateway-account-queries.ts'
import type { GatewayAccountView } from './gateway-account-queries.ts'
import type { Idempotency } from './idempotent.ts'

/** @throws AppError gateway_account_not_found; field_invalid naming the field of the credentials; url_refused */
export function replaceGatewayCredentials(
  deps: Deps,
  actor: Actor,
  command: {
    readonly accountId: GatewayAccountId
    readonly credentials: object
    readonly idempotency?: Idempotency
  },
): Promise<GatewayAccountView> {
  const { accountId, credentials } = command
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, accountId)
    const account = await lockGatewayAccount(tx, accountId)
    const connector = deps.connectors.get(account.connector)
    if (connector === undefined) throw new AppError('not_supported_by_gateway', { reason: 'the connector is gone' })
    assertCredentials(deps, connector, credentials)
    await saveCredentials(tx, accountId, await sealCredentials(deps, tx, credentials))
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'gateway_account.credentials_replaced',
      objectId: accountId,
      requestId: actor.requestId,
      details: { connector: account.connector },
    })
    return viewGatewayAccount(deps, account)
  })
}
