// Offline payments and allocations as the JSON of our own API and of webhooks.
import type { Allocation } from '../allocation/allocation.ts'
import { unapplied } from '../allocation/allocation.ts'
import type { PaymentRecord } from '../payment/record.ts'
import { instant, minor } from '../webhook/objects.ts'
import type { OfflinePayment } from './offline-payment.ts'

/** One object for both rows. Its version is the payment's, which every change raises. */
export function offlinePaymentJson({ payment, offline }: { payment: PaymentRecord; offline: OfflinePayment }) {
  const { instrument } = offline
  const cheque = instrument.method === 'cheque' ? instrument : null
  return {
    id: payment.id,
    object: 'offline_payment' as const,
    method: instrument.method,
    status: offline.status,
    amount: minor(payment.amount),
    currency: payment.amount.currency,
    amount_allocated: minor(payment.amountAllocated),
    amount_unapplied: minor(unapplied(payment)),
    amount_refunded: minor(payment.amountRefunded),
    amount_refund_pending: minor(payment.amountRefundPending),
    amount_reversed: minor(payment.amountReversed),
    customer_id: offline.customerId,
    bank: instrument.method === 'cash' ? null : instrument.bank,
    cheque_number: cheque?.number ?? null,
    cheque_date: cheque?.date ?? null,
    utr: instrument.method === 'bank_transfer' ? instrument.utr : null,
    received_at: offline.receivedAt.toISOString(),
    received_by: offline.receivedBy,
    note: offline.note,
    recorded_by: offline.recordedBy,
    cleared_at: instant(offline.clearedAt),
    ended_at: instant(offline.end?.at ?? null),
    ended_by: offline.end?.by ?? null,
    ended_reason: offline.end?.reason ?? null,
    version: payment.version,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  }
}
export type OfflinePaymentJson = ReturnType<typeof offlinePaymentJson>

export function allocationJson(allocation: Allocation) {
  const { target } = allocation
  return {
    id: allocation.id,
    object: 'allocation' as const,
    payment_id: allocation.paymentId,
    order_id: target.kind === 'order' ? target.orderId : null,
    invoice_id: target.kind === 'invoice' ? target.invoiceId : null,
    amount: minor(allocation.amount),
    currency: allocation.amount.currency,
    reason: allocation.reason,
    corrects: allocation.corrects,
    refund_id: allocation.refundId,
    note: allocation.note,
    created_by: allocation.createdBy,
    at: allocation.at.toISOString(),
  }
}
export type AllocationJson = ReturnType<typeof allocationJson>
