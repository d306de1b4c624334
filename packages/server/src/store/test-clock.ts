// A merchant's test clock: how far it is ahead of real time, what waits for it, and moving it. Rows keep business time,
// so moving the clock is one update; what came due by it is found by the queues like anything else.
import type { Tx } from './db.ts'

export type ClockRow = {
  readonly offsetMs: number
  /** Until something that waits comes due, ms; null when nothing waits. Overdue work is not counted. */
  readonly nextDueInMs: number | null
}

// Milliseconds stay far below 2^53, so a double holds them exactly.
const OFFSET_MS = 'round(extract(epoch from clock_offset) * 1000)::float8'

export async function readClock(tx: Tx): Promise<ClockRow> {
  const { rows } = await tx.query<{ offset_ms: number; next_in_ms: number | null }>(
    `with waiting as (
       select due_at as at from operations where merchant_id = $1 and mode = $2 and ended_at is null
       union all select due_at from notifications where merchant_id = $1 and mode = $2 and due_at is not null
       union all select due_at from deliveries where merchant_id = $1 and mode = $2 and due_at is not null
       union all select expiry_due_at from orders where merchant_id = $1 and mode = $2 and expiry_due_at is not null
       union all select expires_at from sessions
                  where merchant_id = $1 and mode = $2 and status in ('open', 'claimed')
       union all select due_at from mandates where merchant_id = $1 and mode = $2 and due_at is not null
       union all select retry_at from mandate_executions where merchant_id = $1 and mode = $2 and retry_at is not null
       union all select due_at from disputes where merchant_id = $1 and mode = $2 and due_at is not null
       union all select settlements_due_at from gateway_accounts
                  where merchant_id = $1 and mode = $2 and settlements_due_at is not null
       union all select due_at from pre_debit_notices where merchant_id = $1 and mode = $2 and due_at is not null
     )
     select (select ${OFFSET_MS} from merchants where id = $1) as offset_ms,
            (select extract(epoch from min(at) - $3::timestamptz)::float8 * 1000 from waiting where at > $3) as next_in_ms`,
    [tx.tenant.merchantId, tx.tenant.mode, tx.now],
  )
  const [row] = rows
  const inMs = row?.next_in_ms ?? null
  return { offsetMs: row?.offset_ms ?? 0, nextDueInMs: inMs === null ? null : Math.max(1, Math.ceil(inMs)) }
}

/** Moves the clock to `offsetMs` ahead of real time, never back: two who move it at once do not add up. */
export async function moveClock(tx: Tx, offsetMs: number): Promise<void> {
  await tx.query(
    `update merchants set clock_offset = greatest(clock_offset, $2::float8 * interval '1 millisecond') where id = $1`,
    [tx.tenant.merchantId, offsetMs],
  )
}

/** Work of this merchant that some worker has in hand right now. */
export async function countInHand(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ leased: number }>(
    `select (select count(*) from notifications where merchant_id = $1 and mode = $2 and leased_until > now())::int
          + (select count(*) from operations where merchant_id = $1 and mode = $2 and leased_until > now())::int
          + (select count(*) from deliveries where merchant_id = $1 and mode = $2 and leased_until > now())::int as leased`,
    [tx.tenant.merchantId, tx.tenant.mode],
  )
  return rows[0]?.leased ?? 0
}
