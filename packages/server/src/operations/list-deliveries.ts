// Lists deliveries, newest first; those with the status `dead` are the dead letters, to be sent again by hand.
import type { Delivery, DeliveryStatus } from '../domain/webhook/delivery.ts'
import type { EventId, WebhookEndpointId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listDeliveryRows } from '../store/deliveries.ts'
import type { Actor, Deps } from './deps.ts'

export type ListDeliveries = {
  readonly status?: DeliveryStatus | undefined
  readonly endpointId?: WebhookEndpointId | undefined
  readonly eventId?: EventId | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** @throws AppError cursor_invalid */
export async function listDeliveries(deps: Deps, actor: Actor, query: ListDeliveries): Promise<Page<Delivery>> {
  const filter = {
    status: query.status ?? null,
    endpointId: query.endpointId ?? null,
    eventId: query.eventId ?? null,
  }
  const listing = { name: 'deliveries', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inTransaction(actor.tenant, (tx) =>
    listDeliveryRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}
