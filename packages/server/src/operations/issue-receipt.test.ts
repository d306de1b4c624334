import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { IssuedReceipt } from '../domain/receipt/receipt.ts'
import { systemClock } from '../kernel/clock.ts'
import { PaymentId, RefundId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import { systemRandomness } from '../kernel/random.ts'
import { insertTransition } from '../store/payment-history.ts'
import { lockPayment, savePayment } from '../store/payments.ts'
import { givenMerchant, givenPayment, givenRefund } from '../testing/given-payment.ts'
import { openTestDatabase } from '../testing/test-database.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import type { Actor, Deps } from './deps.ts'
import { issueReceipt } from './issue-receipt.ts'
import { issueRefundVoucher } from './issue-refund-voucher.ts'
import { readReceipt } from './read-receipt.ts'

let db: TestDatabase
let deps: Deps
let tenant: Tenant
let actor: Actor

const actorOf = (owner: Tenant): Actor => ({
  tenant: owner,
  kind: 'key',
  id: 'live_1',
  requestId: 'req_1',
  scopes: ['read'],
})
const rupees = (paise: bigint) => money(paise, 'INR')

beforeAll(async () => {
  db = await openTestDatabase(24)
  deps = { store: db.store, clock: systemClock, randomness: systemRandomness } as Deps
})
afterAll(() => db.close())
beforeEach(async () => {
  tenant = await givenMerchant(db)
  actor = actorOf(tenant)
})

/** Moves business time of the merchant's test mode to this instant; it goes on from there. */
async function moveClockTo(instant: string): Promise<void> {
  await db.pools.owner.query(`update merchants set clock_offset = $2::timestamptz - now() where id = $1`, [
    tenant.merchantId,
    instant,
  ])
}

async function auditOf(action: string): Promise<readonly object[]> {
  const { rows } = await db.pools.owner.query(
    'select actor, object_id, request_id, details from audit where merchant_id = $1 and action = $2',
    [tenant.merchantId, action],
  )
  return rows
}

describe('issueReceipt', () => {
  test('says what was paid, by whom, how and for what', async () => {
    const payment = await givenPayment(db, tenant, { amount: rupees(12_345_678n) })
    const { receipt, overlays } = await issueReceipt(deps, actor, { paymentId: payment.id })
    expect(receipt.number).toMatch(/^R\/\d\d-\d\d\/000001$/)
    expect(overlays).toEqual([])
    expect(receipt.snapshot).toMatchObject({
      kind: 'receipt',
      number: receipt.number,
      mode: 'live',
      issuedAt: receipt.issuedAt.toISOString(),
      paidAt: payment.capturedAt?.toISOString(),
      merchant: { id: tenant.merchantId, name: 'Tea house' },
      payer: { name: 'Asha Sharma', email: 'asha@example.com', phone: null },
      order: { id: payment.orderId, reference: payment.orderId, description: 'Darjeeling, 250 g' },
      payment: { id: payment.id, method: 'card', network: 'visa', lastFour: '1111', rrn: '412345678901' },
      refund: null,
      amount: '12345678',
      currency: 'INR',
      amountText: '₹1,23,456.78',
      amountInWords: 'Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Seventy-Eight Only',
      tax: null,
    })
  })

  test('is about what was captured, not about what was asked for', async () => {
    const { id } = await givenPayment(db, tenant, { amount: rupees(10_000n), captured: rupees(2_500n) })
    expect((await issueReceipt(deps, actor, { paymentId: id })).receipt.snapshot.amount).toBe('2500')
  })

  test('gives the same receipt to everyone who asks again, and writes one line of audit', async () => {
    const { id } = await givenPayment(db, tenant)
    const first = await issueReceipt(deps, actor, { paymentId: id })
    const again = await issueReceipt(deps, actor, { paymentId: id })
    expect(again).toEqual(first)
    expect(await readReceipt(deps, actor, { receiptId: first.receipt.id })).toEqual(first)
    expect(await auditOf('receipt.issued')).toEqual([
      {
        actor: 'key:live_1',
        object_id: first.receipt.id,
        request_id: 'req_1',
        details: { number: first.receipt.number, payment_id: id },
      },
    ])
  })

  test('issues one receipt to twenty who ask for it at once', async () => {
    const { id } = await givenPayment(db, tenant)
    const issued = await Promise.all(Array.from({ length: 20 }, () => issueReceipt(deps, actor, { paymentId: id })))
    expect(new Set(issued.map(({ receipt }) => receipt.id)).size).toBe(1)
    expect(await auditOf('receipt.issued')).toHaveLength(1)
  })

  test('numbers twenty payments without a gap when all are asked for at once', async () => {
    const payments = await Promise.all(Array.from({ length: 20 }, () => givenPayment(db, tenant)))
    const issued = await Promise.all(payments.map(({ id }) => issueReceipt(deps, actor, { paymentId: id })))
    const counts = issued.map(({ receipt }) => receipt.number.slice(-6)).sort()
    expect(counts).toEqual(Array.from({ length: 20 }, (_, at) => (at + 1).toString().padStart(6, '0')))
  })

  test('refuses a payment that captured nothing, and takes no number for it', async () => {
    const { id } = await givenPayment(db, tenant, { captured: rupees(0n) })
    await expect(issueReceipt(deps, actor, { paymentId: id })).rejects.toMatchObject({
      code: 'payment_state_conflict',
      details: { status: 'created' },
    })
    const next = await givenPayment(db, tenant)
    expect((await issueReceipt(deps, actor, { paymentId: next.id })).receipt.number).toMatch(/000001$/)
  })

  test("does not find another merchant's payment, one of the other mode, or none at all", async () => {
    const stranger = await givenMerchant(db)
    const { id } = await givenPayment(db, stranger)
    const questions = [
      [actor, id],
      [actorOf({ ...stranger, mode: 'test' }), id],
      [actor, PaymentId.create(new Date())],
    ] as const
    for (const [asking, paymentId] of questions) {
      await expect(issueReceipt(deps, asking, { paymentId })).rejects.toMatchObject({ code: 'payment_not_found' })
    }
    const { receipt } = await issueReceipt(deps, actorOf(stranger), { paymentId: id })
    const foreign = readReceipt(deps, actor, { receiptId: receipt.id })
    await expect(foreign).rejects.toMatchObject({ code: 'receipt_not_found' })
  })

  test('starts a new series on 1 April in the zone of the merchant', async () => {
    tenant = await givenMerchant(db, 'test')
    actor = actorOf(tenant)
    const before = await givenPayment(db, tenant)
    const after = await givenPayment(db, tenant)
    await moveClockTo('2031-03-31T23:50:00+05:30')
    const last = await issueReceipt(deps, actor, { paymentId: before.id })
    await moveClockTo('2031-04-01T00:00:01+05:30')
    const first = await issueReceipt(deps, actor, { paymentId: after.id })
    expect([last.receipt.number, first.receipt.number]).toEqual(['R/30-31/000001', 'R/31-32/000001'])
    expect([last.receipt.snapshot.issuedOn, first.receipt.snapshot.issuedOn]).toEqual(['2031-03-31', '2031-04-01'])
  })

  test('keeps what looks like a card number out of the snapshot, and more than four digits of one', async () => {
    const { id } = await givenPayment(db, tenant, {
      order: {
        description: 'paid with 4111 1111 1111 1111',
        payer: { name: '4111111111111111', email: null, phone: null },
      },
      facts: { lastFour: '11111111', vpa: 'asha@upi', rrn: '4111-1111-1111-1111' },
    })
    const { receipt } = await issueReceipt(deps, actor, { paymentId: id })
    const kept = JSON.stringify(receipt.snapshot)
    expect(kept).not.toMatch(/4111[ -]?1111/)
    expect(kept).not.toContain('asha@upi')
    expect(receipt.snapshot.payment.lastFour).toBeNull()
  })

  test('prints the tax block as it was given, the first time only', async () => {
    const { id } = await givenPayment(db, tenant)
    const tax = {
      document: 'tax_invoice',
      supplier: { name: 'Tea house', address: '12 MG Road, Bengaluru', gstin: '29ABCDE1234F1Z5' },
      recipient: null,
      placeOfSupply: { state: 'Karnataka', stateCode: '29' },
      lines: [],
      reverseCharge: false,
      signatory: null,
    } as const
    const first = await issueReceipt(deps, actor, { paymentId: id, tax })
    expect(first.receipt.snapshot.tax).toEqual(tax)
    const again = await issueReceipt(deps, actor, { paymentId: id, tax: { ...tax, reverseCharge: true } })
    expect(again).toEqual(first)
  })
})

describe('What happens after a receipt was issued', () => {
  let paymentId: PaymentId
  let issued: IssuedReceipt

  async function issue(given: Parameters<typeof givenPayment>[2] = {}): Promise<void> {
    const payment = await givenPayment(db, tenant, given)
    paymentId = payment.id
    issued = await issueReceipt(deps, actor, { paymentId })
  }

  test('never changes its snapshot', async () => {
    await issue()
    const { owner } = db.pools
    await owner.query(
      `update orders set description = 'Something else', payer = '{}', version = version + 1 where merchant_id = $1`,
      [tenant.merchantId],
    )
    await owner.query(`update merchants set name = 'Coffee house', zone = 'UTC' where id = $1`, [tenant.merchantId])
    expect((await issueReceipt(deps, actor, { paymentId })).receipt).toEqual(issued.receipt)
    await expect(owner.query(`update receipts set snapshot = '{}'`)).rejects.toMatchObject({ code: 'PU003' })
  })

  test('shows as a dated refund, with the voucher once there is one', async () => {
    await issue()
    const pending = await givenRefund(db, tenant, paymentId, { amount: rupees(900n), status: 'pending' })
    const refund = await givenRefund(db, tenant, paymentId, { amount: rupees(500n) })
    const overlay = { kind: 'refunded', at: refund.succeededAt, amount: rupees(500n), refundId: refund.id }
    const { overlays } = await issueReceipt(deps, actor, { paymentId })
    expect(overlays).toEqual([{ ...overlay, voucherNumber: null }])
    const voucher = await issueRefundVoucher(deps, actor, { refundId: refund.id })
    const later = await issueReceipt(deps, actor, { paymentId })
    expect(later.overlays).toEqual([{ ...overlay, voucherNumber: voucher.receipt.number }])
    expect(later.receipt).toEqual(issued.receipt)
    expect(pending.status).toBe('pending')
  })

  test('shows that the payment was one too many, and that the order was canceled', async () => {
    await issue({ duplicate: true })
    await db.pools.owner.query(
      `update orders set canceled_at = now(), status = 'canceled', version = version + 1
      where id = $1`,
      [issued.receipt.snapshot.order?.id],
    )
    const { overlays } = await issueReceipt(deps, actor, { paymentId })
    expect(overlays.map(({ kind }) => kind)).toEqual(['duplicate', 'canceled'])
  })

  test('shows what else was captured of the same payment', async () => {
    await issue({ amount: rupees(10_000n), captured: rupees(2_500n) })
    const at = await db.store.inTransaction(tenant, async (tx) => {
      const payment = await lockPayment(tx, paymentId)
      const after = await savePayment(tx, payment, { ...payment, amountCaptured: rupees(6_000n) })
      const change = {
        from: 'captured',
        to: 'captured',
        event: 'captured',
        cause: 'reply',
        actor: 'key:live_1',
      } as const
      await insertTransition(tx, { paymentId, version: after.version, ...change, requestId: null })
      return tx.now
    })
    const { receipt, overlays } = await issueReceipt(deps, actor, { paymentId })
    expect(receipt.snapshot.amount).toBe('2500')
    expect(overlays).toEqual([{ kind: 'captured_further', at, amount: rupees(6_000n) }])
  })
})

describe('issueRefundVoucher', () => {
  test('numbers vouchers apart from receipts and names the receipt of the payment', async () => {
    const payment = await givenPayment(db, tenant)
    const { receipt } = await issueReceipt(deps, actor, { paymentId: payment.id })
    const refund = await givenRefund(db, tenant, payment.id, { amount: rupees(500n) })
    const voucher = await issueRefundVoucher(deps, actor, { refundId: refund.id })
    expect(voucher.receipt.number).toMatch(/^V\/\d\d-\d\d\/000001$/)
    expect(voucher.overlays).toEqual([])
    expect(voucher.receipt.snapshot).toMatchObject({
      kind: 'refund_voucher',
      amount: '500',
      amountInWords: 'Rupees Five Only',
      refund: {
        id: refund.id,
        reason: 'not_satisfied',
        arn: '74332744012345678901234',
        receipt: { number: receipt.number, issuedOn: receipt.snapshot.issuedOn },
      },
    })
    expect(await issueRefundVoucher(deps, actor, { refundId: refund.id })).toEqual(voucher)
    expect(await auditOf('refund_voucher.issued')).toHaveLength(1)
  })

  test('names no receipt where none had been issued, and issues none', async () => {
    const payment = await givenPayment(db, tenant)
    const refund = await givenRefund(db, tenant, payment.id, { amount: rupees(500n) })
    const voucher = await issueRefundVoucher(deps, actor, { refundId: refund.id })
    expect(voucher.receipt.snapshot.refund?.receipt).toBeNull()
    expect(await auditOf('receipt.issued')).toEqual([])
  })

  test('is one for twenty who ask at once', async () => {
    const payment = await givenPayment(db, tenant)
    const { id } = await givenRefund(db, tenant, payment.id, { amount: rupees(500n) })
    const asked = Array.from({ length: 20 }, () => issueRefundVoucher(deps, actor, { refundId: id }))
    expect(new Set((await Promise.all(asked)).map(({ receipt }) => receipt.number)).size).toBe(1)
  })

  test('refuses a refund that has not gone through, and does not find what is not there', async () => {
    const payment = await givenPayment(db, tenant)
    const { id } = await givenRefund(db, tenant, payment.id, { amount: rupees(500n), status: 'pending' })
    await expect(issueRefundVoucher(deps, actor, { refundId: id })).rejects.toMatchObject({
      code: 'refund_state_conflict',
      details: { status: 'pending' },
    })
    const unknown = issueRefundVoucher(deps, actor, { refundId: RefundId.create(new Date()) })
    await expect(unknown).rejects.toMatchObject({ code: 'refund_not_found' })
  })
})
