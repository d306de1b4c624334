// What time does to a mandate: its end, the end of a pause, a change whose answer never came, and the charges that
// still wait on one which has ended. Looks once; what is looked at by two is done once, because every step locks and
// checks.
import type { Mandate } from '../domain/mandate/mandate.ts'
import { nextQuestionMs } from '../domain/operation/schedule.ts'
import { addMs } from '../kernel/clock.ts'
import type { MandateId, PaymentId, Tenant } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { listWaitingPayments } from '../store/mandate-executions.ts'
import { lockMandate, saveMandate } from '../store/mandates.ts'
import { insertExchange } from '../store/payment-history.ts'
import { sendChange } from './change-mandate.ts'
import type { Deps } from './deps.ts'
import { callGateway } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import { isOver, moveMandate, nextLook } from './move-mandate.ts'
import { recordMandateResult } from './record-mandate-result.ts'
import type { Source } from './source.ts'
import { gatewayOf, lookAtWaiting } from './send-notice.ts'

const SCHEDULE: Source = { cause: 'schedule', actor: 'job:mandates', requestId: null }
const SYNC: Source = { cause: 'sync', actor: 'job:mandates', requestId: null }

type Next =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'look_at_waiting'; readonly payments: readonly PaymentId[] }
  | { readonly kind: 'change' | 'ask'; readonly mandate: Mandate; readonly gateway: OpenAccount }

export async function advanceMandate(deps: Deps, tenant: Tenant, id: MandateId): Promise<void> {
  const next = await deps.store.inTransaction(tenant, (tx) => decideNext(deps, tx, id))
  if (next.kind === 'look_at_waiting') await lookAtWaiting(deps, tenant, next.payments)
  if (next.kind === 'change') await sendChange(deps, tenant, next.mandate, next.gateway, SYNC)
  if (next.kind === 'ask') await ask(deps, tenant, next.mandate, next.gateway)
  deps.nudge('deliveries')
}

async function decideNext(deps: Deps, tx: Tx, id: MandateId): Promise<Next> {
  const mandate = await lockMandate(tx, id)
  const isPast = (instant: Date | null) => instant !== null && instant.getTime() <= tx.now.getTime()
  if (isOver(mandate)) {
    await saveMandate(tx, mandate, { ...mandate, pendingChange: null }, null)
    return { kind: 'look_at_waiting', payments: await listWaitingPayments(tx, id, null) }
  }
  if (isPast(mandate.endsAt)) {
    await moveMandate(tx, SCHEDULE, mandate, 'expired')
    return { kind: 'nothing' }
  }
  if (mandate.pendingChange === null && mandate.status === 'paused' && isPast(mandate.pauseEndsAt)) {
    await moveMandate(tx, SCHEDULE, mandate, 'resumed')
    return { kind: 'nothing' }
  }
  const current = isPast(mandate.pauseFrom)
    ? beginPause(mandate, isPast(mandate.pauseEndsAt))
    : isPast(mandate.resumeAt)
      ? beginResumption(mandate)
      : mandate
  // Moved on first: whoever looks meanwhile leaves it alone.
  const wait = nextQuestionMs(1, deps.randomness.fraction())
  const isPending = current.pendingChange !== null
  const looked = await saveMandate(tx, mandate, current, isPending ? addMs(tx.now, wait) : nextLook(current, tx.now))
  if (mandate.gatewayMandateId === null) return { kind: 'nothing' }
  const gateway = await gatewayOf(deps, tx, mandate)
  return { kind: isPending ? 'change' : 'ask', mandate: looked, gateway }
}

/** A pause whose hour has come is asked of the gateway; one that is over by now never was. */
function beginPause(mandate: Mandate, isOver: boolean): Mandate {
  if (isOver) return { ...mandate, pauseFrom: null, pauseEndsAt: null }
  return { ...mandate, pauseFrom: null, pendingChange: mandate.pendingChange ?? 'pause' }
}

function beginResumption(mandate: Mandate): Mandate {
  return { ...mandate, resumeAt: null, pendingChange: mandate.pendingChange ?? 'resume' }
}

async function ask(deps: Deps, tenant: Tenant, mandate: Mandate, gateway: OpenAccount): Promise<void> {
  const { paymentId, gatewayMandateId } = mandate
  const exchange = gateway.connector.syncMandate
  if (exchange === undefined || paymentId === null || gatewayMandateId === null) return
  const call = await callGateway(deps, gateway, {
    kind: 'sync_mandate',
    exchange,
    input: { reference: mandate.id, gatewayMandateId, maxAmount: mandate.maxAmount },
    paymentId,
    operationId: null,
  })
  await deps.store.inTransaction(tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    await recordMandateResult(tx, SYNC, { mandateId: mandate.id, result: call.result })
  })
}
