// What time does to a dispute: an answer that was not heard is told again, evidence runs out, and for as long as nobody
// has decided the gateway is asked once a day. Looks once; what is looked at by two is done once, because every step
// locks and checks.
import type { DisputeRecord } from '../domain/dispute/dispute.ts'
import { isHolding } from '../domain/dispute/states.ts'
import { nextQuestionMs } from '../domain/operation/schedule.ts'
import { addMs } from '../kernel/clock.ts'
import type { DisputeId, Tenant } from '../kernel/ids.ts'
import { equals } from '../kernel/money.ts'
import type { Tx } from '../store/db.ts'
import { lockDispute, readDispute, saveDispute } from '../store/disputes.ts'
import { lockOrder } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { lockPayment } from '../store/payments.ts'
import { sendAnswer } from './answer-dispute.ts'
import type { Deps } from './deps.ts'
import { callGateway, openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import { nextLook, recordDisputeNews, recordDisputeReport } from './record-dispute-result.ts'
import type { Source } from './source.ts'

const SCHEDULE: Source = { cause: 'schedule', actor: 'job:disputes', requestId: null }
const SYNC: Source = { cause: 'sync', actor: 'job:disputes', requestId: null }

type Next =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'answer' | 'ask'; readonly dispute: DisputeRecord; readonly gateway: OpenAccount }

export async function advanceDispute(deps: Deps, tenant: Tenant, id: DisputeId): Promise<void> {
  const next = await deps.store.inTransaction(tenant, (tx) => decideNext(deps, tx, id))
  if (next.kind === 'answer') await sendAnswer(deps, tenant, next.dispute, next.gateway, SYNC)
  if (next.kind === 'ask') await askAboutDispute(deps, tenant, next.dispute, next.gateway, SYNC)
  deps.nudge('deliveries')
}

async function decideNext(deps: Deps, tx: Tx, id: DisputeId): Promise<Next> {
  const { orderId, paymentId } = await readDispute(tx, id)
  await lockOrder(tx, orderId)
  await lockPayment(tx, paymentId)
  const dispute = await lockDispute(tx, id)
  if (!isHolding(dispute.status)) return { kind: 'nothing' }
  const { evidenceDueAt, pendingAction } = dispute
  const isLate = evidenceDueAt !== null && evidenceDueAt.getTime() <= tx.now.getTime()
  if (pendingAction === null && dispute.status === 'open' && isLate) {
    await recordDisputeNews(deps, tx, SCHEDULE, id, { kind: 'lapsed' })
    return { kind: 'nothing' }
  }
  // Moved on first: whoever looks meanwhile leaves it alone.
  const wait = nextQuestionMs(1, deps.randomness.fraction())
  const dueAt = pendingAction === null ? nextLook(dispute, tx.now) : addMs(tx.now, wait)
  const looked = await saveDispute(tx, dispute, dispute, dueAt)
  const gateway = await openGatewayAccount(deps, tx, dispute.gatewayAccountId)
  return { kind: pendingAction === null ? 'ask' : 'answer', dispute: looked, gateway }
}

/** Records what the gateway says; false where it cannot be asked, or says nothing that fits. */
export async function askAboutDispute(
  deps: Deps,
  tenant: Tenant,
  dispute: DisputeRecord,
  gateway: OpenAccount,
  source: Source,
): Promise<boolean> {
  const exchange = gateway.connector.syncDispute
  if (exchange === undefined) return false
  const { gatewayDisputeId, amount, paymentId } = dispute
  const call = await callGateway(deps, gateway, {
    kind: 'sync_dispute',
    exchange,
    input: { gatewayDisputeId, amount },
    paymentId,
    operationId: null,
  })
  return deps.store.inTransaction(tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    if (call.result.kind !== 'report') return false
    const { report } = call.result
    const told = await recordDisputeReport(deps, tx, source, gateway.account.id, report)
    return told?.id === dispute.id && equals(report.amount, amount)
  })
}
