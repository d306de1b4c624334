// Renames, pauses and activates a gateway account. On a paused one no payment starts; what runs on it goes on to its
// end: questions, notifications, captures, refunds, and charges of mandates that were registered with it.
import type { GatewayAccountId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { lockGatewayAccount, saveGatewayAccount } from '../store/gateway-accounts.ts'
import type { GatewayAccount } from '../store/gateway-accounts.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { viewGatewayAccount } from './gateway-account-queries.ts'
import type { GatewayAccountView } from './gateway-account-queries.ts'
import type { Idempotency } from './idempotent.ts'

export type UpdateGatewayAccount = {
  readonly accountId: GatewayAccountId
  readonly label?: string
  readonly status?: GatewayAccount['status']
  readonly idempotency?: Idempotency
}

/** What is absent stays. @throws AppError gateway_account_not_found */
export function updateGatewayAccount(
  deps: Deps,
  actor: Actor,
  { accountId, idempotency, ...changes }: UpdateGatewayAccount,
): Promise<GatewayAccountView> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await idempotency?.claim(tx, accountId)
    const before = await lockGatewayAccount(tx, accountId)
    const saved = await saveGatewayAccount(tx, { ...before, ...changes })
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'gateway_account.updated',
      objectId: accountId,
      requestId: actor.requestId,
      details: { before: audited(before), after: audited(saved) },
    })
    return viewGatewayAccount(deps, saved)
  })
}

function audited({ label, status }: GatewayAccount) {
  return { label, status }
}
