// A receipt out of nothing, for tests of how one is drawn: no database, every field set.
import type { Receipt, ReceiptSnapshot } from '../domain/receipt/receipt.ts'
import { amountForPeople, amountInWords } from '../domain/receipt/amount-text.ts'
import { MerchantId, OrderId, PaymentId, ReceiptId } from '../kernel/ids.ts'
import { money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'

const ISSUED_AT = new Date('2026-06-12T08:35:00.000Z')

export function givenReceipt(given: Partial<ReceiptSnapshot> = {}, amount: Money = money(12_345_678n, 'INR')): Receipt {
  const paymentId = PaymentId.create(ISSUED_AT)
  const snapshot: ReceiptSnapshot = {
    form: 1,
    kind: 'receipt',
    number: 'R/26-27/000042',
    mode: 'live',
    zone: 'Asia/Kolkata',
    issuedAt: ISSUED_AT.toISOString(),
    issuedOn: '2026-06-12',
    paidAt: '2026-06-12T08:31:10.000Z',
    paidOn: '2026-06-12',
    merchant: { id: MerchantId.create(ISSUED_AT), name: 'Acme Broadband Private Limited' },
    payer: { name: 'आशा शर्मा (Asha Sharma)', email: 'asha@example.com', phone: '+91 98000 00000' },
    order: { id: OrderId.create(ISSUED_AT), reference: 'INV-2026-0612', description: 'Broadband, June 2026' },
    payment: { id: paymentId, method: 'card', network: 'visa', lastFour: '1111', bank: null, rrn: '412345678901' },
    refund: null,
    amount: amount.minor.toString(),
    currency: amount.currency,
    amountText: amountForPeople(amount),
    amountInWords: amountInWords(amount),
    tax: null,
    ...given,
  }
  return {
    id: ReceiptId.create(ISSUED_AT),
    kind: snapshot.kind,
    number: snapshot.number,
    paymentId,
    refundId: snapshot.refund?.id ?? null,
    issuedAt: ISSUED_AT,
    snapshot,
  }
}
