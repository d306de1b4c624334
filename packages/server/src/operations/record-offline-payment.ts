// Somebody has brought money that no gateway moves: cash, a cheque, a transfer to the bank. It is a payment without an
// order, captured through the one door by a person's word; until it is allocated it is credit of whoever paid.
import { firstStatus } from '../domain/offline/offline-payment.ts'
import type { OfflineInstrument, OfflinePayment } from '../domain/offline/offline-payment.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { AppError } from '../kernel/errors.ts'
import { PaymentId } from '../kernel/ids.ts'
import type { CustomerId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertOfflinePayment } from '../store/offline-payments.ts'
import { insertTransition } from '../store/payment-history.ts'
import { insertPayment, savePayment } from '../store/payments.ts'
import { announceOffline } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { recordPaymentResult } from './record-result.ts'

export type RecordOfflinePayment = {
  readonly amount: Money
  readonly instrument: OfflineInstrument
  readonly customerId?: CustomerId
  readonly receivedAt: Date
  readonly receivedBy?: string
  readonly note?: string
  readonly idempotency?: Idempotency
}

export type OfflineView = { readonly payment: PaymentRecord; readonly offline: OfflinePayment }

/**
 * @throws AppError field_invalid (received_at is to come), customer_not_found, offline_payment_taken (the same cheque
 *   or transfer stands recorded)
 */
export async function recordOfflinePayment(
  deps: Deps,
  actor: Actor,
  command: RecordOfflinePayment,
): Promise<OfflineView> {
  const recorded = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const view = await record(deps, tx, actor, command)
    await command.idempotency?.settle(tx, view)
    return view
  })
  deps.nudge('deliveries')
  return recorded
}

async function record(deps: Deps, tx: Tx, actor: Actor, command: RecordOfflinePayment): Promise<OfflineView> {
  const { amount, instrument, receivedAt } = command
  const id = PaymentId.create(deps.clock.now())
  await command.idempotency?.claim(tx, id)
  if (receivedAt.getTime() > tx.now.getTime()) {
    throw new AppError('field_invalid', { field: 'received_at', reason: 'is in the future' })
  }
  const { method } = instrument
  await begin(tx, actor, id, command)
  const status = firstStatus(method)
  const offline = await insertOfflinePayment(tx, amount.currency, {
    paymentId: id,
    instrument,
    status,
    customerId: command.customerId ?? null,
    receivedAt,
    receivedBy: command.receivedBy ?? null,
    note: command.note ?? '',
    recordedBy: actorName(actor),
    clearedAt: status === 'cleared' ? receivedAt : null,
  })
  const by = { actor: actorName(actor), requestId: actor.requestId }
  const details = { method, amount: amount.minor.toString(), currency: amount.currency }
  await insertAudit(tx, { ...by, action: 'offline_payment.recorded', objectId: id, details })
  const result = { kind: 'collected', total: amount } as const
  const source = { ...by, cause: 'person', details } as const
  const payment = await recordPaymentResult(deps, tx, source, { paymentId: id, operationId: null, result })
  await announceOffline(tx, 'recorded', payment, offline)
  return { payment, offline }
}

/** The payment before anything is said of its money; what names the money is searched for like a gateway's facts. */
async function begin(tx: Tx, actor: Actor, id: PaymentId, command: RecordOfflinePayment): Promise<void> {
  const { amount, instrument } = command
  const started = await insertPayment(tx, {
    id,
    orderId: null,
    sessionId: null,
    gatewayAccountId: null,
    origin: 'ours',
    reference: id,
    amount,
    capture: 'automatic',
    method: instrument.method,
    instrument: { method: instrument.method },
    status: 'created',
  })
  const by = { paymentId: id, cause: 'person', actor: actorName(actor), requestId: actor.requestId } as const
  await insertTransition(tx, { ...by, version: started.version, from: null, to: 'created', event: 'started' })
  if (instrument.method === 'cash') return
  const { bank } = instrument
  const rrn = instrument.method === 'bank_transfer' ? { rrn: instrument.utr } : {}
  const named = await savePayment(tx, started, { ...started, facts: { ...(bank === null ? {} : { bank }), ...rrn } })
  await insertTransition(tx, { ...by, version: named.version, from: 'created', to: 'created', event: 'named' })
}
