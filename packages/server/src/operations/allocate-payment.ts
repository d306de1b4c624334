// Applies a part of a payment to an order or to an invoice of the merchant's own billing, and takes such a part back.
// Never more than is left of the payment, never more than is owed: both sums stand on rows that are locked here, and
// the database looks at them again when the transaction commits.
import { leftOf, unapplied } from '../domain/allocation/allocation.ts'
import type { Allocation, AllocationLine, AllocationTarget, Invoice } from '../domain/allocation/allocation.ts'
import type { Order } from '../domain/order/order.ts'
import { isAlive } from '../domain/payment/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { AllocationId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import { equals, isGreater, isPositive, subtract, zero } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import { insertInvoice, readAllocation } from '../store/allocations.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { lockOfflineRecord } from '../store/offline-payments.ts'
import { lockOrderIfAny } from '../store/orders.ts'
import { insertTransition } from '../store/payment-history.ts'
import { listPaymentsOfOrder, readPayment, savePayment } from '../store/payments.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { lockAllocated, withLines, writeAllocations } from './write-allocations.ts'
import type { Allocated } from './write-allocations.ts'

export type AllocatePayment = {
  readonly paymentId: PaymentId
  readonly amount: Money
  readonly target: AllocationTarget
  /** What the invoice asks for: needed the first time it is named, and the same ever after. */
  readonly invoiceAmount?: Money
  readonly note?: string
  readonly idempotency?: Idempotency
}

/**
 * @throws AppError payment_not_found, order_not_found, payment_state_conflict (nothing captured, or an order for money
 *   that has one), amount_invalid (another currency), order_not_payable, payment_alive, payment_unknown, field_invalid
 *   (the invoice's amount), allocation_exceeds_received, allocation_exceeds_due
 */
export async function allocatePayment(deps: Deps, actor: Actor, command: AllocatePayment): Promise<Allocation> {
  const allocation = await deps.store.inTransaction(actor.tenant, (tx) => allocate(deps, tx, actor, command))
  deps.nudge('deliveries')
  return allocation
}

async function allocate(deps: Deps, tx: Tx, actor: Actor, command: AllocatePayment): Promise<Allocation> {
  const { paymentId, amount, target } = command
  const id = AllocationId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  assertCurrency(await readPayment(tx, paymentId), amount)
  await lockGate(tx, paymentId)
  if (target.kind === 'invoice' && command.invoiceAmount !== undefined) {
    await insertInvoice(tx, target.invoiceId, command.invoiceAmount)
  }
  const { payment, ...allocated } = await lockAllocated(tx, paymentId, target)
  const isOwn = target.kind === 'order' && payment.orderId !== null
  if (payment.status !== 'captured' || payment.duplicate || isOwn) {
    throw new AppError('payment_state_conflict', { status: payment.status })
  }
  const owed = await owedOf(tx, allocated, command)
  assertCurrency({ amount: owed }, amount)
  const left = unapplied(payment)
  if (isGreater(amount, left)) throw beyond('allocation_exceeds_received', left)
  if (isGreater(amount, owed)) throw beyond('allocation_exceeds_due', owed)
  const line = { id, target, amount, corrects: null }
  const [allocation] = await write(deps, tx, actor, {
    payment,
    allocated,
    line,
    event: 'allocated',
    note: command.note,
  })
  await command.idempotency?.settle(tx, allocation)
  return allocation
}

/** What everybody who applies or takes back waits for, before anything else is locked. */
async function lockGate(tx: Tx, paymentId: PaymentId): Promise<void> {
  await lockOrderIfAny(tx, paymentId)
  await lockOfflineRecord(tx, paymentId)
}

function beyond(code: 'allocation_exceeds_received' | 'allocation_exceeds_due', { minor, currency }: Money): AppError {
  return new AppError(code, { field: 'amount', left: minor.toString(), currency })
}

function assertCurrency({ amount: { currency } }: Pick<PaymentRecord, 'amount'>, amount: Money): void {
  if (amount.currency !== currency) throw new AppError('amount_invalid', { field: 'currency', expected: currency })
}

async function owedOf(tx: Tx, { orders, invoices }: Allocated, command: AllocatePayment): Promise<Money> {
  const { target } = command
  if (target.kind === 'invoice') return owedOnInvoice(invoices.get(target.invoiceId), command.invoiceAmount)
  const order = orders.get(target.orderId)
  invariant(order !== undefined, 'The order was locked before.')
  await assertOrderTakes(tx, order)
  return subtract(order.amount, order.amountCaptured)
}

