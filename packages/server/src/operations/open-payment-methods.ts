// What a merchant's active gateway accounts can take together, asked for without an order.
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { Actor, Deps } from './deps.ts'
import { gatewayMethods } from './open-session.ts'

export function openPaymentMethods(deps: Deps, actor: Actor): Promise<readonly PaymentMethod[]> {
  return deps.store.inSnapshot(actor.tenant, (tx) => gatewayMethods(deps, tx))
}
