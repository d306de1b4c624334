// What a merchant decides about second persons: the amount beyond which a refund needs one, per currency. A change
// counts for refunds asked for from then on; what waits already goes on waiting.
import type { Currency, Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import {
  deleteRefundApprovalThreshold,
  listRefundApprovalThresholds,
  saveRefundApprovalThreshold,
} from '../store/refund-approval.ts'
import type { RefundApprovalThreshold } from '../store/refund-approval.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

export function getRefundApprovalThresholds(deps: Deps, actor: Actor): Promise<readonly RefundApprovalThreshold[]> {
  return deps.store.inTransaction(actor.tenant, listRefundApprovalThresholds)
}

export function setRefundApprovalThreshold(
  deps: Deps,
  actor: Actor,
  { amount, idempotency }: { readonly amount: Money; readonly idempotency?: Idempotency },
): Promise<RefundApprovalThreshold> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await idempotency?.claim(tx, amount.currency)
    const saved = await saveRefundApprovalThreshold(tx, amount, actorName(actor))
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'refund_approval_threshold.set',
      objectId: amount.currency,
      requestId: actor.requestId,
      details: { amount: amount.minor.toString(), currency: amount.currency },
    })
    await idempotency?.settle(tx, saved)
    return saved
  })
}

/** From then on no refund in this currency needs a second person. Removing none is the same as one. */
export async function removeRefundApprovalThreshold(
  deps: Deps,
  actor: Actor,
  { currency, idempotency }: { readonly currency: Currency; readonly idempotency?: Idempotency },
): Promise<Currency> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await idempotency?.claim(tx, currency)
    await deleteRefundApprovalThreshold(tx, currency)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'refund_approval_threshold.removed',
      objectId: currency,
      requestId: actor.requestId,
      details: {},
    })
    await idempotency?.settle(tx, currency)
    return currency
  })
}
