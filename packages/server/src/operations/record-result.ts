// The one door through which a gateway changes a payment. Replies, notifications, returns and syncs all come through
// here, in any order and as often as they like: a report carries totals, it is compared with our own row before it is
// believed, and the payment, its history, its postings, its order and its events change in one transaction.
import type { Result } from '../connectors/contract/connector.ts'
import { isAlive } from '../domain/payment/states.ts'
import { eventsOf, mismatch, transition } from '../domain/payment/payment.ts'
import type { Payment, PaymentEvent } from '../domain/payment/payment.ts'
import type { Cause, PaymentRecord } from '../domain/payment/record.ts'
import type { Decline, PaymentReport } from '../domain/payment/report.ts'
import { postingsForCapture } from '../domain/ledger/posting.ts'
import { isGreater } from '../kernel/money.ts'
import type { OperationId, PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { endOperation, listOpenOperations } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import { insertPostings, insertTransition } from '../store/payment-history.ts'
import { listPaymentsOfOrder, savePayment } from '../store/payments.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import type { Order } from '../domain/order/order.ts'
import { isSecondSuccess } from '../domain/order/second-success.ts'
import type { Deps } from './deps.ts'
import { announcePayment, recordConflict } from './announce.ts'
import { giveBack } from './give-back.ts'
import { postpone } from './postpone.ts'
import { refreshOrder } from './refresh-order.ts'

/** Where the news came from, for the history. */
export type Source = { readonly cause: Cause; readonly actor: string; readonly requestId: string | null }

export type PaymentNews = {
  readonly paymentId: PaymentId
  /** The operation whose reply or sync this is; null for a notification. */
  readonly operationId: OperationId | null
  readonly result: Result<PaymentReport>
}

/** Returns the payment as it is afterwards. */
export async function recordPaymentResult(
  deps: Deps,
  tx: Tx,
  source: Source,
  news: PaymentNews,
): Promise<PaymentRecord> {
  const order = await lockOrderOfPayment(tx, news.paymentId)
  const attempts = await listPaymentsOfOrder(tx, order.id)
  const before = attempts.find((attempt) => attempt.id === news.paymentId)
  if (before === undefined) throw new Error('unreachable: the order was found through this payment')
  const open = await listOpenOperations(tx, before.id)
  const answered = open.find((operation) => operation.id === news.operationId)

  const decided = decide(before, news.result, answered?.kind ?? 'authorize')
  for (const conflict of decided.conflicts) {
    await recordConflict(deps, tx, before, conflict.kind, { ...conflict.details, cause: source.cause })
  }
  const after = await keep(deps, tx, source, { order, attempts, before, decided })
  await settleOperations(deps, tx, { payment: after, open, answered, result: news.result })
  return after
}

type Decided = {
  readonly payment: PaymentRecord
  readonly event: string
  readonly conflicts: readonly { readonly kind: string; readonly details: object }[]
}

/** Pure: what the news makes of the payment. `answers` is the kind of call that it is the answer to. */
function decide(before: PaymentRecord, result: Result<PaymentReport>, answers: Operation['kind']): Decided {
  const unchanged = { payment: before, event: result.kind, conflicts: [] }
  switch (result.kind) {
    case 'report':
      return decideReport(before, result.report)
    case 'declined':
      // A declined capture declines the capture; the hold still stands.
      return answers === 'authorize' ? apply(before, [{ type: 'declined' }], { decline: result.decline }) : unchanged
    case 'failed':
      return answers === 'authorize' ? apply(before, [{ type: 'failed' }], { failureReason: result.reason }) : unchanged
    case 'unknown':
      return answers === 'authorize'
        ? apply(before, [{ type: 'outcome_unknown' }], { failureReason: result.reason })
        : unchanged
    case 'absent':
      return unchanged
  }
}

function decideReport(before: PaymentRecord, report: PaymentReport): Decided {
  const wrong = mismatch(before, report)
  const foreign = before.gatewayPaymentId !== null && before.gatewayPaymentId !== report.gatewayPaymentId
  if (wrong !== undefined || foreign) {
    const kind = wrong ?? 'other_gateway_payment'
    const details = {
      reported_amount: report.amount.minor.toString(),
      reported_currency: report.amount.currency,
      reported_state: report.state,
      gateway_payment_id: report.gatewayPaymentId,
    }
    // Genuine, but not about this payment's money: nothing is believed, a person looks, and the outcome stays open.
    const unsure = apply(before, [{ type: 'outcome_unknown' }], {})
    return { ...unsure, conflicts: [{ kind, details }] }
  }
  return apply(before, eventsOf(report), {
    gatewayPaymentId: report.gatewayPaymentId,
    facts: { ...before.facts, ...report.facts },
    action: report.state === 'requires_action' ? (report.action ?? before.action) : null,
    ...(report.decline === undefined ? {} : { decline: report.decline }),
  })
}

type Beside = {
  readonly gatewayPaymentId?: string
  readonly facts?: PaymentRecord['facts']
  readonly action?: PaymentRecord['action']
  readonly decline?: Decline
  readonly failureReason?: string
}

/** Runs events through the state table; what is learnt beside them is kept only when a status they belong to is. */
function apply(before: PaymentRecord, events: readonly PaymentEvent[], beside: Beside): Decided {
  let state: Payment = before
  const conflicts: { kind: string; details: object }[] = []
  for (const event of events) {
    const step = transition(state, event)
    if (step.kind === 'conflict') {
      conflicts.push({ kind: step.reason, details: { status: state.status, event: event.type } })
    }
    if (step.kind !== 'moved') continue
    if (step.conflict) conflicts.push({ kind: 'late_success', details: { status: state.status, event: event.type } })
    state = step.payment
  }
  const last = events.at(-1)?.type ?? 'none'
  const payment: PaymentRecord = {
    ...before,
    ...state,
    gatewayPaymentId: before.gatewayPaymentId ?? beside.gatewayPaymentId ?? null,
    facts: beside.facts ?? before.facts,
    action: state.status === 'requires_action' ? (beside.action ?? before.action) : null,
    decline: state.status === 'declined' ? (before.decline ?? beside.decline ?? UNEXPLAINED) : before.decline,
    failureReason: isFailure(state.status) ? (beside.failureReason ?? before.failureReason) : before.failureReason,
  }
  return { payment, event: last, conflicts }
}

const UNEXPLAINED: Decline = { stage: 'authorization', code: 'other', gatewayCode: '' }

const isFailure = (status: Payment['status']) => status === 'failed' || status === 'unknown'

type Change = {
  readonly order: Order
  readonly attempts: readonly PaymentRecord[]
  readonly before: PaymentRecord
  readonly decided: Decided
}

async function keep(deps: Deps, tx: Tx, source: Source, change: Change): Promise<PaymentRecord> {
  const { order, attempts, before, decided } = change
  if (!differs(before, decided.payment)) return before
  const gained = isGreater(decided.payment.amountCaptured, before.amountCaptured)
  const becameMoney = decided.payment.status !== before.status && isMoney(decided.payment)
  const others = attempts.filter((attempt) => attempt.id !== before.id)
  const second = becameMoney && !isMoney(before) && isSecondSuccess(order, decided.payment, others)
  const after = await savePayment(tx, before, {
    ...decided.payment,
    duplicate: before.duplicate || second,
    late: before.late || (gained && order.expiredAt !== null),
    capturedAt: decided.payment.capturedAt ?? (gained ? tx.now : null),
  })
  await insertTransition(tx, {
    paymentId: after.id,
    version: after.version,
    from: before.status,
    to: after.status,
    event: decided.event,
    ...source,
  })
  await insertPostings(
    tx,
    deps.clock,
    { paymentId: after.id, refundId: null, paymentVersion: after.version },
    postingsForCapture(before, after),
  )
  if (after.status !== before.status || gained) await announcePayment(tx, after)
  const updated = attempts.map((attempt) => (attempt.id === after.id ? after : attempt))
  await refreshOrder(tx, order, updated)
  if (after.duplicate && isMoney(after) && (gained || becameMoney)) await giveBack(deps, tx, after)
  return after
}

const isMoney = (payment: Payment) => payment.status === 'authorized' || payment.status === 'captured'

function differs(a: PaymentRecord, b: PaymentRecord): boolean {
  return (
    a.status !== b.status ||
    a.captureFinal !== b.captureFinal ||
    a.gatewayPaymentId !== b.gatewayPaymentId ||
    a.failureReason !== b.failureReason ||
    a.amountAuthorized.minor !== b.amountAuthorized.minor ||
    a.amountCaptured.minor !== b.amountCaptured.minor ||
    JSON.stringify([a.facts, a.action, a.decline]) !== JSON.stringify([b.facts, b.action, b.decline])
  )
}

type Settling = {
  readonly payment: PaymentRecord
  readonly open: readonly Operation[]
  readonly answered: Operation | undefined
  readonly result: Result<PaymentReport>
}

/** Ends every open call whose outcome the payment now shows, whoever brought the news. */
async function settleOperations(deps: Deps, tx: Tx, { payment, open, answered, result }: Settling): Promise<void> {
  for (const operation of open) {
    if (operation.kind === 'refund') continue
    const outcome = outcomeShownBy(payment, operation)
    if (outcome !== undefined) {
      await endOperation(tx, operation.id, { status: outcome, reason: null })
    } else if (operation.id === answered?.id) {
      await settleAnswered(deps, tx, operation, result)
    }
  }
}

function outcomeShownBy(payment: PaymentRecord, operation: Operation): 'succeeded' | 'declined' | 'failed' | undefined {
  switch (operation.kind) {
    case 'authorize':
      if (payment.status === 'declined') return 'declined'
      if (payment.status === 'failed') return 'failed'
      return isAlive(payment.status) && payment.status !== 'authorized' ? undefined : 'succeeded'
    case 'capture':
      return payment.amountCaptured.minor >= (operation.targetTotalMinor ?? 0n) ? 'succeeded' : undefined
    case 'void':
      return payment.status === 'voided' || payment.captureFinal ? 'succeeded' : undefined
    case 'refund':
      return undefined
  }
}

async function settleAnswered(deps: Deps, tx: Tx, operation: Operation, result: Result<PaymentReport>): Promise<void> {
  if (result.kind === 'declined') {
    await endOperation(tx, operation.id, { status: 'declined', reason: result.decline.gatewayCode })
  } else if (result.kind === 'failed') {
    await endOperation(tx, operation.id, { status: 'failed', reason: result.reason })
  } else {
    const unknown = result.kind === 'unknown' || result.kind === 'absent'
    await postpone(deps, tx, operation, {
      status: unknown ? 'unknown' : 'pending',
      reason: result.kind === 'unknown' ? result.reason : null,
    })
  }
}
