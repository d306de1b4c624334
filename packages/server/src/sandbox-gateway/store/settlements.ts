// What is to be settled, and the settlements that were made of it. A capture of one day in India is settled on the next
// day at ten, by the account's clock; so is a refund that was returned.
import type { Currency } from '../../kernel/money.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

// The end of its day, and ten hours more.
const SETTLED_AT = (at: string) =>
  `((date_trunc('day', ${at} at time zone 'Asia/Kolkata') + interval '34 hours') at time zone 'Asia/Kolkata')`
const NOW = `(now() + a.clock_offset_ms * interval '1 millisecond')`

const NEXT = statement(
  'next_settlement',
  `select extract(epoch from min(${SETTLED_AT('oldest.at')} - ${NOW}))::float8 * 1000 as in_ms
     from sandbox.accounts a cross join lateral (
       select min(at) as at from (
         (select created_at as at from sandbox.steps s
           where s.account_id = a.id and kind = 'capture' and settlement_id is null order by created_at limit 1)
         union all
         (select updated_at from sandbox.refunds r
           where r.account_id = a.id and status = 'RETURNED' and settlement_id is null order by updated_at limit 1)
         union all
         (select created_at from sandbox.disputes d where d.account_id = a.id and settlement_id is null
           order by created_at limit 1)
         union all
         (select updated_at from sandbox.disputes d where d.account_id = a.id and status = 'WON'
             and reversed_in is null order by updated_at limit 1)
       ) both_kinds) oldest
    where oldest.at is not null and a.id = coalesce($1::text, a.id)`,
)

/** Milliseconds until an account is to be settled, 0 when one is; null when nothing waits. */
export async function nextSettlementInMs(db: Db, accountId: string | null): Promise<number | null> {
  const [row] = await run<{ in_ms: number | null }>(db, NEXT, [accountId])
  const inMs = row?.in_ms ?? null
  return inMs === null ? null : Math.max(0, Math.ceil(inMs))
}

const DUE_ACCOUNTS = statement(
  'accounts_to_settle',
  `select a.id from sandbox.accounts a
    where a.id = coalesce($1::text, a.id)
      and (exists (select 1 from sandbox.steps s where s.account_id = a.id and kind = 'capture' and settlement_id is null
                      and ${SETTLED_AT('s.created_at')} <= ${NOW})
        or exists (select 1 from sandbox.refunds r where r.account_id = a.id and status = 'RETURNED'
                      and settlement_id is null and ${SETTLED_AT('r.updated_at')} <= ${NOW})
        or exists (select 1 from sandbox.disputes d where d.account_id = a.id and settlement_id is null
                      and ${SETTLED_AT('d.created_at')} <= ${NOW})
        or exists (select 1 from sandbox.disputes d where d.account_id = a.id and status = 'WON'
                      and reversed_in is null and ${SETTLED_AT('d.updated_at')} <= ${NOW}))
    order by a.id`,
)

export async function listAccountsToSettle(db: Db, accountId: string | null): Promise<readonly string[]> {
  return (await run<{ id: string }>(db, DUE_ACCOUNTS, [accountId])).map((row) => row.id)
}

/** `Bps` are hundredths of a per cent of the amount; the fixed part is minor units per capture. */
export type Rates = {
  readonly feeBps: bigint
  readonly feeFixed: bigint
  readonly tdsBps: bigint
  /** Minor units per dispute. */
  readonly disputeFee: bigint
}

const LOCK = statement(
  'lock_account_to_settle',
  `select fee_bps, fee_fixed, tds_bps, dispute_fee, ${NOW} as now from sandbox.accounts a where id = $1 for update`,
)

/** Two who settle an account at once do it one after the other. `now` is the account's time. */
export async function lockAccountToSettle(tx: Db, accountId: string): Promise<{ rates: Rates; now: Date } | undefined> {
  const [row] = await run<{ fee_bps: number; fee_fixed: string; tds_bps: number; dispute_fee: string; now: Date }>(
    tx,
    LOCK,
    [accountId],
  )
  if (row === undefined) return undefined
  const rates = {
    feeBps: BigInt(row.fee_bps),
    feeFixed: BigInt(row.fee_fixed),
    tdsBps: BigInt(row.tds_bps),
    disputeFee: BigInt(row.dispute_fee),
  }
  return { rates, now: row.now }
}

export type Unsettled = {
  readonly kind: 'capture' | 'refund' | 'chargeback' | 'chargeback_reversal'
  readonly id: string
  readonly paymentId: string
  /** The refund's own for a refund, else the payment's. */
  readonly reference: string
  readonly currency: Currency
  readonly amount: bigint
  readonly paymentAmount: bigint
  readonly at: Date
}

