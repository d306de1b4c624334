// Starts one attempt to pay an order: write the intent and commit, call the gateway with no transaction open, record
// its answer through the one door. A crash in between leaves an open operation, which sync-operations settles.
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { Order } from '../domain/order/order.ts'
import { FIRST_QUESTION_MS } from '../domain/operation/schedule.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { OperationId, PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertOperation } from '../store/operations.ts'
import { insertTransition } from '../store/payment-history.ts'
import { insertPayment } from '../store/payments.ts'
import { announcePayment } from './announce.ts'
import { assertCanKeep, chooseInstrument } from './chosen-instrument.ts'
import type { ChosenInstrument } from './chosen-instrument.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { callGateway, chooseGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import { lockPayable } from './lock-payable.ts'
import { recordReply } from './record-reply.ts'
import { beginRegistration, canRegister, mandateToRegister } from './register-mandate.ts'
import { recordPaymentResult } from './record-result.ts'
import { assertOffered, customerOf, readOpenSession } from './session-of-attempt.ts'
import type { StartCommand } from './start-command.ts'
import { startCollection } from './start-collection.ts'
import { refreshOrder } from './refresh-order.ts'

type Intent = {
  readonly order: Order
  readonly payment: PaymentRecord
  readonly gateway: OpenAccount
  readonly operationId: OperationId
  readonly returnUrl: string
  readonly mandate: Mandate | null
  readonly chosen: ChosenInstrument
}

/**
 * A decline, a step for the payer and an unknown outcome are values: read `status`.
 * @throws AppError order_not_found, session_not_found, order_not_payable, payment_alive, payment_unknown,
 *   attempts_exhausted, session_not_open, order_version_stale, method_not_available, saved_method_not_found,
 *   field_invalid (save), not_supported_by_gateway, mandate_charge_refused,
 *   gateway_unavailable (nothing was sent)
 */
export async function startPayment(deps: Deps, actor: Actor, command: StartCommand): Promise<PaymentRecord> {
  if (isCash(command)) return startCollection(deps, actor, command)
  const intendedAtMs = deps.clock.monotonicMs()
  const intent = await deps.store.inTransaction(actor.tenant, (tx) => intend(deps, tx, actor, command))
  const { order, payment, gateway, operationId, chosen } = intent
  const exchange = gateway.connector.authorize
  if (exchange === undefined) throw new Error('unreachable: the account was chosen for it')
  const call = await callGateway(deps, gateway, {
    kind: 'authorize',
    exchange,
    input: {
      reference: payment.reference,
      amount: payment.amount,
      capture: payment.capture,
      instrument: chosen.instrument,
      description: order.description,
      payer: order.payer,
      ...(order.customerId === null ? {} : { customer: order.customerId }),
      returnUrl: intent.returnUrl,
      ...(intent.mandate === null ? {} : { mandate: { ...intent.mandate, reference: intent.mandate.id } }),
      ...(chosen.keepFor === null ? {} : { keepFor: chosen.keepFor }),
    },
    paymentId: payment.id,
    operationId,
    intendedAtMs,
  })
  return recordReply(deps, actor, {
    call,
    idempotency: command.idempotency,
    names: 'payment_id',
    record: (tx, source) =>
      recordPaymentResult(deps, tx, source, { paymentId: payment.id, operationId, result: call.result }),
  })
}

async function intend(deps: Deps, tx: Tx, actor: Actor, command: StartCommand): Promise<Intent> {
  const id = PaymentId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  const { order, attempts } = await lockPayable(tx, command)
  const session = command.sessionId === undefined ? null : await readOpenSession(tx, command.sessionId, order)
  const chosen = await chooseInstrument(tx, command, customerOf(order, session))
  const { method } = chosen
  assertOffered(session, method)
  const gateway = await chooseGatewayAccount(deps, tx, {
    gatewayAccountId: chosen.gatewayAccountId,
    method,
    ...(order.mandateId === null ? {} : { prefers: (able) => canRegister(able, method) }),
  })
  if ((command.capture ?? order.capture) === 'manual' && gateway.connector.capturesAtOnce === true) {
    throw new AppError('not_supported_by_gateway', { field: 'capture', operation: 'capture_later' })
  }
  assertCanKeep(gateway, chosen)
  const mandate = await mandateToRegister(tx, order, gateway.connector, method, command.registersMandate)
  const payment = await insertPayment(tx, {
    id,
    orderId: order.id,
    sessionId: command.sessionId ?? null,
    gatewayAccountId: gateway.account.id,
    origin: 'ours',
    // Ours, never reused: what the gateway knows this attempt by, and its idempotency key.
    reference: gateway.connector.nameOf?.(id) ?? id,
    amount: order.amount,
    capture: command.capture ?? order.capture,
    method,
    instrument: chosen.kept,
    status: 'processing',
    mandateId: mandate?.id ?? null,
    mandateRole: mandate === null ? null : 'registration',
  })
  await insertTransition(tx, {
    paymentId: id,
    version: payment.version,
    from: null,
    to: 'processing',
    event: 'started',
    cause: 'request',
    actor: actorName(actor),
    requestId: actor.requestId,
  })
  if (mandate !== null) await beginRegistration(tx, mandate, payment)
  const operationId = OperationId.create(deps.clock.now())
  await insertOperation(tx, {
    id: operationId,
    paymentId: id,
    refundId: null,
    kind: 'authorize',
    amount: payment.amount,
    final: true,
    targetTotal: null,
    toSend: false,
    dueAt: addMs(tx.now, FIRST_QUESTION_MS),
  })
  await announcePayment(tx, payment)
  await refreshOrder(tx, order, [...attempts, payment])
  const returnUrl = command.returnUrlOf?.(id) ?? `${deps.publicUrl()}/return/${id}`
  return { order, payment, gateway, operationId, returnUrl, mandate, chosen }
}

function isCash({ instrument }: StartCommand): boolean {
  return 'method' in instrument && instrument.method === 'cash_on_delivery'
}
