// The key that return addresses are signed with. Replaced at once: what was signed with the one before no longer
// verifies, and nothing that matters hangs on a return address.
import { systemRandomness } from '../kernel/random.ts'
import { insertAudit } from '../store/audit.ts'
import { readResponseKeySealed, saveResponseKey } from '../store/response-keys.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'

const FIELD = 'response_key'

/** A fresh key, shown once. */
export async function rotateResponseKey(deps: Deps, actor: Actor): Promise<string> {
  const key = systemRandomness.bytes(16).toString('hex').toUpperCase()
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await saveResponseKey(tx, await deps.vault.seal(tx, FIELD, key))
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'response_key.rotated',
      objectId: actor.tenant.merchantId,
      requestId: actor.requestId,
      details: {},
    })
  })
  return key
}

/** Undefined when the merchant has none: addresses are then not signed. */
export async function readResponseKey(deps: Deps, tenant: Actor['tenant']): Promise<string | undefined> {
  return deps.store.inTransaction(tenant, async (tx) => {
    const sealed = await readResponseKeySealed(tx)
    return sealed === undefined ? undefined : deps.vault.open(tx, FIELD, sealed)
  })
}
