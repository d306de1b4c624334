// The records of a run in memory, and nothing but keeping them: no rule stands here. A save writes what it is given.
import type { Posting } from '../../domain/ledger/posting.ts'
import { ESCALATE_AFTER_MS, nextQuestionMs } from '../../domain/operation/schedule.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'
import type { GatewayAccountId, OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
import { zero } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type { BookCall, BookChange, BookOrder, BookPosting, Books } from './books.ts'

export type OpenCall = Omit<BookCall, 'escalated'> & {
  escalated: boolean
  readonly toSend: boolean
  readonly final: boolean
  readonly amount: Money
  /** Captures only: the captured total that it aims at, minor units. */
  readonly target: bigint | null
  readonly startedAtMs: number
  dueAtMs: number
  asked: number
  ended: boolean
}

export type NewCall = {
  readonly paymentId: string
  readonly refundId?: string
  readonly kind: BookCall['kind']
  readonly toSend: boolean
  readonly final: boolean
  readonly amount: Money
  readonly target?: bigint | null
}

export type Records = ReturnType<typeof createRecords>

const EPOCH = new Date(0)
const ACCOUNT = 'gwa_model' as GatewayAccountId

export function createRecords() {
  const kept = openRecords()
  return {
    ...kept,
    ...orderRecords(kept),
    ...refundRecords(kept),
    ...callRecords(kept),
    books: (): Books => ({
      orders: [...kept.orders.values()],
      payments: [...kept.payments.values()],
      refunds: [...kept.refunds.values()],
      postings: kept.postings,
      openCalls: [...kept.calls.values()],
      history: kept.history,
      conflicted: kept.conflicted,
      toldWrong: kept.toldWrong,
    }),
  }
}

type Kept = ReturnType<typeof openRecords>

function openRecords() {
  const orders = new Map<string, BookOrder>()
  const payments = new Map<string, PaymentRecord>()
  const refunds = new Map<string, RefundRecord>()
  const postings: BookPosting[] = []
  const ofPayment = new Map<string, BookPosting[]>()
  return {
    orders,
    payments,
    refunds,
    postings,
    calls: new Map<string, OpenCall>(),
    history: [] as BookChange[],
    conflicted: new Set<string>(),
    toldWrong: new Set<string>(),
    order: (id: string) => known(orders, id),
    payment: (id: string) => known(payments, id),
    refund: (id: string) => known(refunds, id),
    postingsOf: (paymentId: string): readonly BookPosting[] => ofPayment.get(paymentId) ?? [],
    post(paymentId: string, refundId: string | null, made: readonly Posting[]): void {
      for (const posting of made) {
        const one = { ...posting, paymentId, refundId }
        postings.push(one)
        const before = ofPayment.get(paymentId)
        if (before === undefined) ofPayment.set(paymentId, [one])
        else before.push(one)
      }
    },
  }
}

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const found = map.get(id)
  if (found === undefined) throw new Error(`${id} is not kept.`)
  return found
}

function orderRecords({ orders, payments }: Kept) {
  const ofOrder = new Map<string, string[]>()
  return {
    paymentsOf: (orderId: string) => (ofOrder.get(orderId) ?? []).map((id) => known(payments, id)),
    paymentNamed(gatewayId: string, reference: string | null): string | undefined {
      const all = [...payments.values()]
      return (all.find((it) => it.gatewayPaymentId === gatewayId) ?? all.find((it) => it.reference === reference))?.id
    },
    insertOrder(order: Pick<BookOrder, 'amount' | 'capture' | 'lateSuccess' | 'expiresAt'>): BookOrder {
      const none = zero(order.amount.currency)
      const id = `ord_${orders.size + 1}` as OrderId
      const ends = { expiredAt: null, canceledAt: null, paidAt: null }
      const kept: BookOrder = { ...order, ...ends, id, status: 'open', amountCaptured: none, amountRefunded: none }
      orders.set(id, kept)
      ofOrder.set(id, [])
      return kept
    },
    insertPayment(order: BookOrder): PaymentRecord {
      const id = `pay_${payments.size + 1}` as PaymentId
      const payment = { ...freshPayment(order.amount), id, orderId: order.id, reference: id, capture: order.capture }
      payments.set(id, payment)
      ofOrder.get(order.id)?.push(id)
      return payment
    },
    savePayment(payment: PaymentRecord): PaymentRecord {
      const saved = { ...payment, version: payment.version + 1 }
      payments.set(payment.id, saved)
      return saved
    },
  }
}

