// Reading mandates: a page of a list, or one with its latest uses, its notices and its history.
import type { MandateExecution } from '../domain/mandate/execution.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import type { MandateStatus } from '../domain/mandate/states.ts'
import type { CustomerId, MandateId, OrderId, PreDebitNoticeId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listExecutions } from '../store/mandate-executions.ts'
import { listMandateRows, listMandateTransitions, readMandate } from '../store/mandates.ts'
import type { MandateTransition } from '../store/mandates.ts'
import { listNotices, readNotice } from '../store/pre-debit-notices.ts'
import type { Actor, Deps } from './deps.ts'

export type MandateView = {
  readonly mandate: Mandate
  /** Newest first, at most `LATEST`. */
  readonly executions: readonly MandateExecution[]
  readonly notices: readonly PreDebitNotice[]
  readonly transitions: readonly MandateTransition[]
}

const LATEST = 50

/** @throws AppError mandate_not_found */
export function getMandate(deps: Deps, actor: Actor, id: MandateId): Promise<MandateView> {
  return deps.store.inTransaction(actor.tenant, async (tx) => ({
    mandate: await readMandate(tx, id),
    executions: await listExecutions(tx, id, LATEST),
    notices: await listNotices(tx, id, LATEST),
    transitions: await listMandateTransitions(tx, id),
  }))
}

/** @throws AppError pre_debit_notice_not_found */
export function getNotice(deps: Deps, actor: Actor, id: PreDebitNoticeId): Promise<PreDebitNotice> {
  return deps.store.inTransaction(actor.tenant, (tx) => readNotice(tx, id))
}

export type ListMandates = {
  readonly status?: MandateStatus | undefined
  readonly customerId?: CustomerId | undefined
  readonly orderId?: OrderId | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Newest first. @throws AppError cursor_invalid */
export async function listMandates(deps: Deps, actor: Actor, filter: ListMandates): Promise<Page<Mandate>> {
  const { cursor, limit, ...rest } = filter
  const listing = { name: 'mandates', filter: rest }
  const before = readCursor(cursor, listing)
  const rows = await deps.store.inTransaction(actor.tenant, (tx) =>
    listMandateRows(tx, {
      status: filter.status ?? null,
      customerId: filter.customerId ?? null,
      orderId: filter.orderId ?? null,
      before,
      limit: limit + 1,
    }),
  )
  return toPage(rows, limit, listing)
}
