// Gives a second success back: a refund of what was captured, a void of what is held. Only the intent is written here;
// the worker of sync-operations sends it, asking the gateway first, so that a crash anywhere gives it back once.
import type { PaymentRecord } from '../domain/payment/record.ts'
import { refundable } from '../domain/refund/decide.ts'
import { isPositive, isZero } from '../kernel/money.ts'
import { OperationId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { insertOperation, listOpenOperations } from '../store/operations.ts'
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
  const left = refundable(payment)
  if (!isPositive(left)) return
  await reserveRefund(deps, tx, payment, {
    amount: left,
    reason: 'duplicate_or_delayed_payment',
    note: 'Given back by itself: the order had no need of this money.',
    automatic: true,
    toSend: true,
  })
}
