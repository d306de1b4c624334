// One payment's life at the gateway, told by notifications that come in any order, up to five times each, with a third
// of them lost until the end. Whatever the order, the last state is the gateway's own: the same news, the same end.
import { money } from '../../kernel/money.ts'
import { createGatewayModel } from './gateway-model.ts'
import type { GatewayModel, Outcome, Snapshot } from './gateway-model.ts'
import { paymentReport, refundReport } from './gateway-words.ts'
import { judge } from './judge.ts'
import { createDoor } from './memory-door.ts'
import type { Door } from './memory-door.ts'
import { seededChance } from './seeded-chance.ts'
import type { Chance } from './seeded-chance.ts'
import { compareWithGateway } from './truth.ts'

export type StreamResult = { readonly deliveries: number; readonly violations: readonly string[] }

const MOST_COPIES = 5
const LOST = 0.3

/** The life of a payment with this reference, as the gateway tells it, in its own order. */
export function liveAtTheGateway(
  chance: Chance,
  payment: { reference: string; amount: bigint; capture: 'automatic' | 'manual' },
  prefix = '',
): { readonly gateway: GatewayModel; readonly told: readonly Snapshot[] } {
  const told: Snapshot[] = []
  const gateway = createGatewayModel((snapshot) => told.push(snapshot), prefix)
  const outcome = chance.pick<Outcome>(['approve', 'action', 'pending', 'pending', 'reject'])
  const amount = money(payment.amount, 'INR')
  const { id } = gateway.authorize({ reference: payment.reference, amount, capture: payment.capture, outcome })
  const ending = chance.pick(['approve', 'approve', 'approve', 'reject', 'cancel', 'lapse'] as const)
  gateway.settle(id, ending)
  if (chance.happens(0.3)) gateway.payAfterAll(id)
  const part = () => BigInt(chance.between(1, Number(payment.amount)))
  for (let step = chance.whole(3); step > 0; step -= 1) {
    gateway.capture({ id, key: `capture_${step}`, amount: part(), final: chance.happens(0.3) })
  }
  if (chance.happens(0.3)) gateway.release({ id, key: 'release' })
  if (chance.happens(0.3)) gateway.settle(id, 'lapse')
  for (let step = chance.whole(4); step > 0; step -= 1) {
    const refund = gateway.refund({ paymentId: id, reference: null, amount: part() })
    if ('refused' in refund) continue
    if (chance.happens(0.2)) gateway.settleRefund(refund.id, 'ON_REVIEW')
    gateway.settleRefund(refund.id, chance.happens(0.8) ? 'RETURNED' : 'FAILED')
  }
  return { gateway, told }
}

/** Every message with its number, as often and in the order in which it arrives; what was lost comes last. */
export function jumble<Message>(chance: Chance, messages: readonly Message[]): readonly (readonly [number, Message])[] {
  const first: (readonly [number, Message])[] = []
  const late: (readonly [number, Message])[] = []
  for (const [number, message] of messages.entries()) {
    if (chance.happens(LOST)) late.push([number, message])
    else for (let copy = chance.between(1, MOST_COPIES); copy > 0; copy -= 1) first.push([number, message])
  }
  return [...chance.shuffle(first), ...chance.shuffle(late)]
}

export function runStream(seed: number): StreamResult {
  const chance = seededChance(seed)
  const door = createDoor(() => 0)
  const order = door.records.insertOrder({
    amount: money(BigInt(chance.between(1, 50) * 100), 'INR'),
    capture: chance.happens(0.5) ? 'automatic' : 'manual',
    lateSuccess: 'accept',
    expiresAt: null,
  })
  const started = door.startPayment(order.id)
  if (started === undefined) return { deliveries: 0, violations: ['A fresh order can be paid.'] }
  const { reference, amount, capture } = started.payment
  const { gateway, told } = liveAtTheGateway(chance, { reference, amount: amount.minor, capture })
  const arriving = jumble(chance, told)
  const seen = new Set<number>()
  let parked: Snapshot[] = []
  for (const [number, snapshot] of arriving) {
    if (seen.has(number)) continue
    seen.add(number)
    parked = [...parked, snapshot].filter((waiting) => !apply(door, waiting))
  }
  // What was parked is tried again for a day; here, until nothing more fits.
  for (let before = -1; before !== parked.length; ) {
    before = parked.length
    parked = parked.filter((waiting) => !apply(door, waiting))
  }
  const last = gateway.payment({ reference })
  if (last !== undefined && door.records.calls.size > 0) {
    door.recordPayment(started.payment.id, started.call.id, { kind: 'report', report: paymentReport(last) })
  }
  const books = door.books()
  const isOver = last !== undefined && last.status !== 'ACTION_NEEDED' && last.status !== 'PENDING'
  // What the gateway took back in the end has no place to find.
  const waiting = parked.filter((it) => it.kind === 'refund' && gateway.refunds.get(it.refund.id)?.status !== 'FAILED')
  const violations = [
    ...judge(books),
    ...compareWithGateway(isOver ? books : { ...books, openCalls: [] }, gateway),
    ...waiting.map(() => `${started.payment.id}: a refund of the gateway's never found its place`),
  ]
  return { deliveries: arriving.length, violations }
}

/** False: it names nothing of ours yet. */
function apply(door: Door, snapshot: Snapshot): boolean {
  const { records } = door
  const paymentId = records.paymentNamed(snapshot.payment.id, snapshot.payment.reference)
  if (paymentId === undefined) return false
  if (snapshot.kind === 'payment') {
    door.recordPayment(paymentId, null, { kind: 'report', report: paymentReport(snapshot.payment) })
    return true
  }
  const report = refundReport(snapshot.refund, snapshot.payment.amount.currency)
  const known = records.paymentNamed(report.gatewayPaymentId, null)
  const refundId =
    records.refundNamed(report.gatewayRefundId, null) ??
    (known === undefined ? undefined : door.adoptRefund(known, report)?.id)
  if (refundId === undefined) return false
  door.recordRefund(refundId, null, { kind: 'report', report })
  return true
}
