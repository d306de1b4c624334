// Differences between our rows, a gateway's files and the bank: listed, and closed by a person who says what was
// found. Resolving a break moves no money and changes no posting; what has to be corrected is done by the act that
// corrects it.
import type { Break } from '../domain/settlement/break.ts'
import type { BreakReason } from '../domain/settlement/settlement.ts'
import { AppError } from '../kernel/errors.ts'
import type { BreakId, GatewayAccountId, PaymentId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { insertAudit } from '../store/audit.ts'
import {
  listBreakRows,
  listReconciliationRows,
  lockBreak,
  readBreak,
  readReconciliation,
  resolveBreakRow,
} from '../store/reconciliations.ts'
import type { Reconciliation } from '../store/reconciliations.ts'
import { announceBreak } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import type { ReconciliationId } from '../kernel/ids.ts'

type Paging = { readonly cursor?: string | undefined; readonly limit: number }

/** Newest first. @throws AppError cursor_invalid */
export async function listBreaks(
  deps: Deps,
  actor: Actor,
  query: Paging & {
    readonly status?: Break['status'] | undefined
    readonly reason?: BreakReason | undefined
    readonly paymentId?: PaymentId | undefined
  },
): Promise<Page<Break>> {
  const filter = { status: query.status ?? null, reason: query.reason ?? null, paymentId: query.paymentId ?? null }
  const listing = { name: 'breaks', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listBreakRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}

/** @throws AppError break_not_found */
export function getBreak(deps: Deps, actor: Actor, id: BreakId): Promise<Break> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readBreak(tx, id))
}

/** @throws AppError break_not_found, break_resolved */
export async function resolveBreak(
  deps: Deps,
  actor: Actor,
  command: { readonly breakId: BreakId; readonly note: string; readonly idempotency?: Idempotency },
): Promise<Break> {
  const resolved = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.breakId)
    const found = await lockBreak(tx, command.breakId)
    if (found.status === 'resolved') throw new AppError('break_resolved', { resolved_by: found.resolvedBy ?? '' })
    await resolveBreakRow(tx, found.id, { note: command.note, resolvedBy: actorName(actor) })
    const readBack = await readBreak(tx, found.id)
    await announceBreak(tx, 'break.resolved', readBack)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'break.resolved',
      objectId: found.id,
      requestId: actor.requestId,
      details: { reason: found.reason, note: command.note },
    })
    return readBack
  })
  deps.nudge('deliveries')
  return resolved
}

/** Newest first. @throws AppError cursor_invalid */
export async function listReconciliations(
  deps: Deps,
  actor: Actor,
  query: Paging & { readonly gatewayAccountId?: GatewayAccountId | undefined },
): Promise<Page<Reconciliation>> {
  const filter = { gatewayAccountId: query.gatewayAccountId ?? null }
  const listing = { name: 'reconciliations', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listReconciliationRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}

/** @throws AppError reconciliation_not_found */
export function getReconciliation(deps: Deps, actor: Actor, id: ReconciliationId): Promise<Reconciliation> {
  return deps.store.inSnapshot(actor.tenant, (tx) => readReconciliation(tx, id))
}
