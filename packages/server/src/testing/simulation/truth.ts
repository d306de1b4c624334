// Our book against the gateway's, once everything has had its time: what the gateway has is what we have, or a person
// is shown the contradiction. And liveness: nothing is left waiting that could have ended.
import { orderIdOf } from '../../domain/payment/record.ts'
import type { BookPayment, BookRefund, Books } from './books.ts'
import type { GatewayModel, GatewayPayment, GatewayRefund } from './gateway-model.ts'
import { groupBy } from './judge.ts'

const STATUS: Readonly<Record<GatewayPayment['status'], string>> = {
  ACTION_NEEDED: 'requires_action',
  PENDING: 'processing',
  HELD: 'authorized',
  PART_PAID: 'captured',
  PAID: 'captured',
  REJECTED: 'declined',
  RELEASED: 'voided',
  LAPSED: 'expired',
  CANCELLED: 'canceled',
}

const REFUND_STATUS: Readonly<Record<GatewayRefund['status'], string>> = {
  PROCESSING: 'pending',
  ON_REVIEW: 'review',
  RETURNED: 'succeeded',
  FAILED: 'failed',
}

export type Truth = Pick<GatewayModel, 'payments' | 'refunds' | 'refusedRefunds'>

/** I3, I7, I10 and liveness. Call it at quiescence only. */
export function compareWithGateway(books: Books, gateway: Truth): string[] {
  const faults: string[] = []
  const theirs = new Map([...gateway.payments.values()].map((payment) => [payment.reference, payment]))
  const theirRefunds = groupBy([...gateway.refunds.values()], (refund) => refund.paymentId)
  const ourRefunds = groupBy(books.refunds, (refund) => refund.paymentId)
  for (const payment of books.payments) {
    const there = theirs.get(payment.reference)
    // Cash is in nobody's book but ours.
    if (books.conflicted.has(payment.id) || payment.gatewayAccountId === null) continue
    comparePayment(payment, there, faults)
    if (there === undefined) continue
    compareRefunds(payment, ourRefunds.get(payment.id) ?? [], theirRefunds.get(there.id) ?? [], faults)
  }
  compareOrders(books, gateway, faults)
  for (const call of books.openCalls) {
    if (!call.escalated && !books.conflicted.has(call.paymentId)) {
      faults.push(`${call.paymentId}: the ${call.kind} ${call.id} is still open and nobody was told`)
    }
  }
  return faults
}

function comparePayment(payment: BookPayment, there: GatewayPayment | undefined, faults: string[]): void {
  const say = (what: string) => faults.push(`${payment.id}: I7 ${what}`)
  if (there === undefined) {
    // The call never arrived: certainly nothing happened.
    if (payment.status !== 'failed') say(`is ${payment.status}, and the gateway has never seen it`)
    return
  }
  if (payment.status !== STATUS[there.status]) say(`is ${payment.status}, at the gateway ${there.status}`)
  if (payment.amountCaptured.minor !== there.paid) say(`captured ${payment.amountCaptured.minor}, there ${there.paid}`)
  if (payment.gatewayPaymentId !== there.id) say(`is named ${payment.gatewayPaymentId}, there ${there.id}`)
}

function compareRefunds(
  payment: BookPayment,
  ours: readonly BookRefund[],
  theirs: readonly GatewayRefund[],
  faults: string[],
): void {
  const say = (what: string) => faults.push(`${payment.id}: I7 ${what}`)
  const returned = theirs.filter((refund) => refund.status === 'RETURNED').reduce((sum, it) => sum + it.amount, 0n)
  if (returned !== payment.amountRefunded.minor) say(`refunded ${payment.amountRefunded.minor}, there ${returned}`)
  for (const there of theirs) {
    const refund = ours.find((it) => it.gatewayRefundId === there.id || it.reference === there.reference)
    // One that failed and that we never asked for is nobody's business.
    if (refund === undefined && there.status !== 'FAILED') say(`does not know the refund ${there.id}`)
    if (refund !== undefined && refund.status !== REFUND_STATUS[there.status]) {
      say(`refund ${refund.id} is ${refund.status}, there ${there.status}`)
    }
  }
  for (const refund of ours) {
    const there = theirs.some((it) => it.id === refund.gatewayRefundId || it.reference === refund.reference)
    if (!there && refund.status !== 'failed') say(`refund ${refund.id} is ${refund.status}, there it is unknown`)
  }
}

/** Nobody keeps money twice for one order, nor for an order that was called off; unless giving it back was refused. */
function compareOrders(books: Books, gateway: Truth, faults: string[]): void {
  const byOrder = groupBy(books.payments, orderIdOf)
  // The gateway itself refused to give it back.
  const refused = new Set([...gateway.refunds.values()].flatMap((it) => (it.status === 'FAILED' ? [it.reference] : [])))
  for (const reference of gateway.refusedRefunds) refused.add(reference)
  const stuck = new Set(
    books.refunds.flatMap((it) => (it.automatic && refused.has(it.reference) ? [it.paymentId] : [])),
  )
  for (const order of books.orders) {
    const payments = byOrder.get(order.id) ?? []
    if (payments.some((payment) => stuck.has(payment.id) || books.conflicted.has(payment.id))) continue
    const kept = payments.reduce((sum, it) => sum + it.amountCaptured.minor - it.amountRefunded.minor, 0n)
    if (kept > order.amount.minor) faults.push(`${order.id}: I3 keeps ${kept} for ${order.amount.minor}`)
    if (order.canceledAt !== null && kept > 0n) faults.push(`${order.id}: I3 was canceled and keeps ${kept}`)
    const expired = order.expiresAt !== null && order.paidAt === null && order.canceledAt === null
    if (expired && order.status === 'open') faults.push(`${order.id}: has run out and is still open`)
  }
}
