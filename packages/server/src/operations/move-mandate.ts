// Moves a locked mandate by one event and writes what belongs to it in the same transaction: its history, its event,
// and when it is looked at next. Everything that changes a mandate's status comes through here.
import type { Mandate } from '../domain/mandate/mandate.ts'
import { mandateStep } from '../domain/mandate/states.ts'
import type { MandateEventType } from '../domain/mandate/states.ts'
import { ConflictId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertMandateTransition, saveMandate } from '../store/mandates.ts'
import { insertConflict } from '../store/payment-history.ts'
import { announceMandate } from './announce.ts'
import type { Source } from './source.ts'

/** What is learnt beside the event; kept when the mandate moves. */
export type Learnt = Partial<Pick<Mandate, 'gatewayMandateId' | 'gatewaySequence' | 'pauseEndsAt' | 'failureReason'>>

/** Returns the mandate as it is afterwards: unchanged when the event is stale. */
export async function moveMandate(
  tx: Tx,
  source: Source,
  before: Mandate,
  event: MandateEventType,
  learnt: Learnt = {},
): Promise<Mandate> {
  const step = mandateStep(before.status, event)
  if (step.kind === 'conflict' || (step.kind === 'moved' && step.conflict)) {
    await recordMandateConflict(tx, before, 'mandate_unexpected', { status: before.status, event, cause: source.cause })
  }
  if (step.kind !== 'moved') return before
  const wanted: Mandate = {
    ...before,
    ...learnt,
    status: step.to,
    pendingChange: settles(before, event) ? null : before.pendingChange,
    pauseFrom: step.to === 'active' ? before.pauseFrom : null,
    resumeAt: null,
    pauseStartsAt: step.to === 'paused' ? tx.now : before.pauseStartsAt,
    pauseEndsAt: step.to === 'paused' ? (learnt.pauseEndsAt ?? null) : before.pauseEndsAt,
    activatedAt: step.to === 'active' ? (before.activatedAt ?? tx.now) : before.activatedAt,
    lastActivatedAt: step.to === 'active' ? tx.now : before.lastActivatedAt,
    revokedAt: step.to === 'revoked' ? tx.now : before.revokedAt,
  }
  const after = await saveMandate(tx, before, wanted, nextLook(wanted, tx.now))
  await insertMandateTransition(tx, after.id, {
    version: after.version,
    from: before.status,
    to: after.status,
    event,
    ...source,
    details: learnt.failureReason === undefined ? {} : { reason: learnt.failureReason },
  })
  await announceMandate(tx, `mandate.${event}`, after)
  return after
}

export function isOver(mandate: Pick<Mandate, 'status'>): boolean {
  return mandate.status === 'revoked' || mandate.status === 'expired' || mandate.status === 'failed'
}

/** When a mandate is looked at next; one that has just ended at once, for the charges that still wait on it. */
export function nextLook(mandate: Mandate, now: Date): Date {
  if (isOver(mandate)) return now
  const { pauseFrom, pauseEndsAt, resumeAt, endsAt } = mandate
  const looks = mandate.status === 'paused' ? [pauseEndsAt, resumeAt] : [pauseFrom]
  return looks.reduce<Date>((first, look) => (look !== null && look < first ? look : first), endsAt)
}

// A change that was asked for is settled by its own event, and by the end of everything.
function settles(mandate: Mandate, event: MandateEventType): boolean {
  const asked = { pause: 'paused', resume: 'resumed', revoke: 'revoked' } as const
  if (event === 'revoked' || event === 'expired') return true
  return mandate.pendingChange !== null && asked[mandate.pendingChange] === event
}

/** A contradiction about a mandate, shown with the payment that registered it. */
export async function recordMandateConflict(tx: Tx, mandate: Mandate, kind: string, details: object): Promise<void> {
  const id = ConflictId.create(tx.now)
  await insertConflict(tx, { id, paymentId: mandate.paymentId, kind, details: { mandate_id: mandate.id, ...details } })
}
