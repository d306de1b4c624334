// Reading mandates: a page of a list, or one with its latest uses, its notices and its history; and, for dialects that
// show more of it at once, one together with its order, its customer and the payment that registers it.
import type { MandateExecution } from '../domain/mandate/execution.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import type { MandateStatus } from '../domain/mandate/states.ts'
import { AppError } from '../kernel/errors.ts'
import type { CustomerId, MandateId, OrderId, PreDebitNoticeId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { readCustomer } from '../store/customers.ts'
import type { Tx } from '../store/db.ts'
import { listExecutions } from '../store/mandate-executions.ts'
import {
  listMandateRows,
  listMandatesOfCustomer,
  listMandateTransitions,
  readMandate,
  readMandateByToken,
} from '../store/mandates.ts'
import type { MandateTransition } from '../store/mandates.ts'
import { readOrder } from '../store/orders.ts'
import { readPayment } from '../store/payments.ts'
import { findNoticeByReference, listNotices, readNotice } from '../store/pre-debit-notices.ts'
import type { Actor, Deps } from './deps.ts'
import { readNamed } from './upsert-customer.ts'
import type { CustomerName } from './upsert-customer.ts'
import type { MandateFacts } from './views.ts'

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

/** By our id, or by the merchant's own name of it. @throws AppError pre_debit_notice_not_found */
export function findNotice(deps: Deps, actor: Actor, name: PreDebitNoticeId | { reference: string }) {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    if (typeof name === 'string') return readNotice(tx, name)
    const found = await findNoticeByReference(tx, name.reference)
    if (found === undefined) throw new AppError('pre_debit_notice_not_found')
    return found
  })
}

export type MandateName = { readonly id: MandateId } | { readonly token: string }

/** @throws AppError mandate_not_found */
export function getMandateFacts(deps: Deps, actor: Actor, name: MandateName): Promise<MandateFacts> {
  return deps.store.inSnapshot(actor.tenant, async (tx) =>
    factsOfMandate(tx, await ('id' in name ? readMandate(tx, name.id) : readMandateByToken(tx, name.token))),
  )
}

export async function factsOfMandate(tx: Tx, mandate: Mandate): Promise<MandateFacts> {
  return {
    mandate,
    order: await readOrder(tx, mandate.orderId),
    payment: mandate.paymentId === null ? null : await readPayment(tx, mandate.paymentId),
    customer: mandate.customerId === null ? null : await readCustomer(tx, mandate.customerId),
  }
}

/** Newest first. @throws AppError customer_not_found */
export function listCustomerMandates(
  deps: Deps,
  actor: Actor,
  customer: CustomerName,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ readonly total: number; readonly items: readonly MandateFacts[] }> {
  return deps.store.inSnapshot(actor.tenant, async (tx) => {
    const { total, mandates } = await listMandatesOfCustomer(tx, (await readNamed(tx, customer)).id, page)
    const items: MandateFacts[] = []
    for (const mandate of mandates) items.push(await factsOfMandate(tx, mandate))
    return { total, items }
  })
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
