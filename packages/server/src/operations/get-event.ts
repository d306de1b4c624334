// Reads one event: what a receiver was told, or should have been.
import type { EventRecord } from '../domain/webhook/delivery.ts'
import type { EventId } from '../kernel/ids.ts'
import { readEvent } from '../store/events.ts'
import type { Actor, Deps } from './deps.ts'

/** @throws AppError event_not_found */
export async function getEvent(deps: Deps, actor: Actor, eventId: EventId): Promise<EventRecord> {
  return deps.store.inTransaction(actor.tenant, (tx) => readEvent(tx, eventId))
}
