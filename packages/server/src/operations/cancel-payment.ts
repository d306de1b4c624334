// Stops an attempt that still waits for its payer, who chose another way to pay. The gateway has the word: it may have
// been approved in this very second. So the gateway is told first, its answer goes through the one door, and where it
// does not say that the payment has ended, it is asked; nothing here ever ends a payment by itself.
// No operation of its own is written down: the attempt's first call is still open, and asking about that one finds out
// whatever became of this.
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentReport } from '../domain/payment/report.ts'
import { AppError } from '../kernel/errors.ts'
import type { PaymentId, SessionId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { insertExchange } from '../store/payment-history.ts'
import { lockPayment, readPayment } from '../store/payments.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway, openGatewayAccount, questionAbout } from './gateway.ts'
import type { Call, OpenAccount } from './gateway.ts'
import { giveUpCharge, isWaitingCharge } from './give-up-charge.ts'
import type { Idempotency } from './idempotent.ts'
import { giveUpCollection } from './collect-payment.ts'
import { recordPaymentResult } from './record-result.ts'
import { asPaymentNotFound } from './refund-payment.ts'
import { assertPayerMayStop } from './session-of-attempt.ts'

export type CancelPaymentCommand = {
  readonly paymentId: PaymentId
  /** Set when the payer asks, from a page or an app. */
  readonly sessionId?: SessionId
  readonly idempotency?: Idempotency
}

type Waiting = { readonly payment: PaymentRecord; readonly gateway: OpenAccount; readonly gatewayPaymentId: string }

/**
 * Answers the payment as it is afterwards: `canceled`; or `captured` and the like, where the payer was quicker; or
 * `requires_action` still, where the gateway did not say. A mandate's charge that waits was never sent: it is `failed`.
 * Canceling twice is the same as once.
 * @throws AppError payment_not_found, payment_state_conflict (it does not wait for its payer, or is not the payer's to
 *   stop), session_not_open,
 *   not_supported_by_gateway, gateway_unavailable (nothing was sent)
 */
export async function cancelPayment(deps: Deps, actor: Actor, command: CancelPaymentCommand): Promise<PaymentRecord> {
  const found = await deps.store.inTransaction(actor.tenant, (tx) => prepare(deps, tx, actor, command))
  if (!('gateway' in found)) return found
  const told = await tell(deps, found)
  const calls = told.result.kind === 'report' || told.notSent ? [told] : [told, await ask(deps, found)]
  const recorded = await deps.store.inTransaction(actor.tenant, (tx) => record(deps, tx, actor, found, calls))
  deps.nudge('deliveries')
  if (told.notSent) throw new AppError('gateway_unavailable', { payment_id: recorded.id, retry_after_seconds: 5 })
  return recorded
}

async function prepare(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  { paymentId, sessionId, idempotency }: CancelPaymentCommand,
): Promise<Waiting | PaymentRecord> {
  await idempotency?.claim(tx, paymentId)
  const order = await lockOrderOfPayment(tx, paymentId).catch(asPaymentNotFound)
  const payment = await lockPayment(tx, paymentId)
  if (payment.status === 'canceled') return payment
  if (sessionId !== undefined) await assertPayerMayStop(tx, sessionId, order, payment)
  if (payment.action?.type === 'collect_cash') return giveUpCollection(deps, tx, actor, payment)
  if (isWaitingCharge(payment)) return giveUpCharge(deps, tx, actor, payment)
  const { gatewayPaymentId } = payment
  if (payment.status !== 'requires_action' || gatewayPaymentId === null) {
    throw new AppError('payment_state_conflict', { status: payment.status })
  }
  const gateway = await openGatewayAccount(deps, tx, payment.gatewayAccountId)
  if (gateway.connector.cancel === undefined) throw new AppError('not_supported_by_gateway', { operation: 'cancel' })
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'payment.cancel_started',
    objectId: payment.id,
    requestId: actor.requestId,
    details: {},
  })
  return { payment, gateway, gatewayPaymentId }
}

function tell(deps: Deps, { payment, gateway, gatewayPaymentId }: Waiting): Promise<Call<PaymentReport>> {
  const exchange = gateway.connector.cancel
  if (exchange === undefined) throw new Error('unreachable: checked in prepare')
  return callGateway(deps, gateway, {
    kind: 'cancel',
    exchange,
    input: { reference: payment.reference, gatewayPaymentId, amount: payment.amount },
    paymentId: payment.id,
    operationId: null,
  })
}

function ask(deps: Deps, { payment, gateway }: Waiting): Promise<Call<PaymentReport>> {
  return callGateway(deps, gateway, {
    kind: 'sync',
    exchange: gateway.connector.sync,
    input: questionAbout(payment),
    paymentId: payment.id,
    operationId: null,
  })
}

/** A refused or unanswered cancel says nothing about the payment; only a report does. */
async function record(
  deps: Deps,
  tx: Tx,
  actor: Actor,
  { payment }: Waiting,
  calls: readonly Call<PaymentReport>[],
): Promise<PaymentRecord> {
  // The order first, like everyone: a notification may hold it.
  await lockOrderOfPayment(tx, payment.id)
  for (const call of calls) await insertExchange(tx, call.exchange)
  const result = calls.at(-1)?.result
  if (result?.kind !== 'report') return readPayment(tx, payment.id)
  const source = { cause: 'reply', actor: actorName(actor), requestId: actor.requestId } as const
  return recordPaymentResult(deps, tx, source, { paymentId: payment.id, operationId: null, result })
}
