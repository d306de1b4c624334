// Sends webhooks: claims what is due, sends it with no transaction open, records what came of it.
// Easy to get wrong: a receiver that answers a byte a second is ours to wait for, 15 seconds each time. So a claim
// never waits for its sends; a send that takes long gives its place to another one; and no endpoint holds more than a
// few.
import type { WireReply } from '../connectors/contract/wire.ts'
import { readRetryAfterMs } from '../domain/webhook/schedule.ts'
import { signatureHeaders } from '../domain/webhook/signature.ts'
import { delay } from '../kernel/clock.ts'
import type { Tenant } from '../kernel/ids.ts'
import type { Deps } from '../operations/deps.ts'
import { prepareDeliveries } from '../operations/prepare-deliveries.ts'
import type { PreparedDelivery } from '../operations/prepare-deliveries.ts'
import { recordTries } from '../operations/record-deliveries.ts'
import type { Try } from '../operations/record-deliveries.ts'
import { leaseDueDeliveries } from '../store/delivery-queue.ts'
import type { ClaimedDelivery } from '../store/delivery-queue.ts'
import { createFlights } from './flights.ts'
import type { Job } from './runner.ts'
import { createTenantBatches } from './tenant-batches.ts'

export type WebhookLimits = {
  /** Longer than a send and the recording of its result together can take. */
  readonly leaseSeconds: number
  /** Sends of one endpoint at a time. */
  readonly perEndpoint: number
  /** The same while it is failing. */
  readonly perFailingEndpoint: number
  /** Sends that are under way at a time, those not counted that have taken longer than `slowAfterMs`. */
  readonly quickMax: number
  readonly slowAfterMs: number
  /** Quick and slow ones together. */
  readonly inFlightMax: number
  /** Results that are recorded in one transaction. */
  readonly batchMax: number
}

const LIMITS: WebhookLimits = {
  leaseSeconds: 60,
  perEndpoint: 32,
  perFailingEndpoint: 2,
  quickMax: 64,
  slowAfterMs: 1_000,
  inFlightMax: 512,
  batchMax: 100,
}

// A result that cannot be written is tried again while the lease lasts; then the webhook is sent again.
const RECORD_AGAIN_AFTER_MS = [100, 400, 1_600, 6_400] as const

export type WebhookJob = Job & {
  /** Resolves once nothing is under way. */
  drain(): Promise<void>
}

/** The job for the runner. `run` claims up to `limit` and resolves once their sends have begun. */
export function createWebhookJob(deps: Deps, limits: Partial<WebhookLimits> = {}): WebhookJob {
  const all = { ...LIMITS, ...limits }
  const flights = createFlights(all.slowAfterMs)
  const record = createTenantBatches<Try>(all.batchMax, (tenant, tries) => recordTries(deps, tenant, tries))

  async function launch(tenant: Tenant, claimed: readonly ClaimedDelivery[], leaseToken: string): Promise<void> {
    const ids = claimed.map((delivery) => delivery.id)
    const crowded = new Set(claimed.filter((delivery) => delivery.isCrowded).map((delivery) => delivery.id))
    for (const delivery of await prepareDeliveries(deps, tenant, ids, leaseToken)) {
      flights.begin(async () => {
        await deliver(deps, delivery, record)
        // Others of its endpoint found no place: they are claimed now, not at the next poll.
        if (crowded.has(delivery.id)) deps.nudge('deliveries')
      })
    }
  }

  return {
    name: 'deliver-webhooks',
    queue: 'deliveries',
    drain: () => flights.until(() => flights.count() === 0),
    async run(limit, only) {
      // Half of the places at least are filled together: a claim for every single one would cost more than the sending.
      await flights.until(() => flights.quickCount() * 2 <= all.quickMax && flights.count() < all.inFlightMax)
      const leaseToken = deps.randomness.bytes(16).toString('hex')
      const claimed = await leaseDueDeliveries(deps.store.queue, {
        leaseToken,
        leaseSeconds: all.leaseSeconds,
        limit: Math.min(limit, all.quickMax - flights.quickCount(), all.inFlightMax - flights.count()),
        only,
        perEndpoint: all.perEndpoint,
        perFailingEndpoint: all.perFailingEndpoint,
      })
      const launched = await Promise.allSettled(
        byTenant(claimed).map(([tenant, deliveries]) => launch(tenant, deliveries, leaseToken)),
      )
      // Theirs are claimed again when the lease runs out. The runner logs it and goes on after a pause.
      for (const one of launched) if (one.status === 'rejected') throw one.reason
      return claimed.length
    },
  }
}

