// Who acts in a simulated world: customers who pay, tap twice and try again; clerks who capture, release, refund and
// call off; payers' banks; and somebody who works at the gateway's own pages. What they do is drawn while the run
// goes on.
import { orderIdOf } from '../../domain/payment/record.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import type { GatewayModel, GatewayRefund, Outcome } from './gateway-model.ts'
import type { Door } from './memory-door.ts'
import type { Context, Network } from './network.ts'
import type { OpenCall } from './records.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const PAYER_STEP_LASTS_MS = 15 * MINUTE_MS
const LONGEST_HOLD_DAYS = 7

type Stage = {
  readonly context: Context
  readonly door: Door
  readonly network: Network
  /** Orders that something happened to. */
  readonly touched: Set<OrderId>
}

export function startActors(context: Context, door: Door, network: Network, touched: Set<OrderId>): void {
  const { chance, queue } = context
  const stage: Stage = { context, door, network, touched }
  network.onRefund((snapshot) => decideOnRefund(stage, snapshot.refund))
  const shops = chance.between(1, 4)
  for (let shop = 0; shop < shops; shop += 1) queue.plan(chance.whole(DAY_MS), 'a shop opens', () => openShop(stage))
}

function decideOnRefund({ context, network }: Stage, made: GatewayRefund): void {
  const { chance, faults, queue } = context
  if (made.status === 'RETURNED' || made.status === 'FAILED') return
  const trouble = chance.happens(faults().refundTrouble)
  const isReviewed = made.status === 'PROCESSING' && trouble && chance.happens(0.5)
  const next = isReviewed ? 'ON_REVIEW' : trouble ? 'FAILED' : 'RETURNED'
  queue.plan(chance.whole(DAY_MS), `bank decides on ${made.id}`, () => void network.gateway.settleRefund(made.id, next))
}

function openShop(stage: Stage): void {
  const { chance, queue, trace } = stage.context
  const { records } = stage.door
  const order = records.insertOrder({
    amount: money(BigInt(chance.between(1, 20) * 500), chance.happens(0.8) ? 'INR' : 'JPY'),
    capture: chance.happens(0.6) ? 'automatic' : 'manual',
    lateSuccess: chance.happens(0.7) ? 'accept' : 'refund',
    expiresAt: chance.happens(0.4) ? new Date(queue.nowMs() + chance.whole(2 * DAY_MS)) : null,
  })
  trace(`order ${order.id} over ${order.amount.minor} ${order.amount.currency} ${order.capture}`)
  const visits = chance.between(1, 6)
  for (let visit = 0; visit < visits; visit += 1) {
    const inMs = chance.whole(chance.happens(0.5) ? 5 * MINUTE_MS : 2 * DAY_MS)
    queue.plan(inMs, `customer of ${order.id}`, () => pay(stage, order.id))
    // Taps twice.
    if (chance.happens(0.3)) queue.plan(inMs, `second tap on ${order.id}`, () => pay(stage, order.id))
  }
  if (order.expiresAt !== null)
    queue.plan(order.expiresAt.getTime() - queue.nowMs(), 'expiry', () => expire(stage, order.id))
  if (chance.happens(0.2))
    queue.plan(chance.whole(3 * DAY_MS), `${order.id} is called off`, () => cancel(stage, order.id))
  const tasks = chance.between(1, 8)
  for (let task = 0; task < tasks; task += 1) {
    queue.plan(chance.whole(6 * DAY_MS), `clerk of ${order.id}`, () => workOn(stage, order.id))
  }
}

function pay(stage: Stage, orderId: OrderId): void {
  const { chance, trace } = stage.context
  const { door, network, touched } = stage
  touched.add(orderId)
  const started = door.startPayment(orderId)
  if (started === undefined) return trace(`${orderId} cannot be paid now`)
  const { payment, call } = started
  const outcome = chance.pick<Outcome>(['approve', 'approve', 'reject', 'action', 'pending', 'cancel'])
  const { reference, amount, capture } = payment
  network.call(
    `${payment.id} authorize`,
    () => authorize(stage, { reference, amount, capture, outcome }),
    (answer) => {
      touched.add(orderId)
      const news = network.paymentNews(answer)
      const { payment: after } = door.recordPayment(payment.id, call.id, news)
      trace(`${payment.id} of ${orderId} authorize: ${news.kind}, now ${after.status}`)
    },
  )
}

