// Cells that are reached by doing it: payments and refunds are brought into each status through the one door and hear
// each event there, on Postgres, and what the rows say afterwards is compared with what is drawn.
import type { PaymentNews } from '../../../domain/payment/news.ts'
import type { PaymentRecord } from '../../../domain/payment/record.ts'
import type { ReportedRefundState, ReportedState } from '../../../domain/payment/report.ts'
import type { RefundNews } from '../../../domain/refund/decide.ts'
import type { RefundRecord } from '../../../domain/refund/refund.ts'
import { PaymentId } from '../../../kernel/ids.ts'
import { money, zero } from '../../../kernel/money.ts'
import { createOrder } from '../../../operations/create-order.ts'
import { recordRefundResult } from '../../../operations/record-refund-result.ts'
import { recordPaymentResult } from '../../../operations/record-result.ts'
import { reserveRefund } from '../../../operations/reserve-refund.ts'
import type { Source } from '../../../operations/source.ts'
import type { Tx } from '../../../store/db.ts'
import { lockOrderOfPayment } from '../../../store/orders.ts'
import { insertTransition } from '../../../store/payment-history.ts'
import { insertPayment, lockPayment } from '../../../store/payments.ts'
import type { Till } from '../till.ts'
import { cellsOf, PAYMENT, REFUND } from './drawn.ts'
import { saidOf } from './reached.ts'
import type { Reached } from './reached.ts'

const AMOUNT = money(1_000n, 'INR')
const PART = money(400n, 'INR')
const NONE = zero('INR')
const SOURCE: Source = { cause: 'notification', actor: 'gateway:matrices', requestId: null }

export const inTx = <T>(till: Till, work: (tx: Tx) => Promise<T>) =>
  till.deps.store.inTransaction(till.actor.tenant, work)

/** Conflicts of this payment so far. */
async function conflictsOf(till: Till, paymentId: string): Promise<number> {
  const { rows } = await till.db.pools.owner.query<{ count: number }>(
    'select count(*)::int as count from purser.conflicts where payment_id = $1',
    [paymentId],
  )
  return rows[0]?.count ?? 0
}

let orders = 0

async function freshPayment(till: Till): Promise<PaymentRecord> {
  orders += 1
  const { id: orderId } = await createOrder(till.deps, till.actor, { reference: `cell-${orders}`, amount: AMOUNT })
  return inTx(till, async (tx) => {
    const id = PaymentId.create(till.deps.clock.now())
    const payment = await insertPayment(tx, {
      id,
      orderId,
      sessionId: null,
      gatewayAccountId: till.accountId,
      origin: 'ours',
      reference: id,
      amount: AMOUNT,
      capture: 'manual',
      method: 'card',
      instrument: { method: 'card' },
      status: 'created',
    })
    const began = { from: null, to: 'created', event: 'started', cause: 'request', actor: 'key:matrices' } as const
    await insertTransition(tx, { paymentId: id, version: payment.version, requestId: null, ...began })
    return payment
  })
}

/** The news that stands for an event; none for `started`, which nobody tells: starting is ours. */
function newsOf(payment: PaymentRecord, event: string): PaymentNews | undefined {
  if (event === 'started') return undefined
  if (event === 'outcome_unknown') return { kind: 'unknown', reason: 'timeout' }
  if (event === 'failed') return { kind: 'failed', reason: 'The gateway has never seen it.' }
  const state = STATES[event]
  if (state === undefined) throw new Error(`Nobody knows how to tell ${event}.`)
  const report = {
    gatewayPaymentId: `gp_${payment.id}`,
    reference: payment.reference,
    amount: AMOUNT,
    state,
    authorized: event === 'authorized' || event === 'lapsed' ? AMOUNT : NONE,
    captured: event === 'captured' ? AMOUNT : NONE,
    captureFinal: event === 'captured',
    facts: {},
  }
  return { kind: 'report', report }
}

const STATES: Readonly<Record<string, ReportedState>> = {
  action_required: 'requires_action',
  pending: 'pending',
  expired: 'expired',
  lapsed: 'expired',
  canceled: 'canceled',
  declined: 'declined',
  authorized: 'authorized',
  voided: 'voided',
  captured: 'captured',
}