/** Sends up to `limit` that are due now, waits for all of them, and answers how many. For the test clock and tests. */
export async function deliverDueWebhooks(
  deps: Deps,
  limit: number,
  limits: Partial<WebhookLimits> = {},
): Promise<number> {
  const job = createWebhookJob(deps, limits)
  const count = await job.run(limit)
  await job.drain()
  return count
}

function byTenant(claimed: readonly ClaimedDelivery[]): readonly (readonly [Tenant, readonly ClaimedDelivery[]])[] {
  const groups = new Map<string, [Tenant, ClaimedDelivery[]]>()
  for (const delivery of claimed) {
    const { tenant } = delivery
    const key = `${tenant.merchantId}/${tenant.mode}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [tenant, [delivery]])
    else group[1].push(delivery)
  }
  return [...groups.values()]
}

/** Sends one and records what came of it. Never rejects. */
async function deliver(
  deps: Deps,
  delivery: PreparedDelivery,
  record: (tenant: Tenant, result: Try) => Promise<void>,
): Promise<void> {
  let lastError: unknown
  try {
    const result = await send(deps, delivery)
    for (const pauseMs of [0, ...RECORD_AGAIN_AFTER_MS]) {
      if (pauseMs > 0) await delay(pauseMs)
      try {
        return await record(delivery.tenant, result)
      } catch (error) {
        lastError = error
      }
    }
  } catch (error) {
    lastError = error
  }
  const details = { err: lastError, delivery_id: delivery.id }
  deps.log.error(details, 'What came of a webhook could not be recorded; it will be sent again.')
}

async function send(deps: Deps, delivery: PreparedDelivery): Promise<Try> {
  const at = deps.clock.now()
  const startMs = deps.clock.monotonicMs()
  const reply = await post(deps, delivery, at)
  const durationMs = Math.round(deps.clock.monotonicMs() - startMs)
  return { delivery, at, durationMs, ...readVerdict(reply, at, delivery) }
}

async function post(deps: Deps, delivery: PreparedDelivery, at: Date): Promise<WireReply> {
  const { eventId, url, body, secrets, formatted } = delivery
  if (formatted !== undefined) return deps.sendToMerchant({ method: 'POST', url, headers: formatted.headers, body })
  if (secrets.length === 0) return { kind: 'not_sent', reason: 'secret_unreadable' }
  const signature = signatureHeaders({ id: eventId, at, body, secrets })
  return deps.sendToMerchant({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...signature },
    body,
  })
}

/** Only 2xx is a yes. A redirect is none: nobody follows it. */
type Verdict = Pick<Try, 'outcome' | 'httpStatus' | 'verdict' | 'retryAfterMs'>

function readVerdict(reply: WireReply, now: Date, { formatted }: PreparedDelivery): Verdict {
  if (reply.kind !== 'reply') {
    return { outcome: reply.reason, httpStatus: null, verdict: 'failed', retryAfterMs: undefined }
  }
  const { status: httpStatus, headers } = reply
  if (formatted !== undefined) {
    const isDelivered = formatted.format.isAccepted(httpStatus)
    const said = isDelivered ? 'delivered' : 'failed'
    return { outcome: isDelivered ? said : 'refused', httpStatus, verdict: said, retryAfterMs: undefined }
  }
  if (httpStatus >= 200 && httpStatus < 300) {
    return { outcome: 'delivered', httpStatus, verdict: 'delivered', retryAfterMs: undefined }
  }
  const asksToWait = httpStatus === 429 || httpStatus === 503
  return {
    outcome: 'refused',
    httpStatus,
    verdict: httpStatus === 410 ? 'gone' : 'failed',
    retryAfterMs: asksToWait ? readRetryAfterMs(headers['retry-after'], now) : undefined,
  }
}
