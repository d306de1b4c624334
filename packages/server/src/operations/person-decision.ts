// What a person's decision about money must have, wherever nobody else can tell: the right to make it, evidence that
// can be looked up again, and a reason. It is kept in the history and in the audit, and goes through the one door.
import { AppError } from '../kernel/errors.ts'
import type { DisputeId, PaymentId, RefundId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { actorName } from './deps.ts'
import type { Actor } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import type { Source } from './source.ts'

export type PersonDecision = {
  /** Where it can be looked up again: a statement, a ticket, a letter. */
  readonly evidence: string
  readonly reason: string
  readonly idempotency?: Idempotency
}

/** @throws AppError scope_missing, field_invalid */
export function assertMayDecide(actor: Actor, { evidence, reason }: PersonDecision): void {
  const isPerson = actor.kind === 'user' || actor.kind === 'key'
  if (!isPerson || !actor.scopes.includes('settings')) throw new AppError('scope_missing', { scope: 'settings' })
  if (evidence.trim() === '') throw new AppError('field_invalid', { field: 'evidence', reason: 'is empty' })
  if (reason.trim() === '') throw new AppError('field_invalid', { field: 'reason', reason: 'is empty' })
}

/** Of what the gateway said when it was asked on the way. */
export const askedBy = (actor: Actor): Source => ({
  cause: 'sync',
  actor: actorName(actor),
  requestId: actor.requestId,
})

export function decidedBy(actor: Actor, { evidence, reason }: PersonDecision): Source {
  return { cause: 'person', actor: actorName(actor), requestId: actor.requestId, details: { evidence, reason } }
}

export function auditDecision(
  tx: Tx,
  actor: Actor,
  action: string,
  objectId: PaymentId | RefundId | DisputeId,
  { outcome, evidence, reason }: PersonDecision & { readonly outcome: string },
): Promise<void> {
  const details = { outcome, evidence, reason }
  return insertAudit(tx, { actor: actorName(actor), action, objectId, requestId: actor.requestId, details })
}