// How each status is come to from `created`.
const WAY_TO: Readonly<Record<string, string>> = {
  requires_action: 'action_required',
  processing: 'pending',
  unknown: 'outcome_unknown',
}

const tell = (till: Till, paymentId: PaymentId, result: PaymentNews) =>
  inTx(till, (tx) => recordPaymentResult(till.deps, tx, SOURCE, { paymentId, operationId: null, result }))

async function paymentIn(till: Till, status: string): Promise<PaymentRecord> {
  const fresh = await freshPayment(till)
  if (status === 'created') return fresh
  const news = newsOf(fresh, WAY_TO[status] ?? status)
  if (news === undefined) throw new Error(`Nobody knows the way to ${status}.`)
  const payment = await tell(till, fresh.id, news)
  if (payment.status !== status) throw new Error(`The way to ${status} led to ${payment.status}.`)
  return payment
}

export async function reachPayments(till: Till, reached: Reached): Promise<void> {
  for (const { status, event, expected } of cellsOf(PAYMENT)) {
    if (event === 'started') continue
    const payment = await paymentIn(till, status)
    const before = await conflictsOf(till, payment.id)
    const news = newsOf(payment, event)
    if (news === undefined) continue
    await tell(till, payment.id, news)
    const after = await inTx(till, (tx) => lockPayment(tx, payment.id))
    const conflicts = (await conflictsOf(till, payment.id)) - before
    reached.cell('payment', `${status} ${event}`, 'postgres', saidOf(status, after.status, conflicts), expected)
  }
}

function refundNews(refund: RefundRecord, event: string): RefundNews {
  if (event === 'approved' || event === 'rejected') return { kind: event, by: 'user:second' }
  if (event === 'outcome_unknown') return { kind: 'unknown', reason: 'timeout' }
  const state = REFUND_STATES[event]
  if (state === undefined) throw new Error(`Nobody knows how to tell ${event}.`)
  const names = { gatewayRefundId: `gr_${refund.id}`, gatewayPaymentId: `gp_${refund.paymentId}`, reference: refund.id }
  return { kind: 'report', report: { ...names, amount: refund.amount, state } }
}

const REFUND_STATES: Readonly<Record<string, ReportedRefundState>> = {
  accepted: 'pending',
  reviewed: 'review',
  failed: 'failed',
  succeeded: 'succeeded',
}
const WAY_TO_REFUND: Readonly<Record<string, string>> = { unknown: 'outcome_unknown', review: 'reviewed' }

const tellRefund = (till: Till, { id: refundId }: RefundRecord, result: RefundNews) =>
  inTx(till, (tx) => recordRefundResult(till.deps, tx, SOURCE, { refundId, operationId: null, result }))

async function refundIn(till: Till, status: string): Promise<RefundRecord> {
  const { id } = await paymentIn(till, 'captured')
  const needsApproval = status === 'awaiting_approval' || status === 'rejected'
  const { refund } = await inTx(till, async (tx) => {
    await lockOrderOfPayment(tx, id)
    const payment = await lockPayment(tx, id)
    const wanted = { amount: PART, reason: 'other', note: '', automatic: false, merchantReference: null } as const
    return reserveRefund(till.deps, tx, payment, { ...wanted, toSend: false }, { by: 'user:first', needsApproval })
  })
  if (status === refund.status) return refund
  const after = await tellRefund(till, refund, refundNews(refund, WAY_TO_REFUND[status] ?? status))
  if (after.status !== status) throw new Error(`The way to ${status} led to ${after.status}.`)
  return after
}

export async function reachRefunds(till: Till, reached: Reached): Promise<void> {
  for (const { status, event, expected } of cellsOf(REFUND)) {
    const refund = await refundIn(till, status)
    const before = await conflictsOf(till, refund.paymentId)
    const after = await tellRefund(till, refund, refundNews(refund, event))
    const conflicts = (await conflictsOf(till, refund.paymentId)) - before
    reached.cell('refund', `${status} ${event}`, 'postgres', saidOf(status, after.status, conflicts), expected)
  }
}
