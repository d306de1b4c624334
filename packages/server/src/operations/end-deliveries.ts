// Ends what is pending for an endpoint that was disabled or deleted. In portions, because there may be millions; the
// worker ends whatever is missed here (a crash, an event committed at that moment) when it falls due.
import type { Tenant, WebhookEndpointId } from '../kernel/ids.ts'
import { endPendingDeliveryRows } from '../store/deliveries.ts'
import type { Deps } from './deps.ts'

const PORTION = 1_000

/** Dead ones can be sent again by hand. Those being sent at this moment are left to their sender. */
export async function endPendingDeliveries(
  deps: Deps,
  tenant: Tenant,
  endpointId: WebhookEndpointId,
  status: 'dead' | 'canceled',
): Promise<void> {
  for (;;) {
    const ended = await deps.store.inTransaction(tenant, (tx) =>
      endPendingDeliveryRows(tx, endpointId, status, PORTION),
    )
    if (ended < PORTION) return
  }
}
