// Cash on delivery: the attempt waits for somebody at the door. No gateway is called, asked or heard, so there is no
// operation; only collect-payment.ts or a cancellation ends it, and it keeps its order from running out meanwhile.
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import { PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertTransition } from '../store/payment-history.ts'
import { insertPayment, savePayment } from '../store/payments.ts'
import { announcePayment } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { lockPayable } from './lock-payable.ts'
import { refreshOrder } from './refresh-order.ts'
import { assertOffered, readOpenSession } from './session-of-attempt.ts'
import type { StartCommand } from './start-command.ts'

/**
 * Answers `requires_action` with the action `collect_cash`. Started by the merchant, or by a session that offers it.
 * @throws AppError order_not_found, order_not_payable, payment_alive, payment_unknown, attempts_exhausted,
 *   session_not_open, order_version_stale, method_not_available
 */
export async function startCollection(deps: Deps, actor: Actor, command: StartCommand): Promise<PaymentRecord> {
  const payment = await deps.store.inTransaction(actor.tenant, (tx) => begin(deps, tx, actor, command))
  deps.nudge('deliveries')
  return payment
}

async function begin(deps: Deps, tx: Tx, actor: Actor, command: StartCommand): Promise<PaymentRecord> {
  const id = PaymentId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  const { order, attempts } = await lockPayable(tx, command)
  // A payer decides alone to be sent the goods unpaid only where the merchant let the session offer it.
  const session = command.sessionId === undefined ? null : await readOpenSession(tx, command.sessionId, order)
  assertOffered(session, 'cash_on_delivery')
  // Cash consents to no later charges, no gateway takes it, and nothing of it can be kept.
  if (command.gatewayAccountId !== undefined || order.mandateId !== null || command.save === true) {
    throw new AppError('method_not_available', { field: 'instrument.method', method: 'cash_on_delivery' })
  }
  const started = await insertPayment(tx, {
    id,
    orderId: order.id,
    sessionId: command.sessionId ?? null,
    gatewayAccountId: null,
    origin: 'ours',
    reference: id,
    amount: order.amount,
    capture: 'automatic',
    method: 'cash_on_delivery',
    instrument: { method: 'cash_on_delivery' },
    status: 'created',
  })
  const payment = await savePayment(tx, started, {
    ...started,
    status: 'requires_action',
    action: { type: 'collect_cash' },
  })
  const by = { paymentId: id, cause: 'request', actor: actorName(actor), requestId: actor.requestId } as const
  await insertTransition(tx, { ...by, version: started.version, from: null, to: 'created', event: 'started' })
  await insertTransition(tx, {
    ...by,
    version: payment.version,
    from: 'created',
    to: 'requires_action',
    event: 'action_required',
  })
  await announcePayment(tx, payment)
  await refreshOrder(tx, order, [...attempts, payment])
  await command.idempotency?.settle(tx, payment)
  return payment
}
