// The outbox: notifications are written with the change they tell of (payments.ts, refunds.ts) and sent from here.
// Sending is at least once: a worker that dies leaves a lease that runs out, and another sends again.
import type { Db } from './transaction.ts'
import { run, statement } from './transaction.ts'

export type LeasedNotice = {
  readonly id: string
  readonly body: string
  readonly attempts: number
  readonly forged: boolean
  /** Null when the account's address was taken away after this was written. */
  readonly url: string | null
  readonly secret: string
}

const LEASE = statement(
  'lease_notifications',
  `with due as (
     select id from sandbox.notifications
      where delivered_at is null and given_up_at is null and due_at <= now()
        and (leased_until is null or leased_until <= now())
        and ($3::text is null or object_id = $3::text)
      order by due_at
      limit $1
        for update skip locked
   )
   update sandbox.notifications as notice
      set attempts = attempts + 1, leased_until = now() + $2::double precision * interval '1 millisecond'
     from due, sandbox.accounts as account
    where notice.id = due.id and account.id = notice.account_id
   returning notice.id, notice.body, notice.attempts, notice.forged,
             account.notification_url as url, account.notification_secret as secret`,
)

/** Leases what is due to this worker; with `objectId` only what tells of that object. */
export function leaseNotifications(db: Db, limit: number, leaseMs: number, objectId: string | null) {
  return run<LeasedNotice>(db, LEASE, [limit, leaseMs, objectId])
}

export type Attempt = {
  readonly id: string
  /** The attempt's number: a worker whose lease ran out must not write over its successor. */
  readonly attempts: number
  /** Null when there was no answer. */
  readonly status: number | null
  readonly delivered: boolean
  /** Until the next attempt after a failure; null: give up. */
  readonly retryInMs: number | null
}

const RECORD = statement(
  'record_attempts',
  `update sandbox.notifications as notice
      set last_status = attempt.status,
          leased_until = null,
          copies_left = case when attempt.delivered then copies_left - 1 else copies_left end,
          delivered_at = case when attempt.delivered and copies_left <= 1 then now() end,
          given_up_at = case when not attempt.delivered and attempt.retry_in_ms is null then now() end,
          due_at = case when attempt.delivered then due_at
                        else now() + coalesce(attempt.retry_in_ms, 0) * interval '1 millisecond' end
     from unnest($1::text[], $2::integer[], $3::integer[], $4::boolean[], $5::double precision[])
          as attempt (id, attempts, status, delivered, retry_in_ms)
    where notice.id = attempt.id and notice.attempts = attempt.attempts and notice.delivered_at is null`,
)

/** Records many at once, so that a busy worker commits once for all that came back together. */
export async function recordAttempts(db: Db, attempts: readonly Attempt[]): Promise<void> {
  await run(db, RECORD, [
    attempts.map(({ id }) => id),
    attempts.map(({ attempts }) => attempts),
    attempts.map(({ status }) => status),
    attempts.map(({ delivered }) => delivered),
    attempts.map(({ retryInMs }) => retryInMs),
  ])
}

const NEXT = statement(
  'next_notification',
  `select extract(epoch from min(greatest(due_at, leased_until)) - now())::float8 * 1000 as in_ms
     from sandbox.notifications
    where delivered_at is null and given_up_at is null`,
)

/** Milliseconds until a notification wants sending, 0 when it is overdue; null when none waits. */
export async function nextNotificationInMs(db: Db): Promise<number | null> {
  const [row] = await run<{ in_ms: number | null }>(db, NEXT, [])
  const inMs = row?.in_ms ?? null
  return inMs === null ? null : Math.max(0, Math.ceil(inMs))
}
