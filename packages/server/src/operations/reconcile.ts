// Reconciliation of one gateway account, now: its files that are new are imported and matched, and money that should
// have been settled and is in none is shown. Whatever was cut off is repeatable: files, lines and breaks are kept
// once.
import type { SettlementSummary } from '../domain/settlement/settlement.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { ReconciliationId } from '../kernel/ids.ts'
import type { GatewayAccountId, Tenant } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import { listActiveGatewayAccounts } from '../store/gateway-accounts.ts'
import { endReconciliation, insertReconciliation, readReconciliation } from '../store/reconciliations.ts'
import type { Reconciliation } from '../store/reconciliations.ts'
import { findListedUpTo, listMissing } from '../store/settlements.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import { importSettlement } from './import-settlement.ts'
import type { Imported } from './import-settlement.ts'
import { openBreak } from './open-break.ts'

/**
 * Fetches, imports and matches. A gateway that does not answer makes the result `failed`, with the reason.
 * @throws AppError gateway_account_not_found, not_supported_by_gateway
 */
export async function reconcile(
  deps: Deps,
  actor: Actor,
  command: {
    /** Absent: the oldest active account whose gateway has files. */
    readonly gatewayAccountId?: GatewayAccountId
    readonly trigger: 'request' | 'schedule'
    readonly idempotency?: Idempotency
  },
): Promise<Reconciliation> {
  const id = ReconciliationId.create(deps.clock.now())
  await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, id)
    const account = command.gatewayAccountId ?? (await firstWithFiles(deps, await listActiveGatewayAccounts(tx)))
    const gateway = await openGatewayAccount(deps, tx, account)
    if (gateway.connector.settlements === undefined) {
      throw new AppError('not_supported_by_gateway', { operation: 'settlements' })
    }
    await insertReconciliation(tx, { id, gatewayAccountId: account, trigger: command.trigger })
    // The daily look is no act of anybody's; its own row tells of it.
    if (command.trigger === 'schedule') return
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'reconciliation.started',
      objectId: id,
      requestId: actor.requestId,
      details: { gateway_account_id: account },
    })
  })
  return resumeReconciliation(deps, actor, id)
}

/** Carries out one that was begun and not finished; one that was finished is read. */
export async function resumeReconciliation(deps: Deps, actor: Actor, id: ReconciliationId): Promise<Reconciliation> {
  const { run, gateway } = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const run = await readReconciliation(tx, id)
    return { run, gateway: await openGatewayAccount(deps, tx, run.gatewayAccountId) }
  })
  if (run.status !== 'running') return run
  const { reason, ...counts } = await work(deps, actor.tenant, gateway)
  deps.nudge('deliveries')
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await endReconciliation(tx, id, { ...counts, reason })
    return readReconciliation(tx, id)
  })
}

async function firstWithFiles(
  deps: Deps,
  accounts: readonly { readonly id: GatewayAccountId; readonly connector: string }[],
): Promise<GatewayAccountId> {
  const found = accounts.find(({ connector }) => deps.connectors.get(connector)?.settlements !== undefined)
  if (found === undefined) throw new AppError('not_supported_by_gateway', { operation: 'settlements' })
  return found.id
}

async function work(
  deps: Deps,
  tenant: Tenant,
  gateway: OpenAccount,
): Promise<Imported & { readonly reason: string | null }> {
  const total = { files: 0, lines: 0, matched: 0, breaks: 0 }
  try {
    let after = await deps.store.inTransaction(tenant, (tx) => findListedUpTo(tx, gateway.account.id))
    for (let hasMore = true; hasMore; ) {
      const page = await listFiles(deps, gateway, after)
      for (const summary of page.items) {
        const imported = await importSettlement(deps, tenant, gateway, summary)
        total.files += imported.files
        total.lines += imported.lines
        total.matched += imported.matched
        total.breaks += imported.breaks
      }
      const last = page.items.at(-1)
      hasMore = page.hasMore && last !== undefined
      after = last?.gatewaySettlementId ?? after
    }
    total.breaks += await showMissing(deps, tenant, gateway)
    return { ...total, reason: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'gateway_unavailable') throw error
    deps.log.warn({ gateway_account_id: gateway.account.id, reason: error.message }, 'Settlements could not be read.')
    return { ...total, reason: 'The gateway did not give its files.' }
  }
}

const LIST_TIMEOUT_MS = 30_000
const LARGEST_LIST_BYTES = 1024 * 1024

async function listFiles(
  deps: Deps,
  gateway: OpenAccount,
  after: string | null,
): Promise<{ readonly items: readonly SettlementSummary[]; readonly hasMore: boolean }> {
  const exchange = gateway.connector.settlements?.list
  invariant(exchange !== undefined, 'Only a connector that has files is asked for them.')
  const request = exchange.toRequest({ after }, gateway.credentials)
  const options = { timeoutMs: LIST_TIMEOUT_MS, maxReplyBytes: LARGEST_LIST_BYTES, isPayment: false } as const
  const result = exchange.fromReply(await deps.sendToGateway(gateway.account.id, request, options), { after })
  if (result.kind === 'report') return result.report
  throw new AppError('gateway_unavailable', {}, { internal: 'reason' in result ? result.reason : result.kind })
}

// Older than this it was shown long ago, or was there before reconciliation was.
const LOOK_BACK_MS = 60 * 86_400_000

async function showMissing(deps: Deps, tenant: Tenant, { account, connector }: OpenAccount): Promise<number> {
  const { settlements } = connector
  invariant(settlements !== undefined, 'Only a connector that has files can miss something in them.')
  return deps.store.inTransaction(tenant, async (tx) => {
    const period = { from: addMs(tx.now, -LOOK_BACK_MS), to: addMs(tx.now, -settlements.expectedWithinMs) }
    let found = 0
    for (const missing of await listMissing(tx, account.id, period)) {
      found += await openBreak(deps, tx, {
        gatewayAccountId: account.id,
        settlementId: null,
        settlementLineId: null,
        paymentId: missing.paymentId,
        refundId: missing.refundId,
        reason: 'missing_from_settlement',
        subject: missing.refundId ?? missing.paymentId,
        details: {
          amount: missing.amountMinor.toString(),
          currency: missing.currency,
          at: missing.at.toISOString(),
        },
      })
    }
    return found
  })
}
