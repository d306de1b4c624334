// A payment link names an order by our id and nothing else: whoever has it may pay that order. The id holds 86 random
// bits. Each visit opens a session of its own, so a link never runs out before its order does.
import { AppError } from '../kernel/errors.ts'
import { OrderId } from '../kernel/ids.ts'
import { findTenantOfOrder } from '../store/orders.ts'
import type { Actor, Deps } from './deps.ts'
import { openSession } from './open-session.ts'
import type { OpenedSession } from './open-session.ts'

/** @throws AppError order_not_found, and what openSession throws */
export async function openOrderLink(deps: Deps, id: string, requestId: string): Promise<OpenedSession> {
  const actor = await visitorOf(deps, id, requestId)
  return openSession(deps, actor, { orderId: OrderId.parse(id), isCustomers: false })
}

/** Who comes with a link: nobody in particular, of the order's tenant. @throws AppError order_not_found */
export async function visitorOf(deps: Deps, id: string, requestId: string): Promise<Actor> {
  const tenant = OrderId.is(id) ? await findTenantOfOrder(deps.store.queue, id) : undefined
  if (tenant === undefined) throw new AppError('order_not_found')
  return { tenant, kind: 'job', id: 'payment-link', requestId, scopes: [] }
}
