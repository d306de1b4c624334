import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from './deps.ts'
import { getCustomer, openCustomerSession, updateCustomer, upsertCustomer } from './upsert-customer.ts'
import { authenticate } from './authenticate.ts'
import { startTestApi } from '../testing/api-setup.ts'
import type { TestApi, TestMerchant } from '../testing/api-setup.ts'

let api: TestApi
let actor: Actor
let stranger: Actor

const actorOf = ({ tenant, keyId }: TestMerchant): Actor => ({
  tenant,
  kind: 'key',
  id: keyId,
  requestId: null,
  scopes: [],
})

beforeAll(async () => {
  api = await startTestApi()
  actor = actorOf(api.merchant)
  stranger = actorOf(api.stranger)
})

afterAll(() => api.close())

describe('Customers', () => {
  test('are found by the reference, made where there is none, and changed only when asked to', async () => {
    const details = { givenName: 'Asha', phone: '9876543210' }
    const made = await upsertCustomer(api.deps, actor, { reference: 'cust_1', details, whenThere: 'keep' })
    expect(made).toMatchObject({ reference: 'cust_1', givenName: 'Asha', familyName: null, phoneCountry: '91' })
    const kept = await upsertCustomer(api.deps, actor, {
      reference: 'cust_1',
      details: { phone: '1' },
      whenThere: 'keep',
    })
    expect(kept).toEqual(made)
    const changed = await upsertCustomer(api.deps, actor, {
      reference: 'cust_1',
      details: { phone: '2' },
      whenThere: 'change',
    })
    expect(changed).toMatchObject({ id: made.id, givenName: 'Asha', phone: '2' })
    await expect(
      upsertCustomer(api.deps, actor, { reference: 'cust_1', details, whenThere: 'refuse' }),
    ).rejects.toMatchObject({ code: 'customer_reference_taken' })
  })

  test('are one, however many make the same at the same time', async () => {
    const command = { reference: 'cust_race', details: {}, whenThere: 'keep' } as const
    const made = await Promise.all([1, 2, 3, 4].map(() => upsertCustomer(api.deps, actor, command)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  })

  test('of another merchant do not exist', async () => {
    const { id } = await upsertCustomer(api.deps, actor, { reference: 'mine', details: {}, whenThere: 'keep' })
    for (const name of [{ id }, { reference: 'mine' }]) {
      await expect(getCustomer(api.deps, stranger, name)).rejects.toMatchObject({ code: 'customer_not_found' })
    }
    const change = { customer: { id }, details: { phone: '3' } }
    await expect(updateCustomer(api.deps, stranger, change)).rejects.toMatchObject({ code: 'customer_not_found' })
    expect((await getCustomer(api.deps, actor, { id })).phone).toBeNull()
  })

  test('have a token that stands for them alone', async () => {
    const { id } = await upsertCustomer(api.deps, actor, { reference: 'with_token', details: {}, whenThere: 'keep' })
    const { token } = await openCustomerSession(api.deps, actor, id)
    expect(await authenticate(api.deps, token)).toMatchObject({ credential: 'customer_token', id, scopes: [] })
  })
})
