// Gathers what comes in one by one and hands it on per tenant, a batch at a time: while one batch is being written the
// next one fills, so the busier it gets the larger the batches are, and nobody waits for a timer.
import type { Tenant } from '../kernel/ids.ts'

type Waiting<Item> = { readonly item: Item; resolve(): void; reject(error: unknown): void }

/** The returned function settles as the batch with its item does. A batch that fails is tried again item by item. */
export function createTenantBatches<Item>(
  sizeMax: number,
  work: (tenant: Tenant, items: readonly Item[]) => Promise<void>,
): (tenant: Tenant, item: Item) => Promise<void> {
  const queues = new Map<string, Waiting<Item>[]>()

  async function drain(key: string, tenant: Tenant, queue: Waiting<Item>[]): Promise<void> {
    while (queue.length > 0) await write(tenant, queue.splice(0, sizeMax))
    queues.delete(key)
  }

  async function write(tenant: Tenant, batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await work(
        tenant,
        batch.map((waiting) => waiting.item),
      )
      for (const waiting of batch) waiting.resolve()
    } catch (error) {
      // One bad item must not take the others along.
      if (batch.length === 1) batch[0]?.reject(error)
      else for (const waiting of batch) await write(tenant, [waiting])
    }
  }

  return (tenant, item) =>
    new Promise((resolve, reject) => {
      const key = `${tenant.merchantId}/${tenant.mode}`
      const queue = queues.get(key)
      const waiting = { item, resolve, reject }
      if (queue === undefined) {
        const fresh = [waiting]
        queues.set(key, fresh)
        void drain(key, tenant, fresh)
      } else {
        queue.push(waiting)
      }
    })
}
