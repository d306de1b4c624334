// Receipts over the native API. The first who asks for one has it issued, with a number of its own; everyone after that
// gets the same, with what happened since beside it. JSON and PDF say the same thing.
import { CreateReceiptLink, Receipt, ReceiptLink } from '@purser/protocol'
import { receiptJson } from '../../domain/receipt/json.ts'
import type { IssuedReceipt } from '../../domain/receipt/receipt.ts'
import { PaymentId, ReceiptId, RefundId } from '../../kernel/ids.ts'
import { createReceiptLink, resumeReceiptLink } from '../../operations/create-receipt-link.ts'
import { issueReceipt } from '../../operations/issue-receipt.ts'
import { issueRefundVoucher } from '../../operations/issue-refund-voucher.ts'
import { receiptFileName, renderReceiptPdf } from '../../receipts/render-pdf.ts'
import { idParam, read, readDocument, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Receipts'
const access = { kind: 'merchant', scope: 'read' } as const
const ofPayment = { id: idParam(PaymentId) }
const ofRefund = { id: idParam(RefundId) }

const json = ({ receipt, overlays }: IssuedReceipt) => receiptJson(receipt, overlays)

async function pdf({ receipt, overlays }: IssuedReceipt) {
  const bytes = await renderReceiptPdf(receipt, overlays)
  return { bytes, fileName: receiptFileName(receipt) }
}

const DEFAULT_LINK_SECONDS = 30 * 24 * 60 * 60

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
  write({
    path: '/v1/receipts/:id/links',
    access,
    tag,
    summary: 'Make a public link to a receipt or a voucher',
    description: 'For the payer: a page with the receipt and its PDF, open to whoever has the link until it runs out.',
    params: { id: idParam(ReceiptId) },
    body: CreateReceiptLink,
    reply: ReceiptLink,
    status: 201,
    isSecret: true,
    act: (deps, { actor, params, body, idempotency }) =>
      createReceiptLink(deps, actor, {
        receiptId: params.id,
        expiresInSeconds: body.expires_in_seconds ?? DEFAULT_LINK_SECONDS,
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => resumeReceiptLink(deps, actor, ReceiptId.parse(subjectId)),
    answer: ({ receiptId, url, expiresAt }) => ({
      object: 'receipt_link' as const,
      receipt_id: receiptId,
      url,
      expires_at: expiresAt.toISOString(),
    }),
  }),
]
