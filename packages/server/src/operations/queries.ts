// Reading: one object, or a page of a list. Reads change nothing and need no key; what another tenant owns is unknown.
import type { Order } from '../domain/order/order.ts'
import type { OrderStatus } from '../domain/order/states.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord, PaymentTransitionRecord } from '../domain/payment/record.ts'
import type { PaymentStatus } from '../domain/payment/states.ts'
import type { DisputeRecord } from '../domain/dispute/dispute.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import type { RefundStatus } from '../domain/refund/states.ts'
import type { OrderId, PaymentId, RefundId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import type { Tx } from '../store/db.ts'
import { listDeliveriesOfPayment } from '../store/deliveries.ts'
import type { Delivery } from '../domain/webhook/delivery.ts'
import { readCustomer } from '../store/customers.ts'
import { readMandate } from '../store/mandates.ts'
import { listOperations } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import { countOrderRows, listOrderRows, readOrder, readOrderByReference } from '../store/orders.ts'
import { listConflicts, listExchangeRows, listPostings, listTransitions } from '../store/payment-history.ts'
import type { ConflictRecord, ExchangeRecord, PostingRecord } from '../store/payment-history.ts'
import { listPaymentRows, listPaymentsOfOrder, readPayment, searchPaymentRows } from '../store/payments.ts'
import { listDisputeRows } from '../store/disputes.ts'
import { listRefundRows, readRefund } from '../store/refunds.ts'
import type { Actor, Deps } from './deps.ts'
import type { OrderView } from './views.ts'

export type { OrderView }

export function getOrder(deps: Deps, actor: Actor, id: OrderId): Promise<OrderView> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => viewOf(tx, await readOrder(tx, id)))
}

export function findOrderByReference(deps: Deps, actor: Actor, reference: string): Promise<OrderView> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => viewOf(tx, await readOrderByReference(tx, reference)))
}

export async function viewOf(tx: Tx, order: Order): Promise<OrderView> {
  const payments = await listPaymentsOfOrder(tx, order.id)
  const refunds = await listRefundRows(tx, { ...EVERY_REFUND, orderId: order.id })
  const mandate = order.mandateId === null ? {} : { mandate: await readMandate(tx, order.mandateId) }
  const customer = order.customerId === null ? {} : { customer: await readCustomer(tx, order.customerId) }
  return { order, payments, refunds, ...mandate, ...customer }
}

// More than one order can have: 25 attempts, each refunded in parts.
const EVERY_REFUND = { paymentId: null, orderId: null, status: null, before: null, limit: 1_000 } as const

type Paging = { readonly cursor?: string | undefined; readonly limit: number }

export type ListOrders = Paging & {
  readonly status?: OrderStatus | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

export async function listOrders(deps: Deps, actor: Actor, filter: ListOrders): Promise<Page<Order>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'orders', filter: rest }
  const before = readCursor(cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listOrderRows(tx, {
      status: filter.status ?? null,
      from: filter.from ?? null,
      to: filter.to ?? null,
      before,
      limit: limit + 1,
    }),
  )
  return toPage(rows, limit, listing)
}

/** How many orders there are, as far as ten thousand: nobody pages further by number. */
export function countOrders(deps: Deps, actor: Actor): Promise<number> {
  return deps.store.inSnapshot(actor.tenant, (tx) => countOrderRows(tx, 10_000))
}

export function getPayment(deps: Deps, actor: Actor, id: PaymentId): Promise<PaymentRecord> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readPayment(tx, id))
}

export type ListPayments = Paging & {
  readonly status?: PaymentStatus | undefined
  readonly method?: PaymentMethod | undefined
  readonly orderId?: OrderId | undefined
  /** An id, a reference, an RRN, a VPA or four last digits, whole; the other filters are then not applied. */
  readonly search?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

export async function listPayments(deps: Deps, actor: Actor, filter: ListPayments): Promise<Page<PaymentRecord>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'payments', filter: rest }
  const before = readCursor(cursor, listing)
  const page = { before, limit: limit + 1 }
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    filter.search === undefined
      ? listPaymentRows(tx, {
          status: filter.status ?? null,
          method: filter.method ?? null,
          orderId: filter.orderId ?? null,
          from: filter.from ?? null,
          to: filter.to ?? null,
          ...page,
        })
      : searchPaymentRows(tx, filter.search, page),
  )
  return toPage(rows, limit, listing)
}

export function getRefund(deps: Deps, actor: Actor, id: RefundId): Promise<RefundRecord> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readRefund(tx, id))
}

export type ListRefunds = Paging & {
  readonly paymentId?: PaymentId | undefined
  readonly orderId?: OrderId | undefined
  readonly status?: RefundStatus | undefined
}

export async function listRefunds(deps: Deps, actor: Actor, filter: ListRefunds): Promise<Page<RefundRecord>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'refunds', filter: rest }
  const before = readCursor(cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listRefundRows(tx, {
      paymentId: filter.paymentId ?? null,
      orderId: filter.orderId ?? null,
      status: filter.status ?? null,
      before,
      limit: limit + 1,
    }),
  )
  return toPage(rows, limit, listing)
}

export type Timeline = {
  readonly payment: PaymentRecord
  /** Null for an offline payment. */
  readonly order: Order | null
  readonly transitions: readonly PaymentTransitionRecord[]
  readonly operations: readonly Operation[]
  readonly refunds: readonly RefundRecord[]
  readonly disputes: readonly DisputeRecord[]
  readonly postings: readonly PostingRecord[]
  readonly conflicts: readonly ConflictRecord[]
  readonly deliveries: readonly Delivery[]
}

/** Everything that is known of one payment, in one look. */
export function getTimeline(deps: Deps, actor: Actor, id: PaymentId): Promise<Timeline> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const payment = await readPayment(tx, id)
    return {
      payment,
      order: payment.orderId === null ? null : await readOrder(tx, payment.orderId),
      transitions: await listTransitions(tx, id),
      operations: await listOperations(tx, id),
      refunds: await listRefundRows(tx, { ...EVERY_REFUND, paymentId: id }),
      disputes: await listDisputeRows(tx, { ...EVERY_REFUND, paymentId: id }),
      postings: await listPostings(tx, id),
      conflicts: await listConflicts(tx, id),
      deliveries: await listDeliveriesOfPayment(tx, id),
    }
  })
}

export function listExchanges(
  deps: Deps,
  actor: Actor,
  id: PaymentId,
): Promise<readonly (ExchangeRecord & { readonly at: Date })[]> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    await readPayment(tx, id)
    return listExchangeRows(tx, id)
  })
}
