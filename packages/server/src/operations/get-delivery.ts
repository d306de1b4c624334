// Reads one delivery with its attempts.
import type { Delivery } from '../domain/webhook/delivery.ts'
import type { DeliveryId } from '../kernel/ids.ts'
import { readDelivery } from '../store/deliveries.ts'
import type { Actor, Deps } from './deps.ts'

/** @throws AppError delivery_not_found */
export async function getDelivery(deps: Deps, actor: Actor, deliveryId: DeliveryId): Promise<Delivery> {
  return deps.store.inTransaction(actor.tenant, (tx) => readDelivery(tx, deliveryId))
}
