// Reads a receipt as it was issued, with what happened since laid over it. A public link shows one receipt and nothing
// else, until it runs out; what it does not show, it does not admit to exist either.
import { overlaysOf } from '../domain/receipt/overlays.ts'
import type { IssuedReceipt, Receipt } from '../domain/receipt/receipt.ts'
import { AppError } from '../kernel/errors.ts'
import { ReceiptId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { readOrder } from '../store/orders.ts'
import { listTransitions } from '../store/payment-history.ts'
import { readPayment } from '../store/payments.ts'
import { listReceiptsOfPayment, readReceiptRow } from '../store/receipts.ts'
import { listRefundRows } from '../store/refunds.ts'
import { authenticate } from './authenticate.ts'
import type { Actor, Deps } from './deps.ts'

/** @throws AppError receipt_not_found */
export function readReceipt(
  deps: Deps,
  actor: Actor,
  query: { readonly receiptId: ReceiptId },
): Promise<IssuedReceipt> {
  return deps.store.inTransaction(actor.tenant, async (tx) =>
    withOverlays(tx, await readReceiptRow(tx, query.receiptId)),
  )
}

/** @throws AppError receipt_not_found, alike for a link that is unknown, expired, or for something else */
export async function readReceiptByToken(deps: Deps, token: string): Promise<IssuedReceipt> {
  const identity = await authenticate(deps, token)
  if (identity?.credential !== 'receipt_link' || !ReceiptId.is(identity.id)) throw new AppError('receipt_not_found')
  const { credential: _, ...actor } = identity
  return readReceipt(deps, { ...actor, requestId: null }, { receiptId: identity.id })
}

/** For the operations that issue: the receipt as anyone would read it now. */
export async function withOverlays(tx: Tx, receipt: Receipt): Promise<IssuedReceipt> {
  const payment = await readPayment(tx, receipt.paymentId)
  const overlays = overlaysOf(receipt, {
    payment,
    order: await readOrder(tx, payment.orderId),
    refunds: await listRefundRows(tx, { ...EVERY_REFUND, paymentId: payment.id }),
    issued: await listReceiptsOfPayment(tx, payment.id),
    transitions: await listTransitions(tx, payment.id),
  })
  return { receipt, overlays }
}

const EVERY_REFUND = { orderId: null, status: 'succeeded', before: null, limit: 1_000 } as const