const DUE = statement(
  'lines_to_settle',
  `select 'capture' as kind, s.id, s.payment_id, p.reference, p.currency, s.amount, p.amount as payment_amount,
          s.created_at as at
     from sandbox.steps s join sandbox.accounts a on a.id = s.account_id
     join sandbox.payments p on p.account_id = s.account_id and p.id = s.payment_id
    where s.account_id = $1 and s.kind = 'capture' and s.amount > 0 and s.settlement_id is null
      and ${SETTLED_AT('s.created_at')} <= ${NOW}
   union all
   select 'refund', r.id, r.payment_id, r.reference, r.currency, r.amount, p.amount, r.updated_at
     from sandbox.refunds r join sandbox.accounts a on a.id = r.account_id
     join sandbox.payments p on p.account_id = r.account_id and p.id = r.payment_id
    where r.account_id = $1 and r.status = 'RETURNED' and r.settlement_id is null
      and ${SETTLED_AT('r.updated_at')} <= ${NOW}
   union all
   select 'chargeback', d.id, d.payment_id, p.reference, p.currency, d.amount, p.amount, d.created_at
     from sandbox.disputes d join sandbox.accounts a on a.id = d.account_id
     join sandbox.payments p on p.account_id = d.account_id and p.id = d.payment_id
    where d.account_id = $1 and d.settlement_id is null and ${SETTLED_AT('d.created_at')} <= ${NOW}
   union all
   select 'chargeback_reversal', d.id, d.payment_id, p.reference, p.currency, d.amount, p.amount, d.updated_at
     from sandbox.disputes d join sandbox.accounts a on a.id = d.account_id
     join sandbox.payments p on p.account_id = d.account_id and p.id = d.payment_id
    where d.account_id = $1 and d.status = 'WON' and d.reversed_in is null
      and ${SETTLED_AT('d.updated_at')} <= ${NOW}
   order by at, id, kind`,
)

type DueRow = Omit<Unsettled, 'paymentId' | 'amount' | 'paymentAmount'> & {
  readonly payment_id: string
  readonly amount: string
  readonly payment_amount: string
}

/** Oldest first, of every currency. */
export async function listUnsettled(tx: Db, accountId: string): Promise<readonly Unsettled[]> {
  const rows = await run<DueRow>(tx, DUE, [accountId])
  return rows.map(({ payment_id: paymentId, payment_amount, amount, ...row }) => ({
    ...row,
    paymentId,
    amount: BigInt(amount),
    paymentAmount: BigInt(payment_amount),
  }))
}

export type Settlement = {
  readonly id: string
  readonly utr: string
  readonly currency: Currency
  readonly lines: number
  readonly net: bigint
  readonly csv: string
  readonly createdAt: Date
}

const INSERT = statement(
  'insert_settlement',
  `with made as (
     insert into sandbox.settlements (account_id, id, utr, currency, lines, net, csv, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning account_id, id
   ), credited as (
     insert into sandbox.bank_credits (account_id, utr, currency, amount, credited_at) values ($1, $3, $4, $6, $8)
   ), captures as (
     update sandbox.steps set settlement_id = $2 where account_id = $1 and id = any($9::text[])
   ), refunds as (
     update sandbox.refunds set settlement_id = $2 where account_id = $1 and id = any($9::text[])
   ), disputes as (
     update sandbox.disputes
        set settlement_id = case when id = any($9::text[]) then $2 else settlement_id end,
            reversed_in = case when id = any($10::text[]) then $2 else reversed_in end
      where account_id = $1 and (id = any($9::text[]) or id = any($10::text[]))
   )
   select id from made`,
)

/** Writes it, the bank's credit of the same amount, and what it holds; `reversed` are disputes that come back. */
export async function insertSettlement(
  tx: Db,
  accountId: string,
  settlement: Settlement,
  holds: { readonly ids: readonly string[]; readonly reversed: readonly string[] },
): Promise<void> {
  const { id, utr, currency, lines, net, csv, createdAt } = settlement
  await run(tx, INSERT, [accountId, id, utr, currency, lines, net, csv, createdAt, holds.ids, holds.reversed])
}

const LIST = statement(
  'list_settlements',
  `select s.id, s.utr, s.currency, s.lines, s.net, s.created_at, b.amount as credit, b.credited_at
     from sandbox.settlements s left join sandbox.bank_credits b on b.account_id = s.account_id and b.utr = s.utr
    where s.account_id = $1 and s.id > $2 order by s.id limit $3`,
)

export type SettlementSummary = Omit<Settlement, 'csv'> & {
  readonly credit: { readonly amount: bigint; readonly at: Date } | null
}

/** After the id `after`, oldest first. */
export async function listSettlements(
  db: Db,
  accountId: string,
  after: string,
  limit: number,
): Promise<readonly SettlementSummary[]> {
  const rows = await run<{
    id: string
    utr: string
    currency: Currency
    lines: number
    net: string
    created_at: Date
    credit: string | null
    credited_at: Date | null
  }>(db, LIST, [accountId, after, limit])
  return rows.map((row) => ({
    id: row.id,
    utr: row.utr,
    currency: row.currency,
    lines: row.lines,
    net: BigInt(row.net),
    createdAt: row.created_at,
    credit:
      row.credit === null || row.credited_at === null ? null : { amount: BigInt(row.credit), at: row.credited_at },
  }))
}

const CSV = statement('settlement_csv', 'select csv from sandbox.settlements where account_id = $1 and id = $2')

export async function findSettlementCsv(db: Db, accountId: string, id: string): Promise<string | undefined> {
  return (await run<{ csv: string }>(db, CSV, [accountId, id]))[0]?.csv
}
