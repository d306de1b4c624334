// Writes what is applied to orders and invoices, and what is taken back: the rows, the sums that they change, the
// postings and the events, in the transaction of whatever caused it. Everybody locks in the same order: the record of
// money on account (or the order that a payment is of), orders, invoices, the payment.
import type {
  Allocation,
  AllocationLine,
  AllocationReason,
  AllocationTarget,
  Invoice,
} from '../domain/allocation/allocation.ts'
import { postingsForAllocation } from '../domain/ledger/posting.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { invariant } from '../kernel/errors.ts'
import { AllocationId } from '../kernel/ids.ts'
import type { OrderId, PaymentId, RefundId } from '../kernel/ids.ts'
import { add, subtract } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import { insertAllocation, listAllocationsOfPayment, lockInvoice, saveInvoice } from '../store/allocations.ts'
import type { Tx } from '../store/db.ts'
import { lockOrder } from '../store/orders.ts'
import { lockOfflineRecord } from '../store/offline-payments.ts'
import { insertPostings } from '../store/payment-history.ts'
import { listPaymentsOfOrder, lockPayment } from '../store/payments.ts'
import { announceAllocation } from './announce.ts'
import type { Deps } from './deps.ts'
import { refreshOrder } from './refresh-order.ts'

/** Rows of one payment, oldest first, and their orders and invoices, locked. */
export type Allocated = {
  readonly rows: readonly Allocation[]
  readonly orders: Map<OrderId, Order>
  readonly invoices: Map<string, Invoice>
}

export const nothingAllocated = (): Allocated => ({ rows: [], orders: new Map(), invoices: new Map() })

/**
 * A payment and all that it is applied to; with `only`, that target alone of what it is applied to. What everybody
 * waits for first is the record of money on account, and the order of any other payment, which the caller has locked:
 * so what a payment is applied to stands still from here on.
 * @throws AppError payment_not_found, order_not_found
 */
export async function lockAllocated(
  tx: Tx,
  paymentId: PaymentId,
  only?: AllocationTarget,
): Promise<Allocated & { readonly payment: PaymentRecord }> {
  const { orders, invoices } = nothingAllocated()
  await lockOfflineRecord(tx, paymentId)
  const rows = await listAllocationsOfPayment(tx, paymentId)
  await lockTargets(tx, only === undefined ? rows.map(({ target }) => target) : [only], { orders, invoices })
  return { payment: await lockPayment(tx, paymentId), rows, orders, invoices }
}

async function lockTargets(
  tx: Tx,
  targets: readonly AllocationTarget[],
  { orders, invoices }: Pick<Allocated, 'orders' | 'invoices'>,
): Promise<void> {
  const orderIds = targets.flatMap((target) => (target.kind === 'order' ? target.orderId : []))
  for (const id of [...new Set(orderIds)].sort()) {
    orders.set(id, await lockOrder(tx, id))
  }
  const invoiceIds = targets.flatMap((target) => (target.kind === 'invoice' ? target.invoiceId : []))
  for (const id of [...new Set(invoiceIds)].sort()) {
    const invoice = await lockInvoice(tx, id)
    if (invoice !== undefined) invoices.set(id, invoice)
  }
}

/** The payment with what the lines add to, or take from, what it has applied. */
export function withLines(payment: PaymentRecord, lines: readonly AllocationLine[]): PaymentRecord {
  const amountAllocated = lines.reduce((total, { amount }) => add(total, amount), payment.amountAllocated)
  return { ...payment, amountAllocated }
}

type Writing = {
  /** As it is kept by now, the lines counted. */
  readonly payment: PaymentRecord
  readonly lines: readonly AllocationLine[]
  readonly reason: AllocationReason
  readonly refundId: RefundId | null
  readonly note: string
  readonly by: string
}

/** Call with the payment saved, so that rows and postings carry its version. */
export async function writeAllocations(
  deps: Deps,
  tx: Tx,
  allocated: Allocated,
  writing: Writing,
): Promise<readonly Allocation[]> {
  const { payment, lines, reason, refundId, note, by: createdBy } = writing
  const written: Allocation[] = []
  for (const { target, amount, corrects, id = AllocationId.create(deps.clock.now()) } of lines) {
    const row = { id, paymentId: payment.id, target, amount, reason, corrects, refundId, note, createdBy }
    const allocation = await insertAllocation(tx, row, payment.version)
    const about = { paymentId: payment.id, refundId: null, paymentVersion: payment.version }
    await insertPostings(tx, deps.clock, about, postingsForAllocation(payment.method, amount))
    await carry(tx, allocated, allocation)
    await announceAllocation(tx, allocation)
    written.push(allocation)
  }
  return written
}

/** The sums of the order or the invoice. A refund leaves what it paid paid, and stands beside it. */
async function carry(tx: Tx, { orders, invoices }: Allocated, { target, amount, reason }: Allocation): Promise<void> {
  if (target.kind === 'order') {
    const order = orders.get(target.orderId)
    invariant(order !== undefined, 'The order was locked before.')
    const payments = await listPaymentsOfOrder(tx, order.id)
    orders.set(order.id, await refreshOrder(tx, order, payments, sumsAfter(order, amount, reason)))
    return
  }
  const invoice = invoices.get(target.invoiceId)
  invariant(invoice !== undefined, 'The invoice was locked before.')
  const after = { ...invoice, ...sumsAfter(invoice, amount, reason) }
  invoices.set(invoice.id, await saveInvoice(tx, invoice, after))
}

type Sums = { readonly amountAllocated: Money; readonly amountAllocatedRefunded: Money }

function sumsAfter(before: Sums, amount: Money, reason: AllocationReason): Partial<Sums> {
  if (reason === 'refunded') return { amountAllocatedRefunded: subtract(before.amountAllocatedRefunded, amount) }
  return { amountAllocated: add(before.amountAllocated, amount) }
}
