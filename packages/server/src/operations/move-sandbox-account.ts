// The demo's sandbox gateway runs inside the same server and moves with its port: its address is part of the sealed
// credentials of the account that uses it.
import type { GatewayAccountId, Tenant } from '../kernel/ids.ts'
import { invariant } from '../kernel/errors.ts'
import { replaceGatewayCredentials } from '../store/gateway-accounts.ts'
import type { Deps } from './deps.ts'
import { CREDENTIALS_FIELD, openGatewayAccount } from './gateway.ts'

export async function moveSandboxAccount(
  deps: Deps,
  tenant: Tenant,
  id: GatewayAccountId,
  baseUrl: string,
): Promise<void> {
  await deps.store.inTransaction(tenant, async (tx) => {
    const { account, credentials } = await openGatewayAccount(deps, tx, id)
    invariant(account.connector === 'sandbox', 'Only the sandbox moves with the server.')
    const moved = JSON.stringify({ ...(credentials as object), base_url: baseUrl })
    await replaceGatewayCredentials(tx, id, await deps.vault.seal(tx, CREDENTIALS_FIELD, moved))
  })
}
