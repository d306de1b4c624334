// Lists events, newest first, whether an endpoint wanted them or not.
import type { EventRecord } from '../domain/webhook/delivery.ts'
import type { EventType } from '../domain/webhook/event.ts'
import type { OrderId, PaymentId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listEventRows } from '../store/events.ts'
import type { Actor, Deps } from './deps.ts'

export type ListEvents = {
  readonly type?: EventType | undefined
  readonly orderId?: OrderId | undefined
  readonly paymentId?: PaymentId | undefined
  /** Inclusive. */
  readonly from?: Date | undefined
  /** Exclusive. */
  readonly to?: Date | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** @throws AppError cursor_invalid */
export async function listEvents(deps: Deps, actor: Actor, query: ListEvents): Promise<Page<EventRecord>> {
  const filter = {
    type: query.type ?? null,
    orderId: query.orderId ?? null,
    paymentId: query.paymentId ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  }
  const listing = { name: 'events', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inTransaction(actor.tenant, (tx) =>
    listEventRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}
