// One simulated world: shops with impatient customers, clerks and a gateway, in virtual time, under the faults that
// its seed switches on. Cheap invariants are looked at after every event, everything at the end, when all faults have
// healed and weeks have passed. The same seed is the same world.
import { orderIdOf } from '../../domain/payment/record.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { startActors } from './actors.ts'
import { createEventQueue } from './event-queue.ts'
import { NO_FAULTS, swarm } from './faults.ts'
import type { Faults } from './faults.ts'
import type { Snapshot } from './gateway-model.ts'
import { paymentReport, refundReport } from './gateway-words.ts'
import { judge, judgeLedger, judgeOrder, judgePayment } from './judge.ts'
import { createDoor } from './memory-door.ts'
import type { Door } from './memory-door.ts'
import { createNetwork } from './network.ts'
import type { Context } from './network.ts'
import { seededChance } from './seeded-chance.ts'
import { compareWithGateway } from './truth.ts'
import { startWorker } from './worker.ts'

export type WorldResult = {
  readonly seed: number
  /** Decisions of the domain that were asked for. */
  readonly events: number
  readonly faults: Faults
  readonly violations: readonly string[]
  readonly trace: readonly string[]
}

const DAY_MS = 86_400_000
const HEAL_AFTER_MS = 9 * DAY_MS
const LIVE_FOR_MS = 40 * DAY_MS
// An unknown object may be one whose commit is a moment away (operations/apply-notification.ts).
const PARK_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000]

export function runWorld(seed: number, options: { readonly trace?: boolean } = {}): WorldResult {
  const chance = seededChance(seed)
  const queue = createEventQueue()
  const trace: string[] = []
  const tell = options.trace === true ? (line: string) => void trace.push(`${queue.nowMs()} ${line}`) : () => {}
  const chosen = swarm(chance)
  let faults = chosen
  const context: Context = { chance, queue, faults: () => faults, trace: tell }
  const door = createDoor(queue.nowMs)
  const touched = new Set<OrderId>()
  const network = createNetwork(context, listener(context, door, touched))
  startWorker(context, door, network, touched)
  startActors(context, door, network, touched)
  queue.plan(HEAL_AFTER_MS, 'everything heals', () => {
    faults = { ...NO_FAULTS, lateSuccess: 0 }
  })

  const violations: string[] = []
  let what: string | undefined = 'start'
  while (what !== undefined && violations.length === 0) {
    try {
      what = queue.step(LIVE_FOR_MS)
    } catch (error) {
      violations.push(`at ${queue.nowMs()}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
    if (what !== undefined && options.trace === true) tell(`· ${what}`)
    for (const orderId of touched) look(door, orderId, violations)
    touched.clear()
  }
  if (violations.length === 0) {
    const books = door.books()
    violations.push(...judge(books), ...compareWithGateway(books, network.gateway))
  }
  return { seed, events: door.count.decisions, faults: chosen, violations, trace }
}

function look(door: Door, orderId: OrderId, violations: string[]): void {
  const { records } = door
  const payments = records.paymentsOf(orderId)
  judgeOrder(records.order(orderId), payments, violations)
  for (const payment of payments) {
    judgePayment(payment, records.refundsOf(payment.id), violations)
    judgeLedger(payment, records.postingsOf(payment.id), violations)
  }
}

/** Notifications: each event once, whatever was sent how often; what names nothing of ours is tried again later. */
function listener({ queue, trace, chance, faults }: Context, door: Door, touched: Set<OrderId>) {
  const seen = new Set<string>()
  const { records } = door

  function apply(eventId: string, snapshot: Snapshot, tries: number): void {
    if (snapshot.kind === 'payment') {
      const id = records.paymentNamed(snapshot.payment.id, snapshot.payment.reference)
      if (id === undefined) return park(eventId, snapshot, tries)
      touched.add(orderIdOf(records.payment(id)))
      const decision = door.recordPayment(id, null, { kind: 'report', report: paymentReport(snapshot.payment) })
      return trace(`notification ${eventId}: ${id} is ${decision.payment.status}`)
    }
    const { currency } = snapshot.payment.amount
    const report = refundReport(snapshot.refund, currency)
    const known = records.refundNamed(report.gatewayRefundId, report.reference)
    const paymentId = records.paymentNamed(report.gatewayPaymentId, null)
    if (known === undefined && paymentId === undefined) return park(eventId, snapshot, tries)
    if (paymentId !== undefined) touched.add(orderIdOf(records.payment(paymentId)))
    const refundId = known ?? (paymentId === undefined ? undefined : door.adoptRefund(paymentId, report)?.id)
    if (refundId === undefined) return park(eventId, snapshot, tries)
    const refund = door.recordRefund(refundId, null, { kind: 'report', report })
    trace(`notification ${eventId}: ${refundId} is ${refund.status}`)
  }

  function park(eventId: string, snapshot: Snapshot, tries: number): void {
    const wait = PARK_MS[tries]
    trace(`notification ${eventId} names nothing that fits: ${wait === undefined ? 'shown' : 'parked'}`)
    if (wait !== undefined) queue.plan(wait, `parked ${eventId}`, () => apply(eventId, snapshot, tries + 1))
    else if (snapshot.kind === 'refund' && snapshot.refund.status !== 'FAILED') {
      const paymentId = records.paymentNamed(snapshot.payment.id, snapshot.payment.reference)
      if (paymentId !== undefined) records.conflicted.add(paymentId)
    }
  }

  return (eventId: string, snapshot: Snapshot) => {
    if (chance.happens(faults().lies) && snapshot.kind === 'payment') {
      const paymentId = records.paymentNamed(snapshot.payment.id, snapshot.payment.reference)
      const { amount } = snapshot.payment
      const lie = { ...paymentReport(snapshot.payment), amount: money(amount.minor + 100n, amount.currency) }
      if (paymentId !== undefined) door.recordPayment(paymentId, null, { kind: 'report', report: lie })
    }
    if (seen.has(eventId)) return
    seen.add(eventId)
    apply(eventId, snapshot, 0)
  }
}
