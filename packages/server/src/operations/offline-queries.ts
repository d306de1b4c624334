// Reading offline payments and allocations: one, or a page of a list. Reads change nothing.
import type { Allocation } from '../domain/allocation/allocation.ts'
import type { OfflineStatus } from '../domain/offline/states.ts'
import type { OfflineMethod } from '../domain/payment/method.ts'
import type { AllocationId, CustomerId, OrderId, PaymentId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listAllocationRows, readAllocation } from '../store/allocations.ts'
import { listOfflineRows, readOfflinePayment } from '../store/offline-payments.ts'
import { readPayment } from '../store/payments.ts'
import type { Actor, Deps } from './deps.ts'
import type { OfflineView } from './record-offline-payment.ts'

/** @throws AppError payment_not_found, also for a payment that is not an offline one */
export function getOfflinePayment(deps: Deps, actor: Actor, id: PaymentId): Promise<OfflineView> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => ({
    offline: await readOfflinePayment(tx, id),
    payment: await readPayment(tx, id),
  }))
}

type Paging = { readonly cursor?: string | undefined; readonly limit: number }

export type ListOfflinePayments = Paging & {
  readonly status?: OfflineStatus | undefined
  readonly method?: OfflineMethod | undefined
  readonly customerId?: CustomerId | undefined
  /** Of when it was received. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/** Newest first. @throws AppError cursor_invalid */
export async function listOfflinePayments(
  deps: Deps,
  actor: Actor,
  filter: ListOfflinePayments,
): Promise<Page<OfflineView>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'offline_payments', filter: rest }
  const before = readCursor(cursor, listing)
  const views = await deps.store.inSnapshot(actor.tenant, async (tx) => {
    const rows = await listOfflineRows(tx, {
      status: filter.status ?? null,
      method: filter.method ?? null,
      customerId: filter.customerId ?? null,
      from: filter.from ?? null,
      to: filter.to ?? null,
      before,
      limit: limit + 1,
    })
    // Sent together: one round trip for the page, not one for each of its rows.
    return Promise.all(
      rows.map(async (offline) => {
        const payment = await readPayment(tx, offline.paymentId)
        return { id: payment.id, payment, offline }
      }),
    )
  })
  return toPage(views, limit, listing)
}

/** @throws AppError allocation_not_found */
export function getAllocation(deps: Deps, actor: Actor, id: AllocationId): Promise<Allocation> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readAllocation(tx, id))
}

export type ListAllocations = Paging & {
  readonly paymentId?: PaymentId | undefined
  readonly orderId?: OrderId | undefined
  readonly invoiceId?: string | undefined
}

/** Newest first, with the rows that take something back. @throws AppError cursor_invalid */
export async function listAllocations(deps: Deps, actor: Actor, filter: ListAllocations): Promise<Page<Allocation>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'allocations', filter: rest }
  const before = readCursor(cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listAllocationRows(tx, {
      paymentId: filter.paymentId ?? null,
      orderId: filter.orderId ?? null,
      invoiceId: filter.invoiceId ?? null,
      before,
      limit: limit + 1,
    }),
  )
  return toPage(rows, limit, listing)
}
