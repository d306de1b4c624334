// Reads the ledger: what each account holds, and the postings that made it so. A balance is a sum over the postings, by
// an index that holds what is summed; there is no row that every payment would have to wait for.
import type { LedgerAccount } from '../domain/ledger/accounts.ts'
import type { DisputeId, PaymentId, PostingId, RefundId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'
import { conditionsSql } from './filters.ts'

export type Balance = {
  readonly account: LedgerAccount
  readonly currency: string
  /** Minor units, as are the others. A sum may be larger than any single amount. */
  readonly debitsMinor: bigint
  readonly creditsMinor: bigint
}

/** Of every account that a posting touched. `at` leaves out what was posted later, in business time. */
export async function sumBalances(
  tx: Tx,
  filter: { readonly currency: string | null; readonly at: Date | null },
): Promise<readonly Balance[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode]
  const where = conditionsSql(values, [
    { sql: 'currency = ?', value: filter.currency },
    { sql: 'at <= ?', value: filter.at },
  ])
  const { rows } = await tx.query<{ account: LedgerAccount; currency: string; debits: string; credits: string }>(
    `select account, currency, sum(debits) as debits, sum(credits) as credits from (
       select debit as account, currency, sum(amount) as debits, 0 as credits from postings
        where merchant_id = $1 and mode = $2${where} group by debit, currency
       union all
       select credit, currency, 0, sum(amount) from postings
        where merchant_id = $1 and mode = $2${where} group by credit, currency) sides
      group by account, currency order by currency, account`,
    values,
  )
  return rows.map((row) => ({
    account: row.account,
    currency: row.currency,
    debitsMinor: BigInt(row.debits),
    creditsMinor: BigInt(row.credits),
  }))
}

export type LedgerPosting = {
  readonly id: PostingId
  readonly paymentId: PaymentId
  readonly refundId: RefundId | null
  readonly disputeId: DisputeId | null
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amountMinor: bigint
  readonly currency: string
  readonly reason: string
  readonly at: Date
}

export type PostingFilter = {
  /** On either side. */
  readonly account: LedgerAccount | null
  readonly currency: string | null
  readonly paymentId: PaymentId | null
  readonly refundId: RefundId | null
  readonly from: Date | null
  readonly to: Date | null
  /** Ids older than this one. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listPostingRows(tx: Tx, filter: PostingFilter): Promise<readonly LedgerPosting[]> {
  const values: unknown[] = [tx.tenant.merchantId, tx.tenant.mode, filter.limit]
  const where = conditionsSql(values, [
    { sql: '? in (debit, credit)', value: filter.account },
    { sql: 'currency = ?', value: filter.currency },
    { sql: 'payment_id = ?', value: filter.paymentId },
    { sql: 'refund_id = ?', value: filter.refundId },
    { sql: 'at >= ?', value: filter.from },
    { sql: 'at < ?', value: filter.to },
    { sql: 'id < ?', value: filter.before },
  ])
  const { rows } = await tx.query<Omit<LedgerPosting, 'amountMinor'> & { amount: string }>(
    `select id, payment_id as "paymentId", refund_id as "refundId", dispute_id as "disputeId", debit, credit, amount, currency, reason, at
       from postings where merchant_id = $1 and mode = $2${where} order by id desc limit $3`,
    values,
  )
  return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }))
}
