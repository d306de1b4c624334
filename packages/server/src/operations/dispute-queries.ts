// Reads disputes: one with what was said and its history, and lists.
import type { DisputeEvidence, DisputeRecord, DisputeTransition } from '../domain/dispute/dispute.ts'
import type { DisputeStatus } from '../domain/dispute/states.ts'
import type { DisputeId, OrderId, PaymentId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listDisputeEvidence, listDisputeRows, listDisputeTransitions, readDispute } from '../store/disputes.ts'
import type { Actor, Deps } from './deps.ts'

export type DisputeView = {
  readonly dispute: DisputeRecord
  readonly evidence: readonly DisputeEvidence[]
  readonly transitions: readonly DisputeTransition[]
}

/** @throws AppError dispute_not_found */
export function getDispute(deps: Deps, actor: Actor, id: DisputeId): Promise<DisputeView> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => ({
    dispute: await readDispute(tx, id),
    evidence: await listDisputeEvidence(tx, id),
    transitions: await listDisputeTransitions(tx, id),
  }))
}

/** Newest first. @throws AppError cursor_invalid */
export async function listDisputes(
  deps: Deps,
  actor: Actor,
  query: {
    readonly status?: DisputeStatus | undefined
    readonly paymentId?: PaymentId | undefined
    readonly orderId?: OrderId | undefined
    readonly cursor?: string | undefined
    readonly limit: number
  },
): Promise<Page<DisputeRecord>> {
  const filter = {
    status: query.status ?? null,
    paymentId: query.paymentId ?? null,
    orderId: query.orderId ?? null,
  }
  const listing = { name: 'disputes', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listDisputeRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}