function authorize(stage: Stage, wanted: Parameters<GatewayModel['authorize']>[0]) {
  const { chance, queue, faults } = stage.context
  const { gateway } = stage.network
  const isNew = gateway.payment({ reference: wanted.reference }) === undefined
  const payment = gateway.authorize(wanted)
  if (!isNew) return payment
  const { id } = payment
  if (wanted.outcome === 'action' || wanted.outcome === 'pending') {
    const ending = chance.pick(['approve', 'approve', 'reject', 'cancel', 'lapse'] as const)
    queue.plan(chance.whole(PAYER_STEP_LASTS_MS), `bank decides on ${id}`, () => void gateway.settle(id, ending))
  }
  if (wanted.capture === 'manual') {
    const lastsMs = chance.between(1, 2 * LONGEST_HOLD_DAYS) * (DAY_MS / 2)
    queue.plan(lastsMs, `hold ${id} runs out`, () => void gateway.settle(id, 'lapse'))
  }
  if (chance.happens(faults().lateSuccess)) {
    queue.plan(chance.whole(2 * DAY_MS), `${id} is paid after all`, () => void gateway.payAfterAll(id))
  }
  return payment
}

function workOn(stage: Stage, orderId: OrderId): void {
  const { chance, faults } = stage.context
  const { records } = stage.door
  const { door, touched } = stage
  touched.add(orderId)
  const payments = records.paymentsOf(orderId)
  if (payments.length === 0) return
  const payment = chance.pick(payments)
  const amount = money(BigInt(chance.between(1, Number(payment.amount.minor))), payment.amount.currency)
  if (chance.happens(faults().atTheGateway)) return workAtTheGateway(stage, payment.gatewayPaymentId, amount.minor)
  const held = payment.status === 'authorized' || (payment.status === 'captured' && !payment.captureFinal)
  if (!held) {
    refund(stage, payment.id, amount.minor)
    // Another clerk has the same idea in the same second.
    if (chance.happens(0.3)) refund(stage, payment.id, BigInt(chance.between(1, Number(payment.amount.minor))))
    return
  }
  const kind = chance.happens(0.7) ? 'capture' : 'void'
  const call = door.followUp(
    payment.id,
    kind,
    kind === 'capture' && chance.happens(0.6) ? amount : undefined,
    chance.happens(0.5),
  )
  if (call !== undefined) follow(stage, call, payment.gatewayPaymentId ?? '')
}

function follow(stage: Stage, call: OpenCall, id: string): void {
  const { trace } = stage.context
  const { gateway } = stage.network
  const { records } = stage.door
  const { door, network, touched } = stage
  const { amount, final } = call
  const act = () =>
    call.kind === 'capture'
      ? gateway.capture({ id, key: call.id, amount: amount.minor, final })
      : gateway.release({ id, key: call.id })
  network.call(`${call.id} ${call.kind} of ${call.paymentId}`, act, (answer) => {
    touched.add(orderIdOf(records.payment(call.paymentId)))
    const news = network.paymentNews(answer)
    const { payment } = door.recordPayment(call.paymentId, call.id, news)
    trace(`${call.id} ${call.kind} of ${call.paymentId}: ${news.kind}, now ${payment.status}`)
  })
}

function refund(stage: Stage, paymentId: string, minor: bigint): void {
  const { chance, faults, trace } = stage.context
  const { gateway } = stage.network
  const { records } = stage.door
  const { door, network, touched } = stage
  const payment = records.payment(paymentId)
  const started = door.startRefund(paymentId, money(minor, payment.amount.currency))
  if (started === undefined || payment.gatewayPaymentId === null) return trace(`${paymentId} refuses ${minor}`)
  const { refund: made, call } = started
  const refuse = chance.happens(faults().refundTrouble)
  const wanted = { paymentId: payment.gatewayPaymentId, reference: made.reference, amount: minor, refuse }
  network.call(
    `${made.id} of ${paymentId}`,
    () => gateway.refund(wanted),
    (answer) => {
      touched.add(orderIdOf(payment))
      const after = door.recordRefund(made.id, call.id, network.refundNews(answer, payment.amount.currency))
      trace(`${made.id} of ${paymentId}: now ${after.status}`)
    },
  )
}

function workAtTheGateway(stage: Stage, id: string | null, amount: bigint): void {
  const { chance, queue, trace } = stage.context
  const { gateway } = stage.network
  if (id === null) return
  trace(`somebody works on ${id} at the gateway`)
  const key = `page_${queue.nowMs()}`
  const what = chance.pick(['refund', 'refund', 'capture', 'release'] as const)
  if (what === 'refund') gateway.refund({ paymentId: id, reference: null, amount })
  else if (what === 'capture') gateway.capture({ id, key, amount, final: chance.happens(0.5) })
  else gateway.release({ id, key })
}

function expire(stage: Stage, orderId: OrderId): void {
  const { queue } = stage.context
  const { door, touched } = stage
  touched.add(orderId)
  if (door.expire(orderId) === 'later')
    queue.plan(MINUTE_MS * 60, `${orderId} expires later`, () => expire(stage, orderId))
}

function cancel(stage: Stage, orderId: OrderId): void {
  const { trace } = stage.context
  const { door, touched } = stage
  touched.add(orderId)
  trace(`${orderId} is called off: ${door.cancel(orderId)}`)
}
