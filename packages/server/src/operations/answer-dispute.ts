// What a merchant does about a dispute: let it go, or say what speaks against it. Written down and committed, then
// told to the gateway with no transaction open; one that has no answer is told again by advance-dispute. Where a
// gateway takes no answers over its API, what was said is kept, and a person carries it to the gateway.
import type { DisputeAction, DisputeEvidence, DisputeRecord } from '../domain/dispute/dispute.ts'
import type { DisputeReport } from '../domain/dispute/report.ts'
import { disputeStep, isHolding } from '../domain/dispute/states.ts'
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { DisputeEvidenceId } from '../kernel/ids.ts'
import type { DisputeId, Tenant } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertDisputeEvidence, listDisputeEvidence, lockDispute, readDispute, saveDispute } from '../store/disputes.ts'
import { lockOrder } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { lockPayment } from '../store/payments.ts'
import { needsSecondPerson } from '../store/refund-approval.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway, openGatewayAccount } from './gateway.ts'
import type { Call, OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { nextLook, recordDisputeNews, recordDisputeReport } from './record-dispute-result.ts'
import type { Source } from './source.ts'

type Command = { readonly disputeId: DisputeId; readonly idempotency?: Idempotency }

/**
 * Lets the money go. Beyond the threshold for refunds it takes somebody who may change the settings.
 * @throws AppError dispute_not_found, dispute_state_conflict, scope_missing (amount_above_threshold),
 *   gateway_unavailable (nothing was sent)
 */
export function acceptDispute(deps: Deps, actor: Actor, command: Command): Promise<DisputeRecord> {
  return answer(deps, actor, { ...command, action: 'accept' })
}

/** @throws AppError dispute_not_found, dispute_state_conflict, gateway_unavailable (nothing was sent) */
export function submitEvidence(
  deps: Deps,
  actor: Actor,
  command: Command & Pick<DisputeEvidence, 'statement' | 'references'>,
): Promise<DisputeRecord> {
  return answer(deps, actor, { ...command, action: 'submit_evidence' })
}

type Wanted = Command & {
  readonly action: DisputeAction
  readonly statement?: string
  readonly references?: readonly string[]
}

const EVENTS = { accept: 'accepted', submit_evidence: 'submitted' } as const

async function answer(deps: Deps, actor: Actor, wanted: Wanted): Promise<DisputeRecord> {
  const source = { cause: 'request', actor: actorName(actor), requestId: actor.requestId } as const
  const { dispute, gateway } = await deps.store.inTransaction(actor.tenant, (tx) =>
    intend(deps, tx, actor, wanted, source),
  )
  deps.nudge('deliveries')
  if (gateway === null) return dispute
  const sent = await sendAnswer(deps, actor.tenant, dispute, gateway, source)
  if (sent.notSent) throw new AppError('gateway_unavailable', { dispute_id: dispute.id, retry_after_seconds: 5 })
  return sent.dispute
}

type Intent = { readonly dispute: DisputeRecord; readonly gateway: OpenAccount | null }

async function intend(deps: Deps, tx: Tx, actor: Actor, wanted: Wanted, source: Source): Promise<Intent> {
  await wanted.idempotency?.claim(tx, wanted.disputeId)
  const { orderId, paymentId } = await readDispute(tx, wanted.disputeId)
  await lockOrder(tx, orderId)
  await lockPayment(tx, paymentId)
  const before = await lockDispute(tx, wanted.disputeId)
  assertPossible(before, wanted.action, tx.now)
  if (wanted.action === 'accept') await assertMayLetGo(tx, actor, before.amount)
  await insertAudit(tx, {
    actor: actorName(actor),
    action: wanted.action === 'accept' ? 'dispute.accept_requested' : 'dispute.evidence_given',
    objectId: before.id,
    requestId: actor.requestId,
    details: { amount: before.amount.minor.toString(), currency: before.amount.currency },
  })
  if (wanted.action === 'submit_evidence') {
    const id = DisputeEvidenceId.create(deps.clock.now())
    const { statement = '', references = [] } = wanted
    await insertDisputeEvidence(tx, before.id, { id, statement, references, submittedBy: actorName(actor) })
  }
  const gateway = await openGatewayAccount(deps, tx, before.gatewayAccountId)
  if (exchangeOf(gateway, wanted.action) === undefined) {
    const said = await recordDisputeNews(deps, tx, source, before.id, { kind: 'said', event: EVENTS[wanted.action] })
    return { dispute: said, gateway: null }
  }
  const asked = { ...before, pendingAction: wanted.action }
  return { dispute: await saveDispute(tx, before, asked, addMs(tx.now, FIRST_QUESTION_MS)), gateway }
}

function assertPossible(dispute: DisputeRecord, action: DisputeAction, now: Date): void {
  const { status, pendingAction, evidenceDueAt } = dispute
  const refuse = (reason: string) => new AppError('dispute_state_conflict', { status, reason })
  if (!isHolding(status)) throw refuse('is_decided')
  if (pendingAction === 'accept' || status === 'accepted') throw refuse('was_accepted')
  if (action === 'accept' && pendingAction !== null) throw refuse('is_being_answered')
  const isLate = evidenceDueAt !== null && evidenceDueAt.getTime() <= now.getTime()
  if (action === 'submit_evidence' && (isLate || status === 'expired')) throw refuse('evidence_too_late')
  const step = disputeStep(status, EVENTS[action])
  if (step.kind === 'conflict') throw refuse('is_not_open')
}

/** Money leaves by it as by a refund, and nobody approves a dispute: it takes the scope that sets the threshold. */
async function assertMayLetGo(tx: Tx, actor: Actor, amount: Money): Promise<void> {
  if (actor.scopes.includes('settings') || !(await needsSecondPerson(tx, amount))) return
  throw new AppError('scope_missing', { scope: 'settings', reason: 'amount_above_threshold' })
}

function exchangeOf(gateway: OpenAccount, action: DisputeAction) {
  return action === 'accept' ? gateway.connector.acceptDispute : gateway.connector.submitEvidence
}

/** Tells the gateway what is pending. Repeatable. */
export async function sendAnswer(
  deps: Deps,
  tenant: Tenant,
  dispute: DisputeRecord,
  gateway: OpenAccount,
  source: Source,
): Promise<{ readonly dispute: DisputeRecord; readonly notSent: boolean }> {
  const evidence = await deps.store.inTransaction(tenant, (tx) => listDisputeEvidence(tx, dispute.id))
  const call = await callAnswer(deps, dispute, gateway, evidence.at(-1))
  const after = await deps.store.inTransaction(tenant, (tx) => recordAnswer(deps, tx, dispute, call, source))
  deps.nudge('deliveries')
  return { dispute: after, notSent: call.notSent }
}

function callAnswer(
  deps: Deps,
  dispute: DisputeRecord,
  gateway: OpenAccount,
  last: DisputeEvidence | undefined,
): Promise<Call<DisputeReport>> {
  const { gatewayDisputeId, amount, paymentId } = dispute
  const about = { paymentId, operationId: null }
  const { acceptDispute: accept, submitEvidence: submit } = gateway.connector
  if (dispute.pendingAction === 'accept') {
    invariant(accept !== undefined, 'An answer is pending that the gateway takes.')
    return callGateway(deps, gateway, {
      kind: 'accept_dispute',
      exchange: accept,
      input: { gatewayDisputeId, amount },
      ...about,
    })
  }
  invariant(submit !== undefined && last !== undefined, 'Evidence is pending that the gateway takes.')
  const { id: reference, statement, references } = last
  const input = { gatewayDisputeId, amount, reference, statement, references }
  return callGateway(deps, gateway, { kind: 'submit_evidence', exchange: submit, input, ...about })
}

async function recordAnswer(
  deps: Deps,
  tx: Tx,
  asked: DisputeRecord,
  call: Call<DisputeReport>,
  source: Source,
): Promise<DisputeRecord> {
  await insertExchange(tx, call.exchange)
  const { result } = call
  if (result.kind === 'report') {
    const reply = { ...source, cause: source.cause === 'request' ? 'reply' : source.cause } as const
    const told = await recordDisputeReport(deps, tx, reply, asked.gatewayAccountId, result.report)
    if (told !== undefined) return told
  }
  await lockOrder(tx, asked.orderId)
  await lockPayment(tx, asked.paymentId)
  const after = await lockDispute(tx, asked.id)
  const isRefused = result.kind === 'failed' || result.kind === 'declined'
  if (!isRefused || after.pendingAction !== asked.pendingAction) return after
  // The worker's own call comes after one that may have arrived, or has nobody who could repeat it: it tries again.
  if (call.notSent && source.cause === 'sync') return after
  // Certainly nothing happened. The gateway may know better how the dispute stands, so it is asked.
  const dueAt = call.notSent ? nextLook(after, tx.now) : tx.now
  return saveDispute(tx, after, { ...after, pendingAction: null }, dueAt)
}
