// The operations without a database: each function is what one transaction of operations/ does, on plain records, with
// the same pure decisions of the domain. Only who decides is tested here; that the transactions do this is tested by
// the runs on Postgres, with the same judge.
import { postingsForRefund } from '../../domain/ledger/posting.ts'
import type { OrderFacts } from '../../domain/order/states.ts'
import { deriveOrderStatus, payability } from '../../domain/order/states.ts'
import { FIRST_QUESTION_MS } from '../../domain/operation/schedule.ts'
import { decidePayment, noTraceOf } from '../../domain/payment/decide.ts'
import type { PaymentDecision } from '../../domain/payment/decide.ts'
import type { PaymentNews } from '../../domain/payment/news.ts'
import { orderIdOf } from '../../domain/payment/record.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import { isAlive } from '../../domain/payment/states.ts'
import { decideRefund, refundable } from '../../domain/refund/decide.ts'
import type { RefundNews } from '../../domain/refund/decide.ts'
import type { RefundReport } from '../../domain/payment/report.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'
import { add, isGreater, isPositive, isZero, subtract, sum } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { Books, BookOrder } from './books.ts'
import { createRecords } from './records.ts'
import type { OpenCall } from './records.ts'

export type Door = ReturnType<typeof createDoor>

export function createDoor(nowMs: () => number) {
  const hall = openHall(nowMs)
  const giveBack = giver(hall)
  return {
    records: hall.records,
    /** Every decision of the domain that was asked for. */
    count: hall.count,
    ...paymentNews(hall, giveBack),
    ...refundNews(hall),
    ...starts(hall),
    ...ends(hall),
    books: (): Books => hall.records.books(),
  }
}

type Hall = ReturnType<typeof openHall>

/** What every transaction needs: the records, the hour, and an order brought to what its payments say. */
function openHall(nowMs: () => number) {
  const records = createRecords()
  const now = () => new Date(nowMs())
  return {
    records,
    nowMs,
    now,
    count: { decisions: 0 },
    refresh(order: BookOrder, end: Partial<Pick<BookOrder, 'expiredAt' | 'canceledAt'>> = {}): void {
      const payments = records.paymentsOf(order.id)
      const ended = { ...order, ...end }
      const counted = payments.filter((payment) => !payment.duplicate)
      const status = deriveOrderStatus(factsOf(ended, payments))
      const { currency } = order.amount
      records.orders.set(order.id, {
        ...ended,
        status,
        amountCaptured: sum(
          counted.map((it) => it.amountCaptured),
          currency,
        ),
        amountRefunded: sum(
          counted.map((it) => it.amountRefunded),
          currency,
        ),
        paidAt: order.paidAt ?? (status === 'paid' ? now() : null),
      })
    },
    /** Lies are told apart; only a contradiction that leaves a difference is for a person. */
    note(paymentId: string, conflicts: readonly { readonly kind: string }[]): void {
      if (conflicts.some(({ kind }) => LEAVES_A_DIFFERENCE.has(kind))) records.conflicted.add(paymentId)
      if (conflicts.some(({ kind }) => WAS_WRONG.has(kind))) records.toldWrong.add(paymentId)
    },
  }
}

