// Changes an order. What is to be paid changes only while no attempt is alive or unknown; that raises the order's terms
// and ends its open sessions, so that nobody pays by an older amount.
import { isAlive } from '../domain/payment/states.ts'
import type { Order, PayerDetails } from '../domain/order/order.ts'
import { AppError } from '../kernel/errors.ts'
import type { OrderId } from '../kernel/ids.ts'
import { equals } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { readMandate } from '../store/mandates.ts'
import { lockOrder, saveOrder } from '../store/orders.ts'
import { listPaymentsOfOrder } from '../store/payments.ts'
import { closeSessionsOfOrder } from '../store/sessions.ts'
import { announceOrder } from './announce.ts'
import { assertReturnUrl } from './create-order.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { assertTerms } from './register-mandate.ts'

export type UpdateOrderCommand = {
  readonly orderId: OrderId
  /** Same currency as before. */
  readonly amount?: Money
  readonly description?: string
  readonly payer?: Partial<PayerDetails>
  readonly metadata?: Readonly<Record<string, string>>
  readonly returnUrl?: string
  readonly expiresAt?: Date
  readonly idempotency?: Idempotency
}

/** @throws AppError order_not_found, order_not_changeable, amount_invalid, url_refused, field_invalid */
export async function updateOrder(deps: Deps, actor: Actor, command: UpdateOrderCommand): Promise<Order> {
  if (command.returnUrl !== undefined) assertReturnUrl(command.returnUrl)
  const order = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await command.idempotency?.claim(tx, command.orderId)
    const before = await lockOrder(tx, command.orderId)
    if (before.status === 'paid' || before.status === 'canceled' || before.status === 'expired') {
      throw new AppError('order_not_changeable', { status: before.status })
    }
    if (command.expiresAt !== undefined && command.expiresAt.getTime() <= tx.now.getTime()) {
      throw new AppError('field_invalid', { field: 'expires_at', reason: 'in_the_past' })
    }
    const terms = command.amount !== undefined && command.amount.currency !== before.amount.currency
    if (terms) throw new AppError('amount_invalid', { field: 'currency', expected: before.amount.currency })
    const amountChanges = command.amount !== undefined && !equals(command.amount, before.amount)
    if (amountChanges) {
      const attempts = await listPaymentsOfOrder(tx, before.id)
      const busy = attempts.find((attempt) => isAlive(attempt.status) || attempt.amountCaptured.minor > 0n)
      if (before.amountAllocated.minor > 0n) throw new AppError('order_not_changeable', { status: before.status })
      if (busy !== undefined) throw new AppError('order_not_changeable', { payment_id: busy.id, status: busy.status })
      await assertMandateAllows(tx, before, command.amount ?? before.amount)
      await closeSessionsOfOrder(tx, before.id)
    }
    const after = await saveOrder(tx, before, {
      ...before,
      amount: command.amount ?? before.amount,
      description: command.description ?? before.description,
      payer: { ...before.payer, ...command.payer },
      metadata: command.metadata ?? before.metadata,
      returnUrl: command.returnUrl ?? before.returnUrl,
      expiresAt: command.expiresAt ?? before.expiresAt,
      termsVersion: amountChanges ? before.termsVersion + 1 : before.termsVersion,
    })
    await announceOrder(tx, 'order.updated', after)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'order.updated',
      objectId: after.id,
      requestId: actor.requestId,
      details: { amount_before: before.amount.minor.toString(), amount: after.amount.minor.toString() },
    })
    await command.idempotency?.settle(tx, after)
    return after
  })
  deps.nudge('deliveries')
  return order
}

/** The first debit of a mandate is within what the payer consents to. @throws AppError mandate_terms_invalid */
async function assertMandateAllows(tx: Tx, order: Order, amount: Money): Promise<void> {
  if (order.mandateId === null) return
  assertTerms(await readMandate(tx, order.mandateId), { amount, capture: order.capture }, tx.now)
}
