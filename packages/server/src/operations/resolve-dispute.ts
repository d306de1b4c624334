// A person decides a dispute whose gateway tells nothing: it was decided by a letter, or on pages of the gateway's that
// no program reads. Where the gateway can be asked and answers, its word counts and there is nothing left to decide;
// what it says against the decision later is followed by the same table, and shown as a conflict.
import type { DisputeRecord } from '../domain/dispute/dispute.ts'
import { isHolding } from '../domain/dispute/states.ts'
import { AppError } from '../kernel/errors.ts'
import type { DisputeId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { readDispute } from '../store/disputes.ts'
import { lockOrder } from '../store/orders.ts'
import { askAboutDispute } from './advance-dispute.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import { askedBy, assertMayDecide, auditDecision, decidedBy } from './person-decision.ts'
import type { PersonDecision } from './person-decision.ts'
import { recordDisputeNews } from './record-dispute-result.ts'

export type ResolveDispute = PersonDecision & { readonly disputeId: DisputeId; readonly outcome: 'won' | 'lost' }

/**
 * Answers the dispute as it is afterwards.
 * @throws AppError scope_missing, field_invalid, dispute_not_found, dispute_state_conflict (it is decided),
 *   outcome_known (the gateway told how it stands; its answer is recorded)
 */
export async function resolveDispute(deps: Deps, actor: Actor, command: ResolveDispute): Promise<DisputeRecord> {
  assertMayDecide(actor, command)
  const { disputeId, outcome } = command
  const { dispute, gateway } = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, disputeId)
    const undecided = await readDispute(tx, disputeId)
    const { status } = undecided
    if (!isHolding(status)) throw new AppError('dispute_state_conflict', { status, reason: 'is_decided' })
    return { dispute: undecided, gateway: await openGatewayAccount(deps, tx, undecided.gatewayAccountId) }
  })
  const isTold = await askAboutDispute(deps, actor.tenant, dispute, gateway, askedBy(actor))
  const decided = isTold
    ? undefined
    : await deps.store.inTransaction(actor.tenant, async (tx) => {
        if (!isHolding((await lockedDispute(tx, dispute)).status)) return undefined
        await auditDecision(tx, actor, 'dispute.resolved', disputeId, command)
        return recordDisputeNews(deps, tx, decidedBy(actor, command), disputeId, { kind: 'decided', outcome })
      })
  deps.nudge('deliveries')
  if (decided === undefined) throw new AppError('outcome_known', { dispute_id: disputeId })
  return decided
}

/** A dispute changes only under its order's lock: somebody else may have decided it meanwhile. */
async function lockedDispute(tx: Tx, { id, orderId }: DisputeRecord): Promise<DisputeRecord> {
  await lockOrder(tx, orderId)
  return readDispute(tx, id)
}
