// What the ledger says: balances by account and currency, and the postings themselves.
import type { LedgerAccount } from '../domain/ledger/accounts.ts'
import type { PaymentId, RefundId } from '../kernel/ids.ts'
import { readCursor, toPage } from '../kernel/pages.ts'
import type { Page } from '../kernel/pages.ts'
import { listPostingRows, sumBalances } from '../store/ledger.ts'
import type { Balance, LedgerPosting } from '../store/ledger.ts'
import type { Actor, Deps } from './deps.ts'

/** Of every account that a posting touched, by currency and account. */
export function listBalances(
  deps: Deps,
  actor: Actor,
  filter: {
    readonly currency?: string | undefined
    /** As they stood at this instant of business time, inclusive. */
    readonly at?: Date | undefined
  },
): Promise<readonly Balance[]> {
  return deps.store.inSnapshot(actor.tenant, (tx) =>
    sumBalances(tx, { currency: filter.currency ?? null, at: filter.at ?? null }),
  )
}

export type ListPostings = {
  /** On either side. */
  readonly account?: LedgerAccount | undefined
  readonly currency?: string | undefined
  readonly paymentId?: PaymentId | undefined
  readonly refundId?: RefundId | undefined
  /** Inclusive. */
  readonly from?: Date | undefined
  /** Exclusive. */
  readonly to?: Date | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Newest first. @throws AppError cursor_invalid */
export async function listPostings(deps: Deps, actor: Actor, query: ListPostings): Promise<Page<LedgerPosting>> {
  const filter = {
    account: query.account ?? null,
    currency: query.currency ?? null,
    paymentId: query.paymentId ?? null,
    refundId: query.refundId ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  }
  const listing = { name: 'postings', filter }
  const before = readCursor(query.cursor, listing)
  const rows = await deps.store.inSnapshot(actor.tenant, (tx) =>
    listPostingRows(tx, { ...filter, before, limit: query.limit + 1 }),
  )
  return toPage(rows, query.limit, listing)
}
