// Pauses, resumes and revokes a mandate: write what is wanted and commit, ask the gateway with no transaction open,
// record its answer through the door. From the first commit on no charge starts, whether or not the gateway answers; a
// change without an answer is asked again by advance-mandate.
import type { Mandate, MandateChange } from '../domain/mandate/mandate.ts'
import { mandateStep } from '../domain/mandate/states.ts'
import type { MandateReport } from '../domain/mandate/report.ts'
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import type { MandateId, Tenant } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { lockMandate, saveMandate } from '../store/mandates.ts'
import { insertExchange } from '../store/payment-history.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway } from './gateway.ts'
import type { Call, OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { isOver, moveMandate, nextLook } from './move-mandate.ts'
import { recordMandateResult } from './record-mandate-result.ts'
import type { Source } from './source.ts'
import { gatewayOf } from './send-notice.ts'

type Command = { readonly mandateId: MandateId; readonly idempotency?: Idempotency }

/**
 * `startsAt` absent or past: now. Later: the gateway is told when the pause begins (advance-mandate). `endsAt` absent:
 * until it is resumed. @throws AppError mandate_not_found, mandate_state_conflict, field_invalid
 */
export function pauseMandate(
  deps: Deps,
  actor: Actor,
  command: Command & { readonly startsAt?: Date; readonly endsAt?: Date },
): Promise<Mandate> {
  const pause = { pauseFrom: command.startsAt ?? null, pauseEndsAt: command.endsAt ?? null }
  return change(deps, actor, { ...command, change: 'pause', ...pause })
}

/**
 * A pause that has not begun is taken back. `at` absent or past: now; later: the gateway is asked then.
 * @throws AppError mandate_not_found, mandate_state_conflict, field_invalid, gateway_unavailable (nothing was sent)
 */
export function resumeMandate(deps: Deps, actor: Actor, command: Command & { readonly at?: Date }): Promise<Mandate> {
  const { at, ...rest } = command
  if (at !== undefined) return resumeLater(deps, actor, rest, at)
  return change(deps, actor, { ...rest, change: 'resume', pauseFrom: null, pauseEndsAt: null })
}

async function resumeLater(deps: Deps, actor: Actor, command: Command, at: Date): Promise<Mandate> {
  const planned = await deps.store.inTransaction(actor.tenant, async (tx) => {
    if (at.getTime() <= tx.now.getTime()) return undefined
    const mandate = await lockMandate(tx, command.mandateId)
    if (mandate.status !== 'paused' || mandate.pendingChange !== null) {
      throw new AppError('mandate_state_conflict', { status: mandate.status })
    }
    if (at.getTime() >= mandate.endsAt.getTime()) {
      throw new AppError('field_invalid', { field: 'resume_at', reason: 'after_the_mandate' })
    }
    await command.idempotency?.claim(tx, mandate.id)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'mandate.resume_requested',
      objectId: mandate.id,
      requestId: actor.requestId,
      details: { resume_at: at.toISOString() },
    })
    const after = { ...mandate, resumeAt: at }
    return saveMandate(tx, mandate, after, nextLook(after, tx.now))
  })
  return planned ?? resumeMandate(deps, actor, command)
}

/** For good. @throws AppError mandate_not_found, mandate_state_conflict, gateway_unavailable (nothing was sent) */
export function revokeMandate(deps: Deps, actor: Actor, command: Command): Promise<Mandate> {
  return change(deps, actor, { ...command, change: 'revoke', pauseFrom: null, pauseEndsAt: null })
}

type Wanted = Command & {
  readonly change: MandateChange
  readonly pauseFrom: Date | null
  readonly pauseEndsAt: Date | null
}

const EVENTS = { pause: 'paused', resume: 'resumed', revoke: 'revoked' } as const
const DONE = { pause: 'paused', resume: 'active', revoke: 'revoked' } as const

async function change(deps: Deps, actor: Actor, wanted: Wanted): Promise<Mandate> {
  const source = { cause: 'request', actor: actorName(actor), requestId: actor.requestId } as const
  const intent = await deps.store.inTransaction(actor.tenant, (tx) => intend(deps, tx, actor, wanted, source))
  if (intent.gateway === null) return intent.mandate
  const { mandate, notSent } = await sendChange(deps, actor.tenant, intent.mandate, intent.gateway, source)
  if (notSent) throw new AppError('gateway_unavailable', { mandate_id: mandate.id, retry_after_seconds: 5 })
  return mandate
}

type Intent = { readonly mandate: Mandate; readonly gateway: OpenAccount | null }

