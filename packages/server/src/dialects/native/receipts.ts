// Receipts over the native API. The first who asks for one has it issued, with a number of its own; everyone after that
// gets the same, with what happened since beside it. JSON and PDF say the same thing.
import { Receipt } from '@purser/protocol'
import { receiptJson } from '../../domain/receipt/json.ts'
import type { IssuedReceipt } from '../../domain/receipt/receipt.ts'
import { PaymentId, RefundId } from '../../kernel/ids.ts'
import { issueReceipt } from '../../operations/issue-receipt.ts'
import { issueRefundVoucher } from '../../operations/issue-refund-voucher.ts'
import { renderReceiptPdf } from '../../receipts/render-pdf.ts'
import { idParam, read, readDocument } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Receipts'
const access = { kind: 'merchant', scope: 'read' } as const
const ofPayment = { id: idParam(PaymentId) }
const ofRefund = { id: idParam(RefundId) }

const json = ({ receipt, overlays }: IssuedReceipt) => receiptJson(receipt, overlays)

async function pdf({ receipt, overlays }: IssuedReceipt) {
  const bytes = await renderReceiptPdf(receipt, overlays)
  return { bytes, fileName: `${receipt.kind}-${receipt.snapshot.number}.pdf` }
}

export const receiptRoutes: readonly Route[] = [
  read({
    path: '/v1/payments/:id/receipt',
    access,
    tag,
    summary: 'The receipt of a payment',
    description: 'Issued when it is first asked for, once money was captured. It never changes after that.',
    params: ofPayment,
    reply: Receipt,
    read: async (deps, { actor, params }) => json(await issueReceipt(deps, actor, { paymentId: params.id })),
  }),
  readDocument({
    path: '/v1/payments/:id/receipt.pdf',
    access,
    tag,
    summary: 'The receipt of a payment as a PDF',
    params: ofPayment,
    contentType: 'application/pdf',
    read: async (deps, { actor, params }) => pdf(await issueReceipt(deps, actor, { paymentId: params.id })),
  }),
  read({
    path: '/v1/refunds/:id/receipt',
    access,
    tag,
    summary: 'The voucher of a refund',
    description: 'Issued when it is first asked for, once the refund succeeded. It never changes after that.',
    params: ofRefund,
    reply: Receipt,
    read: async (deps, { actor, params }) => json(await issueRefundVoucher(deps, actor, { refundId: params.id })),
  }),
  readDocument({
    path: '/v1/refunds/:id/receipt.pdf',
    access,
    tag,
    summary: 'The voucher of a refund as a PDF',
    params: ofRefund,
    contentType: 'application/pdf',
    read: async (deps, { actor, params }) => pdf(await issueRefundVoucher(deps, actor, { refundId: params.id })),
  }),
]
