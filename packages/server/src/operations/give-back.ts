// Gives a second success back: a refund of what was captured, a void of what is held. Only the intent is written here;
// the worker of sync-operations sends it, asking the gateway first, so that a crash anywhere gives it back once. One
// that the gateway refuses is followed by another one, later and with a name of its own, never by the same one.
import type { PaymentRecord } from '../domain/payment/record.ts'
import { refundable } from '../domain/refund/decide.ts'
import { nextGiveBackMs } from '../domain/refund/give-back-again.ts'
import { addMs } from '../kernel/clock.ts'
import { isPositive, isZero } from '../kernel/money.ts'
import { OperationId } from '../kernel/ids.ts'
import type { PaymentId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertOperation, listOpenOperations } from '../store/operations.ts'
import { lockPayment } from '../store/payments.ts'
import { listRefundRows } from '../store/refunds.ts'
import { recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'
import { reserveRefund } from './reserve-refund.ts'

export async function giveBack(deps: Deps, tx: Tx, payment: PaymentRecord): Promise<void> {
  if (isZero(payment.amountCaptured)) {
    const open = await listOpenOperations(tx, payment.id)
    if (open.some((operation) => operation.kind === 'void')) return
    await insertOperation(tx, {
      id: OperationId.create(deps.clock.now()),
      paymentId: payment.id,
      refundId: null,
      kind: 'void',
      amount: payment.amountAuthorized,
      final: true,
      targetTotal: null,
      toSend: true,
      dueAt: tx.now,
    })
    return
  }
  await reserveRest(deps, tx, payment, tx.now)
}

/**
 * The gateway has refused a give-back: what is left is tried again later, under a new name, a few times; then a person
 * is shown it. Call with the order locked, after the refusal is recorded.
 */
export async function giveBackAgain(deps: Deps, tx: Tx, paymentId: PaymentId): Promise<void> {
  const filter = { paymentId, orderId: null, status: 'failed', before: null, limit: 100 } as const
  const refused = (await listRefundRows(tx, filter)).filter(({ automatic }) => automatic)
  const payment = await lockPayment(tx, paymentId)
  const left = refundable(payment)
  if (!isPositive(left)) return
  const waitMs = nextGiveBackMs(refused.length)
  if (waitMs !== null) return reserveRest(deps, tx, payment, addMs(tx.now, waitMs))
  await recordConflict(deps, tx, payment, 'give_back_refused', {
    refused: String(refused.length),
    not_given_back: left.minor.toString(),
    currency: left.currency,
    gateway_code: refused[0]?.gatewayCode ?? '',
  })
}

async function reserveRest(deps: Deps, tx: Tx, payment: PaymentRecord, dueAt: Date): Promise<void> {
  const left = refundable(payment)
  if (!isPositive(left)) return
  await reserveRefund(deps, tx, payment, {
    amount: left,
    reason: 'duplicate_or_delayed_payment',
    note: 'Given back by itself: the order had no need of this money.',
    automatic: true,
    toSend: true,
    dueAt,
  })
}
