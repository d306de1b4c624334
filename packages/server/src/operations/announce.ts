// Tells the merchant: every change of a payment, a refund or an order has its event in the same transaction.
import type { Allocation } from '../domain/allocation/allocation.ts'
import type { DisputeRecord } from '../domain/dispute/dispute.ts'
import { disputeJson } from '../domain/dispute/json.ts'
import { mandateJson, noticeJson } from '../domain/mandate/json.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import { allocationJson, offlinePaymentJson } from '../domain/offline/json.ts'
import type { OfflinePayment } from '../domain/offline/offline-payment.ts'
import type { OfflineEvent } from '../domain/offline/states.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { breakJson } from '../domain/settlement/json.ts'
import type { Break } from '../domain/settlement/break.ts'
import { disputeEventType, eventBody, paymentEventType, refundEventType } from '../domain/webhook/event.ts'
import type { EventType } from '../domain/webhook/event.ts'
import { orderJson, paymentJson, refundJson } from '../domain/webhook/objects.ts'
import { ConflictId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertEvent } from '../store/events.ts'
import { insertConflict, listConflicts } from '../store/payment-history.ts'
import type { Deps } from './deps.ts'

export async function announceOrder(tx: Tx, type: EventType, order: Order): Promise<void> {
  const body = eventBody(type, tx.now, { order: orderJson(order) })
  await insertEvent(tx, { type, objectId: order.id, orderId: order.id, paymentId: null, body })
}

export async function announcePayment(tx: Tx, payment: PaymentRecord): Promise<void> {
  const type = paymentEventType(payment.status)
  if (type !== undefined) await insertPaymentEvent(tx, type, payment)
}

/** A capture or a void that came to nothing. The payment is as it was; the merchant wanted it otherwise. */
export async function announceFollowUpFailed(tx: Tx, kind: 'capture' | 'void', payment: PaymentRecord): Promise<void> {
  await insertPaymentEvent(tx, `payment.${kind}_failed`, payment)
}

export async function announceRefund(tx: Tx, refund: RefundRecord): Promise<void> {
  const type = refundEventType(refund.status)
  const body = eventBody(type, tx.now, { refund: refundJson(refund) })
  await insertEvent(tx, { type, objectId: refund.id, orderId: refund.orderId, paymentId: refund.paymentId, body })
}

export async function announceMandate(tx: Tx, type: EventType, mandate: Mandate): Promise<void> {
  const body = eventBody(type, tx.now, { mandate: mandateJson(mandate) })
  const about = { objectId: mandate.id, orderId: mandate.orderId, paymentId: mandate.paymentId }
  await insertEvent(tx, { type, ...about, body })
}

export async function announceNotice(tx: Tx, type: EventType, notice: PreDebitNotice): Promise<void> {
  const body = eventBody(type, tx.now, { pre_debit_notice: noticeJson(notice) })
  await insertEvent(tx, { type, objectId: notice.id, orderId: null, paymentId: null, body })
}

export async function announceDispute(tx: Tx, dispute: DisputeRecord): Promise<void> {
  const type = disputeEventType(dispute.status)
  const body = eventBody(type, tx.now, { dispute: disputeJson(dispute) })
  const { orderId, paymentId } = dispute
  await insertEvent(tx, { type, objectId: dispute.id, orderId, paymentId, body })
}

/** To finance rather than to a shop: nobody else would hear of it. */
export async function announceBreak(tx: Tx, type: EventType, found: Break): Promise<void> {
  const body = eventBody(type, tx.now, { break: breakJson(found) })
  await insertEvent(tx, { type, objectId: found.id, orderId: null, paymentId: found.paymentId, body })
}

export async function announceOffline(
  tx: Tx,
  what: 'recorded' | OfflineEvent,
  payment: PaymentRecord,
  offline: OfflinePayment,
): Promise<void> {
  const type = `offline_payment.${what}` as const
  const body = eventBody(type, tx.now, { offline_payment: offlinePaymentJson({ payment, offline }) })
  await insertEvent(tx, { type, objectId: payment.id, orderId: null, paymentId: payment.id, body })
}

export async function announceAllocation(tx: Tx, allocation: Allocation): Promise<void> {
  const type = allocation.reason === 'applied' ? 'allocation.applied' : 'allocation.withdrawn'
  const body = eventBody(type, tx.now, { allocation: allocationJson(allocation) })
  const orderId = allocation.target.kind === 'order' ? allocation.target.orderId : null
  await insertEvent(tx, { type, objectId: allocation.id, orderId, paymentId: allocation.paymentId, body })
}

/** A contradiction is kept once, however often it is repeated, and shown to the merchant. */
export async function recordConflict(
  deps: Deps,
  tx: Tx,
  payment: PaymentRecord,
  kind: string,
  details: object,
): Promise<void> {
  const known = await listConflicts(tx, payment.id)
  if (known.some((conflict) => conflict.kind === kind && sameDetails(conflict.details, details))) return
  await insertConflict(tx, { id: ConflictId.create(deps.clock.now()), paymentId: payment.id, kind, details })
  deps.log.warn({ payment_id: payment.id, kind, details }, 'A gateway contradicts what is known.')
  await insertPaymentEvent(tx, 'payment.conflict', payment)
}

async function insertPaymentEvent(tx: Tx, type: EventType, payment: PaymentRecord): Promise<void> {
  const body = eventBody(type, tx.now, { payment: paymentJson(payment) })
  await insertEvent(tx, { type, objectId: payment.id, orderId: payment.orderId, paymentId: payment.id, body })
}

// The cause may differ between repeats of one contradiction; what is contradicted does not.
function sameDetails(a: object, b: object): boolean {
  const text = (details: object) =>
    JSON.stringify(
      Object.entries(details)
        .filter(([key]) => key !== 'cause')
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    )
  return text(a) === text(b)
}
