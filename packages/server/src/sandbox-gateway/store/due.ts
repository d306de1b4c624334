// What is due and when the next thing will be, on payments and refunds; and the account's clock, which moves both.
// Due columns hold real time, so one index serves accounts whose clocks stand at different times.
import type { DueOutcome } from '../book/payment.ts'
import type { PaymentRow, StoredPayment } from './payments.ts'
import { toPayment } from './payments.ts'
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

export type DueItem = {
  readonly kind: 'payment' | 'refund' | 'notice' | 'dispute'
  readonly account_id: string
  readonly id: string
  /** What it belongs to: the payment of a refund or a dispute, the mandate of a notice. */
  readonly parent_id: string
}

const LIST = statement(
  'list_due',
  `(select 'payment' as kind, account_id, id, id as parent_id, due_at from sandbox.payments
     where due_at <= now() and account_id = coalesce($2::text, account_id) order by due_at limit $1)
   union all
   (select 'refund', account_id, id, payment_id, due_at from sandbox.refunds
     where due_at <= now() and account_id = coalesce($2::text, account_id) order by due_at limit $1)
   union all
   (select 'notice', account_id, id, mandate_id, due_at from sandbox.pre_debit_notices
     where due_at <= now() and account_id = coalesce($2::text, account_id) order by due_at limit $1)
   union all
   (select 'dispute', account_id, id, payment_id, due_at from sandbox.disputes
     where due_at <= now() and account_id = coalesce($2::text, account_id) order by due_at limit $1)
   order by due_at, id limit $1`,
)

/** The oldest first. Nothing is locked: whoever settles an item locks it and looks again. */
export function listDue(db: Db, limit: number, accountId: string | null): Promise<DueItem[]> {
  return run<DueItem>(db, LIST, [limit, accountId])
}

const NEXT = statement(
  'next_due',
  `select extract(epoch from least(
            (select min(due_at) from sandbox.payments
              where due_at is not null and account_id = coalesce($1::text, account_id)),
            (select min(due_at) from sandbox.refunds
              where due_at is not null and account_id = coalesce($1::text, account_id)),
            (select min(due_at) from sandbox.pre_debit_notices
              where due_at is not null and account_id = coalesce($1::text, account_id)),
            (select min(due_at) from sandbox.disputes
              where due_at is not null and account_id = coalesce($1::text, account_id))
          ) - now())::float8 * 1000 as in_ms`,
)

/** Milliseconds of real time until something is due, 0 when it is overdue; null when nothing waits. */
export async function nextDueInMs(db: Db, accountId: string | null): Promise<number | null> {
  const [row] = await run<{ in_ms: number | null }>(db, NEXT, [accountId])
  const inMs = row?.in_ms ?? null
  return inMs === null ? null : Math.max(0, Math.ceil(inMs))
}

const LOCK_DUE = statement(
  'lock_due_payment',
  `select * from sandbox.payments where account_id = $1 and id = $2 and due_at <= now() for update`,
)

/** Undefined when the payment moved on meanwhile. */
export async function lockDuePayment(
  tx: Db,
  accountId: string,
  id: string,
): Promise<{ payment: StoredPayment; outcome: DueOutcome } | undefined> {
  const [row] = await run<PaymentRow & { due_outcome: string }>(tx, LOCK_DUE, [accountId, id])
  return row === undefined ? undefined : { payment: toPayment(row), outcome: row.due_outcome as DueOutcome }
}

const ADVANCE = statement(
  'advance_clock',
  `with moved as (
     update sandbox.accounts set clock_offset_ms = clock_offset_ms + $2::bigint
      where id = $1 and clock_offset_ms = $3::bigint returning id
   ), payments as (
     update sandbox.payments set due_at = due_at - $2::bigint * interval '1 millisecond'
      where account_id in (select id from moved) and due_at is not null
   ), refunds as (
     update sandbox.refunds set due_at = due_at - $2::bigint * interval '1 millisecond'
      where account_id in (select id from moved) and due_at is not null
   ), debit_notices as (
     update sandbox.pre_debit_notices set due_at = due_at - $2::bigint * interval '1 millisecond'
      where account_id in (select id from moved) and due_at is not null
   ), disputes as (
     update sandbox.disputes set due_at = due_at - $2::bigint * interval '1 millisecond'
      where account_id in (select id from moved) and due_at is not null
   ), notices as (
     -- Retries are a matter of the network and keep real time; a notification not yet tried may be late by the clock.
     update sandbox.notifications set due_at = due_at - $2::bigint * interval '1 millisecond'
      where account_id in (select id from moved) and attempts = 0 and delivered_at is null and given_up_at is null
   )
   select id from moved`,
)

/** Moves the clock by `ms`, unless somebody moved it since it was `fromMs` ahead. */
export async function moveClock(db: Db, accountId: string, ms: number, fromMs: number): Promise<void> {
  await run(db, ADVANCE, [accountId, ms, fromMs])
}