function paymentNews(hall: Hall, giveBack: (payment: PaymentRecord) => void) {
  const { records, count } = hall

  function settleCalls(
    payment: PaymentRecord,
    open: readonly OpenCall[],
    answered: OpenCall | undefined,
    news: PaymentNews,
  ): void {
    for (const call of open) {
      if (call.kind === 'refund') continue
      if (outcomeIsShown(payment, call)) records.endCall(call.id)
      else if (call.id !== answered?.id) continue
      else if (news.kind === 'declined' || news.kind === 'failed') records.endCall(call.id)
      else if (noTraceOf(payment, news) !== undefined) records.endCall(call.id)
      else records.postpone(call, hall.nowMs(), { isUnknown: news.kind === 'unknown' || news.kind === 'absent' })
    }
  }

  return {
    recordPayment(paymentId: string, callId: string | null, news: PaymentNews): PaymentDecision {
      const before = records.payment(paymentId)
      const order = records.order(orderIdOf(before))
      const open = records.openCallsOf(paymentId)
      const answered = open.find((call) => call.id === callId)
      const answers = answered === undefined || answered.kind === 'refund' ? 'authorize' : answered.kind
      const others = records.paymentsOf(order.id).filter((payment) => payment.id !== before.id)
      count.decisions += 1
      const decision = decidePayment(before, news, answers, { order, others, now: hall.now() })
      hall.note(paymentId, decision.conflicts)
      if (decision.payment !== before) {
        const after = records.savePayment(decision.payment)
        records.history.push({ paymentId, from: before.status, to: after.status })
        records.post(paymentId, null, decision.postings)
        hall.refresh(order)
        if (decision.giveBack) giveBack(after)
      }
      settleCalls(records.payment(paymentId), open, answered, news)
      return decision
    },
  }
}

function reserve(hall: Hall, payment: PaymentRecord, amount: Money, how: { automatic: boolean; toSend: boolean }) {
  const { records, count, nowMs } = hall
  count.decisions += 1
  if (isZero(payment.amountCaptured) || isGreater(amount, refundable(payment))) return undefined
  records.savePayment({ ...payment, amountRefundPending: add(payment.amountRefundPending, amount) })
  const refund = records.insertRefund(payment, amount, how.automatic)
  const call = records.insertCall(
    { paymentId: payment.id, refundId: refund.id, kind: 'refund', toSend: how.toSend, final: true, amount },
    nowMs(),
    how.toSend ? 0 : FIRST_QUESTION_MS,
  )
  records.post(payment.id, refund.id, postingsForRefund(undefined, 'pending', amount))
  return { refund, call }
}

function giver(hall: Hall) {
  const { records } = hall
  return (payment: PaymentRecord): void => {
    if (!isZero(payment.amountCaptured)) {
      const left = refundable(payment)
      if (isPositive(left)) reserve(hall, payment, left, { automatic: true, toSend: true })
      return
    }
    if (records.openCallsOf(payment.id).some((call) => call.kind === 'void')) return
    const amount = payment.amountAuthorized
    records.insertCall({ paymentId: payment.id, kind: 'void', toSend: true, final: true, amount }, hall.nowMs(), 0)
  }
}

function refundNews(hall: Hall) {
  const { records, count } = hall
  return {
    recordRefund(refundId: string, callId: string | null, news: RefundNews): RefundRecord {
      const before = records.refund(refundId)
      const payment = records.payment(before.paymentId)
      count.decisions += 1
      const decision = decideRefund(before, payment, news, hall.now())
      hall.note(payment.id, decision.conflicts)
      if (decision.refund !== before) records.saveRefund(decision.refund)
      if (decision.payment !== payment) {
        records.savePayment(decision.payment)
        hall.refresh(records.order(orderIdOf(payment)))
      }
      records.post(payment.id, refundId, decision.postings)
      const call = records.openCallsOf(payment.id).find((open) => open.refundId === refundId)
      const { status } = decision.refund
      if (call === undefined) return decision.refund
      if (status === 'succeeded' || status === 'failed') records.endCall(call.id)
      else if (call.id === callId) records.postpone(call, hall.nowMs(), { isUnknown: status === 'unknown' })
      return decision.refund
    },
    startRefund(paymentId: string, amount: Money) {
      const payment = records.payment(paymentId)
      if (payment.status !== 'captured' || payment.gatewayPaymentId === null) return undefined
      return reserve(hall, payment, amount, { automatic: false, toSend: false })
    },
    /** A refund that was made at the gateway. */
    adoptRefund(paymentId: string, report: RefundReport): RefundRecord | undefined {
      const payment = records.payment(paymentId)
      const fits = report.amount.currency === payment.amount.currency && !isGreater(report.amount, refundable(payment))
      if (!fits || report.state === 'failed') return undefined
      return reserve(hall, payment, report.amount, { automatic: false, toSend: false })?.refund
    },
  }
}

