// Ends orders and sessions whose time is over.
import type { Tenant } from '../kernel/ids.ts'
import type { Deps } from '../operations/deps.ts'
import { expireOrder, expireSession } from '../operations/expire.ts'
import { listOrdersDueToExpire } from '../store/orders.ts'
import { listSessionsDueToExpire } from '../store/sessions.ts'
import { oneByOne } from './one-by-one.ts'

/** Returns how many were looked at. */
export async function expireDue(deps: Deps, limit: number, only?: Tenant): Promise<number> {
  const orders = await listOrdersDueToExpire(deps.store.queue, limit, only)
  await oneByOne(deps.log, orders, (order) => expireOrder(deps, order.tenant, order.id))
  const sessions = await listSessionsDueToExpire(deps.store.queue, limit, only)
  await oneByOne(deps.log, sessions, (session) => expireSession(deps, session.tenant, session.id))
  return orders.length + sessions.length
}