async function intend(deps: Deps, tx: Tx, actor: Actor, wanted: Wanted, source: Source): Promise<Intent> {
  await wanted.idempotency?.claim(tx, wanted.mandateId)
  const mandate = await lockMandate(tx, wanted.mandateId)
  const takesPauseBack = wanted.change === 'resume' && mandate.pauseFrom !== null
  const isDone = mandate.status === DONE[wanted.change] && mandate.pendingChange === null
  if (isDone && !takesPauseBack) return { mandate, gateway: null }
  if (!takesPauseBack) assertPossible(mandate, wanted, tx.now)
  await auditChange(tx, actor, mandate, wanted)
  if (takesPauseBack) return { mandate: await schedulePause(tx, mandate, null, null), gateway: null }
  // No gateway has heard of it: the consent is taken back here.
  if (mandate.paymentId === null) {
    return { mandate: await moveMandate(tx, source, mandate, EVENTS[wanted.change]), gateway: null }
  }
  const gateway = await gatewayOf(deps, tx, mandate)
  if (gateway.connector.changeMandate === undefined) {
    throw new AppError('not_supported_by_gateway', { operation: `mandate_${wanted.change}` })
  }
  const { pauseFrom } = wanted
  if (pauseFrom !== null && pauseFrom.getTime() > tx.now.getTime()) {
    return { mandate: await schedulePause(tx, mandate, pauseFrom, wanted.pauseEndsAt), gateway: null }
  }
  const pauseEndsAt = wanted.change === 'pause' ? wanted.pauseEndsAt : mandate.pauseEndsAt
  const asked = { ...mandate, pendingChange: wanted.change, pauseFrom: null, pauseEndsAt }
  return { mandate: await saveMandate(tx, mandate, asked, addMs(tx.now, FIRST_QUESTION_MS)), gateway }
}

function auditChange(tx: Tx, actor: Actor, mandate: Mandate, wanted: Wanted): Promise<void> {
  const { pauseFrom, pauseEndsAt } = wanted
  return insertAudit(tx, {
    actor: actorName(actor),
    action: `mandate.${wanted.change}_requested`,
    objectId: mandate.id,
    requestId: actor.requestId,
    details: {
      ...(pauseFrom === null ? {} : { pause_starts_at: pauseFrom.toISOString() }),
      ...(pauseEndsAt === null ? {} : { pause_ends_at: pauseEndsAt.toISOString() }),
    },
  })
}

/** It stays active until then; null takes a pause back that has not begun. */
function schedulePause(tx: Tx, mandate: Mandate, from: Date | null, until: Date | null): Promise<Mandate> {
  const after = { ...mandate, pauseFrom: from, pauseEndsAt: until }
  return saveMandate(tx, mandate, after, nextLook(after, tx.now))
}

function assertPossible(mandate: Mandate, wanted: Wanted, now: Date): void {
  const step = mandateStep(mandate.status, EVENTS[wanted.change])
  // While the payer registers it, the gateway has no mandate yet that could be changed.
  const isRegistering = mandate.status === 'created' && mandate.paymentId !== null
  if (step.kind !== 'moved' || isRegistering || isOver(mandate)) {
    throw new AppError('mandate_state_conflict', { status: mandate.status })
  }
  const { pendingChange } = mandate
  if (pendingChange !== null && pendingChange !== wanted.change && wanted.change !== 'revoke') {
    throw new AppError('mandate_state_conflict', { status: mandate.status, pending_change: pendingChange })
  }
  const { pauseFrom, pauseEndsAt } = wanted
  if (pauseEndsAt !== null && pauseEndsAt.getTime() <= now.getTime()) {
    throw new AppError('field_invalid', { field: 'ends_at', reason: 'in_the_past' })
  }
  if (pauseFrom !== null && pauseFrom.getTime() >= mandate.endsAt.getTime()) {
    throw new AppError('field_invalid', { field: 'starts_at', reason: 'after_the_mandate' })
  }
  if (pauseFrom !== null && pauseEndsAt !== null && pauseEndsAt.getTime() <= pauseFrom.getTime()) {
    throw new AppError('field_invalid', { field: 'ends_at', reason: 'before_it_starts' })
  }
}

/** Sends the change that is pending on the mandate. Repeatable. */
export async function sendChange(
  deps: Deps,
  tenant: Tenant,
  mandate: Mandate,
  gateway: OpenAccount,
  source: Source,
): Promise<{ readonly mandate: Mandate; readonly notSent: boolean }> {
  const { pendingChange, paymentId, gatewayMandateId } = mandate
  const exchange = gateway.connector.changeMandate
  invariant(exchange !== undefined && pendingChange !== null, 'A change is pending that the gateway can make.')
  invariant(paymentId !== null && gatewayMandateId !== null, 'A gateway knows the mandate.')
  const call = await callGateway(deps, gateway, {
    kind: 'change_mandate',
    exchange,
    input: {
      reference: mandate.id,
      gatewayMandateId,
      maxAmount: mandate.maxAmount,
      change: pendingChange,
      askedAt: mandate.updatedAt,
      pauseEndsAt: pendingChange === 'pause' ? mandate.pauseEndsAt : null,
    },
    paymentId,
    operationId: null,
  })
  const after = await deps.store.inTransaction(tenant, (tx) => recordChange(tx, mandate, call, source))
  deps.nudge('deliveries')
  return { mandate: after, notSent: call.notSent }
}

async function recordChange(tx: Tx, asked: Mandate, call: Call<MandateReport>, source: Source): Promise<Mandate> {
  await insertExchange(tx, call.exchange)
  const { result } = call
  const after = await recordMandateResult(tx, source, { mandateId: asked.id, result })
  const isRefused = result.kind === 'failed' || result.kind === 'declined'
  if (!isRefused || after.pendingChange !== asked.pendingChange) return after
  // The worker's own call comes after one that may have arrived, or has nobody who could repeat it: it tries again.
  if (call.notSent && source.cause === 'sync') return after
  // Certainly nothing happened: charges may go on. The gateway may know better how the mandate stands, so it is asked.
  const dueAt = call.notSent ? nextLook(after, tx.now) : tx.now
  return saveMandate(tx, after, { ...after, pendingChange: null }, dueAt)
}
