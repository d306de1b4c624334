// The merchant gives up a charge of a mandate that still waits for its notice or its day. Nothing was sent, so nobody
// has to be asked: it has certainly failed, and its period is free again.
import type { PaymentRecord } from '../domain/payment/record.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { listOpenOperations } from '../store/operations.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { recordPaymentResult } from './record-result.ts'

/** The failure_reason of such a payment. */
export const GIVEN_UP = 'given_up_by_merchant'

export function isWaitingCharge(payment: PaymentRecord): boolean {
  return payment.mandateRole === 'charge' && payment.status === 'created'
}

/** Call with order and payment locked. */
export async function giveUpCharge(deps: Deps, tx: Tx, actor: Actor, payment: PaymentRecord): Promise<PaymentRecord> {
  const [operation] = await listOpenOperations(tx, payment.id)
  await insertAudit(tx, {
    actor: actorName(actor),
    action: 'mandate.charge_given_up',
    objectId: payment.id,
    requestId: actor.requestId,
    details: {},
  })
  const source = { cause: 'request', actor: actorName(actor), requestId: actor.requestId } as const
  return recordPaymentResult(deps, tx, source, {
    paymentId: payment.id,
    operationId: operation?.id ?? null,
    result: { kind: 'failed', reason: GIVEN_UP },
  })
}
