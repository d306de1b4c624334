import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Tenant } from '../kernel/ids.ts'
import { givenMerchant, givenPayment } from '../testing/given-payment.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { takeReceiptNumber } from './receipts.ts'

let db: TestDatabase
let tenant: Tenant

beforeAll(async () => {
  db = await openTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  tenant = await givenMerchant(db)
})

function take(whose: Tenant = tenant, year = '2026-27'): Promise<bigint> {
  return db.store.inTransaction(whose, async (tx) => (await takeReceiptNumber(tx, 'receipt', year)).count)
}

describe('takeReceiptNumber', () => {
  test('counts from one, each series by itself', async () => {
    expect([await take(), await take()]).toEqual([1n, 2n])
    expect(await take(tenant, '2027-28')).toBe(1n)
    expect(await take({ ...tenant, mode: 'test' })).toBe(1n)
    expect(await take(await givenMerchant(db))).toBe(1n)
    const voucher = db.store.inTransaction(tenant, (tx) => takeReceiptNumber(tx, 'refund_voucher', '2026-27'))
    expect((await voucher).count).toBe(1n)
    expect(await take()).toBe(3n)
  })

  test('gives a number back that a transaction took and rolled back', async () => {
    await take()
    const failed = db.store.inTransaction(tenant, async (tx) => {
      await takeReceiptNumber(tx, 'receipt', '2026-27')
      throw new Error('the issue fails')
    })
    await expect(failed).rejects.toThrow('the issue fails')
    expect(await take()).toBe(2n)
  })

  test('has no gap and no number twice when forty take one at once and every third fails', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, at) =>
        db.store.inTransaction(tenant, async (tx) => {
          const { count } = await takeReceiptNumber(tx, 'receipt', '2026-27')
          if (at % 3 === 0) throw new Error('the issue fails')
          return count
        }),
      ),
    )
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(taken.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(Array.from({ length: 26 }, (_, at) => BigInt(at + 1)))
  })

  test('dates never fall as numbers rise, whichever transaction began first', async () => {
    tenant = await givenMerchant(db, 'test')
    const next = () => db.store.inTransaction(tenant, (tx) => takeReceiptNumber(tx, 'receipt', '2026-27'))
    const { began, before, taken } = await db.store.inTransaction(tenant, async (tx) => {
      // A transaction that begins an hour later takes its number before this one does.
      await db.pools.owner.query(`update merchants set clock_offset = '1 hour' where id = $1`, [tenant.merchantId])
      const before = await next()
      return { began: tx.now, before, taken: await takeReceiptNumber(tx, 'receipt', '2026-27') }
    })
    expect([before.count, taken.count]).toEqual([1n, 2n])
    expect(before.issuedAt.getTime()).toBeGreaterThan(began.getTime())
    expect(taken.issuedAt).toEqual(before.issuedAt)
    expect((await next()).issuedAt.getTime()).toBeGreaterThanOrEqual(taken.issuedAt.getTime())
  })
})

describe('The table of receipts', () => {
  const COLUMNS = 'merchant_id, mode, id, kind, number, payment_id, refund_id, snapshot, issued_at'

  async function insert(values: { kind?: string; number?: string; id?: string; paymentId: string; refundId?: string }) {
    await db.pools.owner.query(`insert into receipts (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, '{}', now())`, [
      tenant.merchantId,
      tenant.mode,
      values.id ?? 'rct_1',
      values.kind ?? 'receipt',
      values.number ?? 'R/26-27/000001',
      values.paymentId,
      values.refundId ?? null,
    ])
  }

  test('refuses a second receipt of a payment, a number twice, and one that is no receipt number', async () => {
    const one = await givenPayment(db, tenant)
    const other = await givenPayment(db, tenant)
    await insert({ paymentId: one.id })
    await expect(insert({ paymentId: one.id, id: 'rct_2', number: 'R/26-27/000002' })).rejects.toMatchObject({
      constraint: 'receipts_one_per_payment',
    })
    await expect(insert({ paymentId: other.id, id: 'rct_2' })).rejects.toMatchObject({ code: '23505' })
    for (const number of ['', 'R/2026-2027/00001', 'R 1', 'R_1', 'र1']) {
      await expect(insert({ paymentId: other.id, id: 'rct_2', number })).rejects.toMatchObject({ code: '23514' })
    }
  })

  test('refuses a voucher of no refund and of one that is not there', async () => {
    const { id } = await givenPayment(db, tenant)
    await expect(insert({ paymentId: id, kind: 'refund_voucher' })).rejects.toMatchObject({
      constraint: 'voucher_names_refund',
    })
    await expect(insert({ paymentId: id, kind: 'refund_voucher', refundId: 'ref_1' })).rejects.toMatchObject({
      code: '23503',
    })
  })
})
