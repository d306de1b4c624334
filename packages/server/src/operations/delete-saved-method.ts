// Forgets a saved method for good: our row keeps what it showed, and the name that the gateway charges it by is gone.
// The gateway itself may go on keeping it, without anybody here who could name it.
import { AppError } from '../kernel/errors.ts'
import { SessionId } from '../kernel/ids.ts'
import type { CustomerId, SavedMethodId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { forgetSavedMethod } from '../store/saved-methods.ts'
import { readSessionRow } from '../store/sessions.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { readNamed } from './upsert-customer.ts'
import type { CustomerName } from './upsert-customer.ts'

export type DeleteSavedMethodCommand = {
  /** Absent: whoever's it is. */
  readonly customer?: CustomerName
  readonly savedMethodId: SavedMethodId
  readonly idempotency?: Idempotency
}

/** @throws AppError customer_not_found, saved_method_not_found (another customer's, too) */
export async function deleteSavedMethod(deps: Deps, actor: Actor, command: DeleteSavedMethodCommand): Promise<void> {
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.savedMethodId)
    const customer = command.customer === undefined ? null : (await readNamed(tx, command.customer)).id
    await forget(tx, actor, customer, command.savedMethodId)
  })
}

/** The payer's own, with a session that is theirs. @throws AppError saved_method_not_found, scope_missing */
export async function deleteOwnSavedMethod(
  deps: Deps,
  actor: Actor,
  command: Omit<DeleteSavedMethodCommand, 'customer'>,
): Promise<void> {
  const { id } = actor
  if (actor.kind !== 'session' || !SessionId.is(id)) throw new AppError('scope_missing', { scope: 'session' })
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.savedMethodId)
    const { customerId, status, expiresAt } = await readSessionRow(tx, id)
    const over = expiresAt.getTime() <= tx.now.getTime()
    if (over || (status !== 'open' && status !== 'claimed')) {
      throw new AppError('session_not_open', { status: over ? 'expired' : status })
    }
    if (customerId === null) throw new AppError('saved_method_not_found')
    await forget(tx, actor, customerId, command.savedMethodId)
  })
}

async function forget(tx: Tx, actor: Actor, customerId: CustomerId | null, id: SavedMethodId): Promise<void> {
  const holder = await forgetSavedMethod(tx, customerId, id)
  if (holder === undefined) throw new AppError('saved_method_not_found')
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'saved_method.deleted',
    objectId: id,
    requestId: actor.requestId,
    details: { customer_id: holder },
  })
}
