// The worker of sync-operations in a simulated run: whatever call is due and open, it asks about, with the pure
// decisions of domain/operation. A worker may die between asking and recording; another one takes over.
import { orderIdOf } from '../../domain/payment/record.ts'
import { settlePaymentAnswer, settleRefundAnswer } from '../../domain/operation/answer.ts'
import type { AskedCall } from '../../domain/operation/answer.ts'
import type { PaymentNews } from '../../domain/payment/news.ts'
import type { RefundNews } from '../../domain/refund/decide.ts'
import type { OrderId } from '../../kernel/ids.ts'
import type { Door } from './memory-door.ts'
import type { Context, Network } from './network.ts'
import type { OpenCall } from './records.ts'

const LEASE_MS = 60_000
// Longer than a call may travel and a copy may be old (network.ts).
const ABSENT_GRACE_MS = 90_000

type Stage = {
  readonly context: Context
  readonly door: Door
  readonly network: Network
  /** Orders that something happened to. */
  readonly touched: Set<OrderId>
}

export function startWorker(context: Context, door: Door, network: Network, touched: Set<OrderId>): void {
  const stage: Stage = { context, door, network, touched }
  door.records.onCall((call) => again(stage, call))
}

function asked({ context }: Stage, call: OpenCall): AskedCall {
  const settled = context.queue.nowMs() - call.startedAtMs >= ABSENT_GRACE_MS
  return { kind: call.kind, toSend: call.toSend, targetTotalMinor: call.target, settled }
}

function look(stage: Stage, call: OpenCall): void {
  const { chance, queue, faults, trace } = stage.context
  const { records } = stage.door
  const { touched } = stage
  if (call.ended) return
  if (call.dueAtMs > queue.nowMs()) return again(stage, call)
  touched.add(orderIdOf(records.payment(call.paymentId)))
  if (chance.happens(faults().crash)) {
    trace(`${call.id}: the worker dies with the lease`)
    queue.plan(LEASE_MS, `${call.id}: lease is over`, () => look(stage, call))
    return
  }
  if (call.kind === 'refund') askRefund(stage, call)
  else askPayment(stage, call)
}

function again(stage: Stage, call: OpenCall): void {
  const { queue } = stage.context
  if (!call.ended) queue.plan(call.dueAtMs - queue.nowMs(), `${call.id} is due`, () => look(stage, call))
}

function record(stage: Stage, call: OpenCall, news: PaymentNews): void {
  const { trace } = stage.context
  const { door, touched } = stage
  const { payment } = door.recordPayment(call.paymentId, call.id, news)
  touched.add(orderIdOf(payment))
  trace(`${call.id} ${call.kind} of ${call.paymentId}: ${news.kind}, now ${payment.status}`)
  again(stage, call)
}

function askPayment(stage: Stage, call: OpenCall): void {
  const { records } = stage.door
  const { network } = stage
  const payment = records.payment(call.paymentId)
  const answer = network.ask(payment.gatewayPaymentId ?? payment.reference)
  const snapshot = typeof answer === 'string' ? answer : answer.payment
  const heard = network.paymentNews(snapshot === 'absent' && payment.gatewayPaymentId !== null ? 'no_answer' : snapshot)
  const isHeld = heard.kind === 'report' && heard.report.state === 'authorized'
  if (!call.toSend || call.kind !== 'void' || !isHeld || payment.gatewayPaymentId === null) {
    return record(stage, call, settlePaymentAnswer(asked(stage, call), heard))
  }
  const id = payment.gatewayPaymentId
  withLease(
    stage,
    call,
    () => network.gateway.release({ id, key: call.id }),
    (result) => {
      const news = network.paymentNews(result)
      record(stage, call, news.kind === 'failed' ? { kind: 'unknown', reason: news.reason } : news)
    },
  )
}

function askRefund(stage: Stage, call: OpenCall): void {
  const { records } = stage.door
  const { network } = stage
  const refund = records.refund(call.refundId ?? '')
  const payment = records.payment(call.paymentId)
  const { currency } = payment.amount
  const answer = network.ask(refund.gatewayRefundId ?? refund.reference)
  const known = typeof answer === 'string' ? answer : answer.kind === 'refund' ? answer.refund : 'absent'
  const heard = network.refundNews(
    known === 'absent' && refund.gatewayRefundId !== null ? 'no_answer' : known,
    currency,
  )
  const news = settleRefundAnswer(asked(stage, call), heard)
  if (news !== 'send') return recordRefund(stage, call, news)
  const { gatewayPaymentId } = payment
  if (gatewayPaymentId === null) return recordRefund(stage, call, { kind: 'unknown', reason: 'no gateway payment' })
  const act = () =>
    network.gateway.refund({ paymentId: gatewayPaymentId, reference: refund.reference, amount: refund.amount.minor })
  withLease(stage, call, act, (result) => {
    const isUnsent = 'lost' in result && result.lost === 'not_sent'
    if (isUnsent) recordRefund(stage, call, { kind: 'absent' })
    else recordRefund(stage, call, network.refundNews(result, currency))
  })
}

function recordRefund(stage: Stage, call: OpenCall, news: RefundNews): void {
  const { trace } = stage.context
  const { door, touched } = stage
  const refund = door.recordRefund(call.refundId ?? '', call.id, news)
  touched.add(orderIdOf(refund))
  trace(`${call.id} refund ${refund.id} of ${call.paymentId}: ${news.kind}, now ${refund.status}`)
  again(stage, call)
}

/** A worker that dies on the way leaves the call due; the lease keeps others away for as long as it could be sent. */
function withLease<Answer>(
  stage: Stage,
  call: OpenCall,
  act: () => Answer,
  done: (answer: Answer | { readonly lost: 'not_sent' | 'no_reply' }) => void,
): void {
  const { queue } = stage.context
  const { network } = stage
  let isRecorded = false
  network.call(`${call.id} ${call.kind}`, act, (answer) => {
    isRecorded = true
    // Whoever lost the lease or came after the end writes nothing.
    if (!call.ended) done(answer)
  })
  queue.plan(LEASE_MS, `${call.id}: lease is over`, () => {
    if (!isRecorded) look(stage, call)
  })
}
