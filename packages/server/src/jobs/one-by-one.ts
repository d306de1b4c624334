// Works on items of many tenants one after the other. One that fails is logged and left for the next look: it must not
// keep the others, of other merchants, from being looked at.
import type { Tenant } from '../kernel/ids.ts'
import type { Log } from '../operations/deps.ts'

export async function oneByOne<Item extends { readonly tenant: Tenant; readonly id: string }>(
  log: Log,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (const item of items) {
    try {
      await work(item)
    } catch (error) {
      log.error({ err: error, object_id: item.id, merchant_id: item.tenant.merchantId }, 'A due item failed.')
    }
  }
}
