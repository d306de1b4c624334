// Keeps a call open and says when the gateway is asked next. Nothing here ever decides an outcome.
import { addMs } from '../kernel/clock.ts'
import { ESCALATE_AFTER_MS, nextQuestionMs } from '../domain/operation/schedule.ts'
import type { Tx } from '../store/db.ts'
import { postponeOperation } from '../store/operations.ts'
import type { Operation } from '../store/operations.ts'
import type { Deps } from './deps.ts'

export async function postpone(
  deps: Deps,
  tx: Tx,
  operation: Operation,
  now: { status: 'pending' | 'unknown'; reason: string | null },
): Promise<void> {
  const escalate = now.status === 'unknown' && tx.now.getTime() - operation.startedAt.getTime() >= ESCALATE_AFTER_MS
  if (escalate) {
    deps.log.warn(
      { payment_id: operation.paymentId, operation_id: operation.id, kind: operation.kind, asked: operation.asked },
      'The outcome of a call is unknown for over a day. A person should look (docs/operating/unknown-payments.md).',
    )
  }
  await postponeOperation(tx, operation.id, {
    status: now.status,
    reason: now.reason,
    dueAt: addMs(tx.now, nextQuestionMs(operation.asked, deps.randomness.fraction())),
    asked: operation.asked + 1,
    escalate,
    // Purser's own follow-up stays to be sent until it shows at the gateway: sent again, it is the same call.
    sent: false,
  })
}