function starts(hall: Hall) {
  const { records, count, nowMs } = hall
  return {
    startPayment(orderId: string) {
      const order = records.order(orderId)
      const attempts = records.paymentsOf(orderId)
      count.decisions += 1
      if (payability(factsOf(order, attempts)) !== 'payable') return undefined
      if (order.expiresAt !== null && order.expiresAt.getTime() <= nowMs()) return undefined
      const payment = records.insertPayment(order)
      const { id: paymentId, amount } = payment
      records.history.push({ paymentId, from: null, to: payment.status })
      const about = { paymentId, kind: 'authorize', toSend: false, final: true, amount } as const
      const call = records.insertCall(about, nowMs(), FIRST_QUESTION_MS)
      hall.refresh(order)
      return { payment, call }
    },
    /** A capture or a void; undefined where operations/follow-up.ts refuses it. */
    followUp(paymentId: string, kind: 'capture' | 'void', wanted: Money | undefined, final: boolean) {
      const payment = records.payment(paymentId)
      count.decisions += 1
      const held = payment.status === 'authorized' || (payment.status === 'captured' && !payment.captureFinal)
      const left = subtract(payment.amountAuthorized, payment.amountCaptured)
      const amount = wanted ?? left
      if (!held || !isPositive(left) || payment.gatewayPaymentId === null || isGreater(amount, left)) return undefined
      if (records.openCallsOf(paymentId).some((call) => call.kind !== 'refund')) return undefined
      const target = kind === 'capture' ? add(payment.amountCaptured, amount).minor : null
      return records.insertCall({ paymentId, kind, toSend: false, final, amount, target }, nowMs(), FIRST_QUESTION_MS)
    },
  }
}

function ends(hall: Hall) {
  const { records, count } = hall
  return {
    expire(orderId: string): 'ended' | 'later' | 'never' {
      const order = records.order(orderId)
      count.decisions += 1
      if (order.expiresAt === null || order.expiredAt !== null || order.canceledAt !== null) return 'never'
      if (order.paidAt !== null) return 'never'
      if (records.paymentsOf(orderId).some((payment) => isAlive(payment.status))) return 'later'
      hall.refresh(order, { expiredAt: hall.now() })
      return 'ended'
    },
    cancel(orderId: string): boolean {
      const order = records.order(orderId)
      const attempts = records.paymentsOf(orderId)
      count.decisions += 1
      if (order.canceledAt !== null || attempts.some((attempt) => isAlive(attempt.status))) return false
      if (attempts.some((attempt) => isPositive(attempt.amountCaptured) && !attempt.duplicate)) return false
      hall.refresh(order, { canceledAt: hall.now() })
      return true
    },
  }
}

const WAS_WRONG = new Set(['late_success', 'refund_late_success', 'refund_beyond_balance'])
const LEAVES_A_DIFFERENCE = new Set(['refund_unexpected', 'refund_has_other_id'])

function outcomeIsShown(payment: PaymentRecord, call: OpenCall): boolean {
  if (call.kind === 'authorize') return !isAlive(payment.status) || payment.status === 'authorized'
  const held = payment.status === 'authorized' || (payment.status === 'captured' && !payment.captureFinal)
  return !held || (call.kind === 'capture' && payment.amountCaptured.minor >= (call.target ?? 0n))
}

function factsOf(order: BookOrder, payments: readonly PaymentRecord[]): OrderFacts {
  return {
    amountMinor: order.amount.minor,
    expired: order.expiredAt !== null,
    canceled: order.canceledAt !== null,
    payments: payments.map((payment) => ({
      status: payment.status,
      capturedMinor: payment.amountCaptured.minor,
      duplicate: payment.duplicate,
      awaitsCash: false,
    })),
  }
}