function owedOnInvoice(invoice: Invoice | undefined, told: Money | undefined): Money {
  if (invoice === undefined) {
    throw new AppError('field_invalid', {
      field: 'invoice_amount',
      reason: 'is missing: this invoice is not known yet',
    })
  }
  const { amount } = invoice
  if (told !== undefined && (told.currency !== amount.currency || !equals(told, amount))) {
    throw new AppError('field_invalid', {
      field: 'invoice_amount',
      reason: 'is not what this invoice asked for before',
    })
  }
  return subtract(amount, invoice.amountAllocated)
}

/** No money comes beside an attempt that may still bring its own. Credit consents to no later charges. */
async function assertOrderTakes(tx: Tx, order: Order): Promise<void> {
  const attempts = await listPaymentsOfOrder(tx, order.id)
  if (attempts.some(({ status }) => status === 'unknown')) throw new AppError('payment_unknown')
  const isOpen = ({ status, captureFinal }: PaymentRecord) => status === 'captured' && !captureFinal
  const counted = attempts.filter(({ duplicate }) => !duplicate)
  if (counted.some((attempt) => isAlive(attempt.status) || isOpen(attempt))) throw new AppError('payment_alive')
  const takes = order.status === 'open' || order.status === 'partially_paid'
  const isOver = order.expiresAt !== null && order.expiresAt.getTime() <= tx.now.getTime()
  // What holds credit does not expire: the rest may come later.
  const runsOut = isOver && !isPositive(order.amountAllocated)
  if (!takes || order.mandateId !== null || order.expiredAt !== null || order.canceledAt !== null || runsOut) {
    throw new AppError('order_not_payable', { status: order.status })
  }
}

export type WithdrawAllocation = {
  readonly allocationId: AllocationId
  readonly reason: string
  readonly idempotency?: Idempotency
}

/**
 * Takes back what is left of an allocation: it is credit again, and owed again. Answers the row that takes it back.
 * @throws AppError allocation_not_found, allocation_state_conflict (nothing is left of it, or it is such a row itself)
 */
export async function withdrawAllocation(deps: Deps, actor: Actor, command: WithdrawAllocation): Promise<Allocation> {
  const reason = command.reason.trim()
  if (reason === '') throw new AppError('field_invalid', { field: 'reason', reason: 'is empty' })
  const allocation = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = AllocationId.create(deps.clock.now())
    await command.idempotency?.claim(tx, id)
    const { paymentId } = await readAllocation(tx, command.allocationId)
    await lockGate(tx, paymentId)
    const { payment, ...allocated } = await lockAllocated(tx, paymentId)
    const applied = allocated.rows.find((row) => row.id === command.allocationId)
    invariant(applied !== undefined, 'It was read before.')
    const left = applied.reason === 'applied' ? leftOf(applied, allocated.rows) : zero(applied.amount.currency)
    if (!isPositive(left)) throw new AppError('allocation_state_conflict')
    const line = { id, target: applied.target, amount: subtract(zero(left.currency), left), corrects: applied.id }
    const [back] = await write(deps, tx, actor, { payment, allocated, line, event: 'withdrawn', note: reason })
    await command.idempotency?.settle(tx, back)
    return back
  })
  deps.nudge('deliveries')
  return allocation
}

type Writing = {
  readonly payment: PaymentRecord
  readonly allocated: Allocated
  readonly line: AllocationLine
  readonly event: 'allocated' | 'withdrawn'
  readonly note: string | undefined
}

/** The payment first: rows and postings carry its version. */
async function write(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  { payment: before, allocated, line, event, note = '' }: Writing,
): Promise<readonly [Allocation]> {
  const payment = await savePayment(tx, before, withLines(before, [line]))
  const { id: paymentId, version, status } = payment
  const by = { actor: actorName(actor), requestId: actor.requestId }
  await insertTransition(tx, { paymentId, version, from: status, to: status, event, cause: 'person', ...by })
  const reason = event === 'allocated' ? 'applied' : 'withdrawn'
  const writing = { payment, lines: [line], reason, refundId: null, note, by: by.actor } as const
  const [allocation] = await writeAllocations(deps, tx, allocated, writing)
  invariant(allocation !== undefined, 'One line is one row.')
  const { target, amount } = allocation
  const to = target.kind === 'order' ? { order_id: target.orderId } : { invoice_id: target.invoiceId }
  const details = { payment_id: paymentId, ...to, amount: amount.minor.toString(), currency: amount.currency, note }
  await insertAudit(tx, { ...by, action: `payment.${event}`, objectId: allocation.id, details })
  return [allocation]
}