function refundRecords({ refunds }: Kept) {
  return {
    refundsOf: (paymentId: string) => [...refunds.values()].filter((refund) => refund.paymentId === paymentId),
    refundNamed(gatewayId: string, reference: string | null): string | undefined {
      const all = [...refunds.values()]
      return (all.find((it) => it.gatewayRefundId === gatewayId) ?? all.find((it) => it.reference === reference))?.id
    },
    insertRefund(payment: PaymentRecord, amount: Money, automatic: boolean): RefundRecord {
      const id = `ref_${refunds.size + 1}` as RefundId
      const about = { paymentId: payment.id, orderId: payment.orderId, amount, automatic }
      const refund: RefundRecord = { ...FRESH_REFUND, ...about, id, reference: id }
      refunds.set(id, refund)
      return refund
    },
    saveRefund: (refund: RefundRecord) => void refunds.set(refund.id, { ...refund, version: refund.version + 1 }),
  }
}

function callRecords({ calls }: Kept) {
  let lastCall = 0
  let heed: (call: OpenCall) => void = () => {}
  return {
    openCallsOf: (paymentId: string) => [...calls.values()].filter((call) => call.paymentId === paymentId),
    /** Told of every call that is written down. */
    onCall: (told: (call: OpenCall) => void) => void (heed = told),
    insertCall(call: NewCall, nowMs: number, dueInMs: number): OpenCall {
      lastCall += 1
      const id = `op_${lastCall}`
      const times = { startedAtMs: nowMs, dueAtMs: nowMs + dueInMs, asked: 0, escalated: false, ended: false }
      const kept = { target: null, ...call, refundId: call.refundId ?? null, id, ...times }
      calls.set(id, kept)
      heed(kept)
      return kept
    },
    endCall(id: string): void {
      const call = known(calls, id)
      call.ended = true
      calls.delete(id)
    },
    postpone(call: OpenCall, nowMs: number, how: { isUnknown: boolean }): void {
      call.dueAtMs = nowMs + nextQuestionMs(call.asked, 0)
      call.asked += 1
      if (how.isUnknown && nowMs - call.startedAtMs >= ESCALATE_AFTER_MS) call.escalated = true
    },
  }
}

const FRESH_REFUND = {
  gatewayAccountId: ACCOUNT,
  gatewayRefundId: null,
  status: 'pending',
  version: 1,
  reason: 'other',
  note: '',
  gatewayCode: null,
  arn: null,
  createdAt: EPOCH,
  updatedAt: EPOCH,
  succeededAt: null,
  requestedBy: null,
  needsApproval: false,
  decidedBy: null,
  givenBack: null,
} as const

function freshPayment(amount: Money) {
  const none = zero(amount.currency)
  return {
    amount,
    amountAuthorized: none,
    amountCaptured: none,
    amountRefunded: none,
    amountRefundPending: none,
    amountDisputed: none,
    amountAllocated: none,
    amountReversed: none,
    sessionId: null,
    gatewayAccountId: ACCOUNT,
    origin: 'ours',
    gatewayPaymentId: null,
    status: 'processing',
    version: 1,
    captureFinal: false,
    method: 'card',
    instrument: { method: 'card', token: 'tok_model' },
    facts: {},
    action: null,
    decline: null,
    failureReason: null,
    duplicate: false,
    late: false,
    createdAt: EPOCH,
    updatedAt: EPOCH,
    capturedAt: null,
    mandateId: null,
    mandateRole: null,
    personOutcome: null,
  } as const
}
