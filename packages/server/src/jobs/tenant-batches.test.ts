import { describe, expect, test } from 'vitest'
import { MerchantId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import { createTenantBatches } from './tenant-batches.ts'

const tenant = (): Tenant => ({ merchantId: MerchantId.create(new Date()), mode: 'test' })

describe('createTenantBatches', () => {
  test('gathers what comes in while a batch is being written, per tenant and in order', async () => {
    const batches: { tenant: Tenant; items: readonly number[] }[] = []
    const add = createTenantBatches<number>(3, async (owner, items) => {
      batches.push({ tenant: owner, items })
      await new Promise((resolve) => setImmediate(resolve))
    })
    const [one, two] = [tenant(), tenant()]
    await Promise.all([1, 2, 3, 4, 5].flatMap((item) => [add(one, item), add(two, item * 10)]))
    const of = (owner: Tenant) => batches.filter((batch) => batch.tenant === owner).map((batch) => batch.items)
    expect(of(one)).toEqual([[1], [2, 3, 4], [5]])
    expect(of(two)).toEqual([[10], [20, 30, 40], [50]])
  })

  test('lets one bad item fail alone', async () => {
    const written: number[] = []
    const add = createTenantBatches<number>(10, async (_, items) => {
      await new Promise((resolve) => setImmediate(resolve))
      if (items.includes(3)) throw new Error('three')
      written.push(...items)
    })
    const owner = tenant()
    const results = await Promise.allSettled([1, 2, 3, 4].map((item) => add(owner, item)))
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(written).toEqual([1, 2, 4])
    await expect(add(owner, 5)).resolves.toBeUndefined()
  })
})
