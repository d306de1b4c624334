// From a lease to something that can be sent: the text, the address and the secrets, read in one short transaction that
// is over before anything leaves. What should no longer be sent is ended here, without a try.
import type { DeliveryId, EventId, Tenant, WebhookEndpointId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { abandonLeasedDeliveries, readLeasedDeliveries } from '../store/delivery-queue.ts'
import type { LeasedDelivery } from '../store/delivery-queue.ts'
import { WEBHOOK_SECRET_FIELD } from '../store/webhook-endpoints.ts'
import type { Deps } from './deps.ts'
import { formatDeliveries } from './format-deliveries.ts'
import type { WebhookFormat } from './webhook-format.ts'

// The schedule ends after ten. More are counted only when the process dies between a claim and its result; a delivery
// that takes the process down with it must not do so for ever.
const TRIES_MAX = 50

export type PreparedDelivery = {
  readonly tenant: Tenant
  readonly id: DeliveryId
  readonly leaseToken: string
  readonly eventId: EventId
  readonly endpointId: WebhookEndpointId
  readonly tries: number
  readonly createdAt: Date
  readonly url: string
  readonly body: string
  /** The newest first; empty when they cannot be opened. */
  readonly secrets: readonly string[]
  /** Set where the endpoint has a format of its own: these instead of our signature. */
  readonly formatted?: { readonly format: WebhookFormat; readonly headers: Readonly<Record<string, string>> }
}

export async function prepareDeliveries(
  deps: Deps,
  tenant: Tenant,
  ids: readonly DeliveryId[],
  leaseToken: string,
): Promise<readonly PreparedDelivery[]> {
  return deps.store.inTransaction(tenant, async (tx) => {
    const leased = await readLeasedDeliveries(tx, ids, leaseToken)
    const possible = leased.filter((delivery) => delivery.isWanted && delivery.tries <= TRIES_MAX)
    const formatted = await formatDeliveries(deps, tx, possible)
    const wanted = possible.filter(({ id, format }) => format === 'standard' || formatted.has(id))
    const unwanted = leased.filter((delivery) => !wanted.includes(delivery))
    if (unwanted.length > 0) {
      const unwantedIds = unwanted.map((delivery) => delivery.id)
      await abandonLeasedDeliveries(tx, unwantedIds, leaseToken)
    }
    const prepared: PreparedDelivery[] = []
    for (const delivery of wanted) {
      const { id, eventId, endpointId, tries, createdAt, url, body } = delivery
      const own = formatted.get(id)
      const secrets = own === undefined ? await openSecrets(deps, tx, delivery) : []
      const common = { tenant, id, leaseToken, eventId, endpointId, tries, createdAt, url, secrets }
      prepared.push(own === undefined ? { ...common, body } : { ...common, body: own.body, formatted: own })
    }
    return prepared
  })
}

// One endpoint whose secret cannot be opened must not hold up the rest: it fails alone, try by try.
async function openSecrets(deps: Deps, tx: Tx, delivery: LeasedDelivery): Promise<readonly string[]> {
  const { secretSealed, previousSecretSealed, previousSecretUntil } = delivery
  try {
    const secret = await deps.vault.open(tx, WEBHOOK_SECRET_FIELD, secretSealed)
    if (previousSecretSealed === null || previousSecretUntil === null || previousSecretUntil <= tx.now) return [secret]
    return [secret, await deps.vault.open(tx, WEBHOOK_SECRET_FIELD, previousSecretSealed)]
  } catch (error) {
    deps.log.error({ err: error, endpoint_id: delivery.endpointId }, 'A webhook secret cannot be opened.')
    return []
  }
}
