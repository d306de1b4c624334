// What becomes of money that a person recorded: the bank honours the cheque, or returns it; or it was recorded in
// error. Money that is not there takes back all that it had paid, so that orders and invoices say what is owed.
import { standing } from '../domain/allocation/allocation.ts'
import type { AllocationLine } from '../domain/allocation/allocation.ts'
import { postingsForClearing, postingsForReversal } from '../domain/ledger/posting.ts'
import type { Posting } from '../domain/ledger/posting.ts'
import type { OfflinePayment } from '../domain/offline/offline-payment.ts'
import { offlineStep } from '../domain/offline/states.ts'
import type { OfflineEvent } from '../domain/offline/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { isZero, money, subtract, zero } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { readOfflinePayment, saveOfflinePayment } from '../store/offline-payments.ts'
import { insertPostings, insertTransition } from '../store/payment-history.ts'
import { savePayment } from '../store/payments.ts'
import { announceOffline, recordConflict } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import type { OfflineView } from './record-offline-payment.ts'
import { lockAllocated, writeAllocations } from './write-allocations.ts'
import type { Allocated } from './write-allocations.ts'

type About = { readonly paymentId: PaymentId; readonly idempotency?: Idempotency }
export type ClearCheque = About & { readonly clearedAt: Date }
export type EndOfflinePayment = About & { readonly reason: string }

/** @throws AppError payment_not_found, payment_state_conflict, field_invalid (a time to come, or before the receipt) */
export function clearCheque(deps: Deps, actor: Actor, command: ClearCheque): Promise<OfflineView> {
  const { clearedAt } = command
  return settle(deps, actor, command, 'cleared', (offline, now) => {
    const received = offline.receivedAt.getTime()
    const reason = clearedAt.getTime() > now.getTime() ? 'is in the future' : 'is before it was received'
    if (clearedAt.getTime() > now.getTime() || clearedAt.getTime() < received) {
      throw new AppError('field_invalid', { field: 'cleared_at', reason })
    }
    return { ...offline, clearedAt }
  })
}

/** The bank returned it. @throws AppError payment_not_found, payment_state_conflict, field_invalid */
export function bounceCheque(deps: Deps, actor: Actor, command: EndOfflinePayment): Promise<OfflineView> {
  return end(deps, actor, command, 'bounced')
}

/** It was recorded in error. @throws AppError payment_not_found, payment_state_conflict, field_invalid */
export function reverseOfflinePayment(deps: Deps, actor: Actor, command: EndOfflinePayment): Promise<OfflineView> {
  return end(deps, actor, command, 'reversed')
}

function end(deps: Deps, actor: Actor, command: EndOfflinePayment, event: OfflineEvent): Promise<OfflineView> {
  const reason = command.reason.trim()
  if (reason === '') throw new AppError('field_invalid', { field: 'reason', reason: 'is empty' })
  return settle(deps, actor, command, event, (offline, at) => ({
    ...offline,
    end: { at, by: actorName(actor), reason },
  }))
}

/** A repeat answers what there is. */
async function settle(
  deps: Deps,
  actor: Actor,
  { paymentId, idempotency }: About,
  event: OfflineEvent,
  change: (offline: OfflinePayment, now: Date) => OfflinePayment,
): Promise<OfflineView> {
  const settled = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await idempotency?.claim(tx, paymentId)
    const { payment, ...allocated } = await lockAllocated(tx, paymentId)
    const offline = await readOfflinePayment(tx, paymentId)
    const step = offlineStep(offline.status, event)
    const isCheque = offline.instrument.method === 'cheque'
    if (step.kind === 'conflict' || (event !== 'reversed' && !isCheque)) {
      throw new AppError('payment_state_conflict', { status: offline.status })
    }
    if (step.kind === 'same') {
      await idempotency?.settle(tx, { payment, offline })
      return { payment, offline }
    }
    const next = { ...change(offline, tx.now), status: step.to }
    if (step.conflict) await recordConflict(deps, tx, payment, 'bounced_after_clearing', { status: offline.status })
    const view = await move(deps, tx, actor, { payment, allocated, offline, next, event })
    await idempotency?.settle(tx, view)
    return view
  })
  deps.nudge('deliveries')
  return settled
}

type Move = {
  readonly payment: PaymentRecord
  readonly allocated: Allocated
  readonly offline: OfflinePayment
  readonly next: OfflinePayment
  readonly event: OfflineEvent
}

async function move(deps: Deps, tx: Tx, actor: Actor, { payment: before, allocated, offline, next, event }: Move) {
  const ends = next.end !== null
  if (ends) assertNothingGivenBack(before)
  const lines = ends ? allOf(allocated) : []
  const none = zero(before.amount.currency)
  const ended = { amountAllocated: none, amountReversed: before.amountCaptured }
  const payment = await savePayment(tx, before, ends ? { ...before, ...ended } : before)
  const saved = await saveOfflinePayment(tx, offline, next)
  const by = { actor: actorName(actor), requestId: actor.requestId }
  const details = next.end === null ? {} : { reason: next.end.reason }
  const { id: paymentId, version, status } = payment
  await insertTransition(tx, { paymentId, version, from: status, to: status, event, cause: 'person', ...by, details })
  const { actor: name } = by
  await writeAllocations(deps, tx, allocated, {
    payment,
    lines,
    reason: 'reversed',
    refundId: null,
    note: '',
    by: name,
  })
  const about = { paymentId, refundId: null, paymentVersion: version }
  await insertPostings(tx, deps.clock, about, postingsFor(payment, offline, ends))
  await insertAudit(tx, { ...by, action: `offline_payment.${event}`, objectId: paymentId, details })
  await announceOffline(tx, event, payment, saved)
  return { payment, offline: saved }
}

function postingsFor(payment: PaymentRecord, offline: OfflinePayment, ends: boolean): readonly Posting[] {
  if (!ends) return postingsForClearing(payment.amountCaptured)
  return postingsForReversal(offline.instrument.method, offline.status === 'cleared', payment.amountCaptured)
}

/** What was given back, or is on its way, cannot be unsaid: that money was there. */
function assertNothingGivenBack({ amountRefunded, amountRefundPending, amountDisputed }: PaymentRecord): void {
  if ([amountRefunded, amountRefundPending, amountDisputed].every(isZero)) return
  throw new AppError('payment_state_conflict', { reason: 'a part of it was refunded' })
}

function allOf({ rows }: Allocated): readonly AllocationLine[] {
  return standing(rows).map(({ applied, left }) => ({
    target: applied.target,
    amount: subtract(money(0n, left.currency), left),
    corrects: applied.id,
  }))
}
