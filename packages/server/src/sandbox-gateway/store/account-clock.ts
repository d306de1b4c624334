// What waits for an account's clock, to whoever moves it step by step: outcomes, refunds, and notifications that nobody
// has tried to send. Retries are a matter of the network and keep real time.
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

const NEXT = statement(
  'account_next_due',
  `select extract(epoch from min(due_at) - now())::float8 * 1000 as in_ms from (
     select due_at from sandbox.payments where account_id = $1 and due_at > now()
     union all
     select due_at from sandbox.refunds where account_id = $1 and due_at > now()
     union all
     select due_at from sandbox.pre_debit_notices where account_id = $1 and due_at > now()
     union all
     select due_at from sandbox.disputes where account_id = $1 and due_at > now()
     union all
     select due_at from sandbox.notifications
      where account_id = $1 and due_at > now() and attempts = 0 and delivered_at is null and given_up_at is null) waiting`,
)

/** Milliseconds until the next of them; null when nothing waits. What is overdue is being worked on: not counted. */
export async function nextForClockInMs(db: Db, accountId: string): Promise<number | null> {
  const [row] = await run<{ in_ms: number | null }>(db, NEXT, [accountId])
  const inMs = row?.in_ms ?? null
  return inMs === null ? null : Math.max(1, Math.ceil(inMs))
}

const UNSENT = statement(
  'account_unsent',
  `select count(*)::int as unsent from sandbox.notifications
    where account_id = $1 and due_at <= now() and attempts <= 1 and delivered_at is null and given_up_at is null`,
)

/** Notifications that are due and were not tried yet, or are being tried for the first time. */
export async function countUnsent(db: Db, accountId: string): Promise<number> {
  const [row] = await run<{ unsent: number }>(db, UNSENT, [accountId])
  return row?.unsent ?? 0
}
