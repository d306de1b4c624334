// Sends what the outbox holds: signs when it sends, so that a notification that is tried again for days is never old,
// and keeps trying. No transaction is open while it sends.
import { hmacSha256 } from '../kernel/hmac.ts'
import type { SandboxOptions } from './options.ts'
import type { Attempt, LeasedNotice } from './store/notifications.ts'
import { leaseNotifications, recordAttempts } from './store/notifications.ts'

export const SEND_TIMEOUT_MS = 10_000
const LEASE_MS = 30_000
const BATCH = 64

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
// Quick at first, because whoever is down in a test is up again soon; then for three days, as real gateways do.
const RETRIES_MS = [
  ...[0.5, 1, 2, 4, 8, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 4, 8, 12, 12, 12, 12, 12].map((hours) => hours * HOUR_MS),
]

type SendContext = Pick<SandboxOptions, 'pool' | 'send' | 'clock'>

/** The headers of one notification: signature over `<timestamp>.<body>`, HMAC-SHA-256 in hex. */
export function signatureHeaders(secret: string, body: string, at: Date): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / SECOND_MS).toString()
  const signature = hmacSha256(secret, `${timestamp}.${body}`).toString('hex')
  return { 'x-sandbox-timestamp': timestamp, 'x-sandbox-signature': `v1=${signature}` }
}

/** Sends everything that is due, `BATCH` at a time. With `objectId` only what tells of that object. */
export async function sendDue(context: SendContext, objectId: string | null): Promise<number> {
  let sent = 0
  for (;;) {
    const notices = await leaseNotifications(context.pool, BATCH, LEASE_MS, objectId)
    await sendAll(context, notices)
    sent += notices.length
    if (notices.length === 0) return sent
  }
}

// Quick receivers are not kept waiting by slow ones: what has come back is recorded while the rest is still out.
async function sendAll(context: SendContext, notices: readonly LeasedNotice[]): Promise<void> {
  let finished: Attempt[] = []
  let recording: Promise<void> | undefined
  const record = async () => {
    while (finished.length > 0) {
      const batch = finished
      finished = []
      await recordAttempts(context.pool, batch)
    }
    recording = undefined
  }
  await Promise.all(
    notices.map(async (notice) => {
      // Not `finished.push(await …)`: that would push to the list of before the wait.
      const made = await attempt(context, notice)
      finished.push(made)
      recording ??= record()
      await recording
    }),
  )
}

async function attempt(context: SendContext, notice: LeasedNotice): Promise<Attempt> {
  const { id, attempts } = notice
  const status = await statusOf(context, notice)
  const delivered = status !== null && status >= 200 && status < 300
  return { id, attempts, status, delivered, retryInMs: delivered ? null : (RETRIES_MS[attempts - 1] ?? null) }
}

async function statusOf(context: SendContext, notice: LeasedNotice): Promise<number | null> {
  if (notice.url === null) return null
  const secret = notice.forged ? `not ${notice.secret}` : notice.secret
  const headers = {
    'content-type': 'application/json',
    'x-sandbox-event-id': notice.id,
    ...signatureHeaders(secret, notice.body, context.clock.now()),
  }
  try {
    return await context.send(notice.url, headers, notice.body, SEND_TIMEOUT_MS)
  } catch {
    return null
  }
}
