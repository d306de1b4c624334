// Ends what has run out: sessions by their time, orders only after asking. An attempt that is not certainly absent
// keeps its order from expiring, however late it is.
import { isAlive } from '../domain/payment/states.ts'
import type { OrderId, SessionId, Tenant } from '../kernel/ids.ts'
import { lockOrder, postponeOrderExpiry } from '../store/orders.ts'
import { listPaymentsOfOrder } from '../store/payments.ts'
import { lockSession, saveSessionStatus } from '../store/sessions.ts'
import { sessionStep } from '../domain/session/states.ts'
import { addMs } from '../kernel/clock.ts'
import { isPositive } from '../kernel/money.ts'
import type { Deps } from './deps.ts'
import { refreshOrder } from './refresh-order.ts'

// While an attempt is alive its own operation asks the gateway; the order looks again after this.
const LOOK_AGAIN_MS = 60_000
const LOOK_AT_CREDIT_AGAIN_MS = 3_600_000

export async function expireOrder(deps: Deps, tenant: Tenant, id: OrderId): Promise<void> {
  await deps.store.inTransaction(tenant, async (tx) => {
    const order = await lockOrder(tx, id)
    const over = order.expiresAt !== null && order.expiresAt.getTime() <= tx.now.getTime()
    if (!over || order.expiredAt !== null || order.canceledAt !== null || order.paidAt !== null) return
    const attempts = await listPaymentsOfOrder(tx, order.id)
    if (attempts.some((attempt) => isAlive(attempt.status))) {
      await postponeOrderExpiry(tx, order, addMs(tx.now, LOOK_AGAIN_MS))
      return
    }
    // Whoever applied credit wants it paid. Taken back, the order is over the next time.
    if (isPositive(order.amountAllocated)) {
      await postponeOrderExpiry(tx, order, addMs(tx.now, LOOK_AT_CREDIT_AGAIN_MS))
      return
    }
    await refreshOrder(tx, order, attempts, { expiredAt: tx.now })
  })
  deps.nudge('deliveries')
}

export async function expireSession(deps: Deps, tenant: Tenant, id: SessionId): Promise<void> {
  await deps.store.inTransaction(tenant, async (tx) => {
    const session = await lockSession(tx, id)
    if (session.expiresAt.getTime() > tx.now.getTime()) return
    const step = sessionStep(session.status, 'expire')
    if (step.kind === 'moved') await saveSessionStatus(tx, session, step.to)
  })
}
