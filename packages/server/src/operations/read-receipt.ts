// Reads a receipt as it was issued, with what happened since laid over it. A public link shows one receipt and nothing
// else, until it runs out; what it does not show, it does not admit to exist either.
import { standing } from '../domain/allocation/allocation.ts'
import type { OfflinePayment } from '../domain/offline/offline-payment.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { overlaysOf } from '../domain/receipt/overlays.ts'
import type { IssuedReceipt, Receipt } from '../domain/receipt/receipt.ts'
import type { OnAccount } from '../domain/receipt/snapshot.ts'
import { AppError } from '../kernel/errors.ts'
import { ReceiptId } from '../kernel/ids.ts'
import { isZero } from '../kernel/money.ts'
import { listAllocationsOfPayment } from '../store/allocations.ts'
import { readCustomer } from '../store/customers.ts'
import type { Tx } from '../store/db.ts'
import { readOfflinePayment } from '../store/offline-payments.ts'
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
    order: payment.orderId === null ? null : await readOrder(tx, payment.orderId),
    reversal: isZero(payment.amountReversed) ? null : reversalOf(await readOfflinePayment(tx, payment.id)),
    refunds: await listRefundRows(tx, { ...EVERY_REFUND, paymentId: payment.id }),
    issued: await listReceiptsOfPayment(tx, payment.id),
    transitions: await listTransitions(tx, payment.id),
  })
  return { receipt, overlays }
}

function reversalOf({ status, end }: OfflinePayment) {
  return end === null ? null : { at: end.at, bounced: status === 'bounced' }
}

/** What a receipt says beside the payment: its order, or who brought the money and what it was applied to. */
export async function receiptFor(
  tx: Tx,
  payment: PaymentRecord,
): Promise<{ order: Order | null; onAccount: { onAccount?: OnAccount } }> {
  if (payment.orderId !== null) return { order: await readOrder(tx, payment.orderId), onAccount: {} }
  const { instrument, status, customerId } = await readOfflinePayment(tx, payment.id)
  const customer = customerId === null ? null : await readCustomer(tx, customerId)
  const { givenName = null, familyName = null, email = null, phone = null } = customer ?? {}
  const name = [givenName, familyName].filter((part) => part !== null).join(' ')
  const cheque =
    instrument.method === 'cheque'
      ? { number: instrument.number, date: instrument.date, cleared: status === 'cleared' }
      : null
  const appliedTo: OnAccount['appliedTo'][number][] = []
  for (const { applied, left } of standing(await listAllocationsOfPayment(tx, payment.id))) {
    const { target } = applied
    const reference = target.kind === 'order' ? (await readOrder(tx, target.orderId)).reference : target.invoiceId
    appliedTo.push({ kind: target.kind, reference, amount: left })
  }
  return { order: null, onAccount: { onAccount: { payer: { name, email, phone }, cheque, appliedTo } } }
}

const EVERY_REFUND = { orderId: null, status: 'succeeded', before: null, limit: 1_000 } as const
