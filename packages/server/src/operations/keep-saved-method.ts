// What a payer asked to keep is kept when the payment succeeded, in the transaction of its result and so exactly once:
// by the reply, a notification or a sync, whichever comes first. Late news never bring back what was deleted.
import { factsOf } from '../domain/customer/saved-method.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentNews } from '../domain/payment/news.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { SavedMethodId } from '../kernel/ids.ts'
import { insertAudit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import { insertSavedMethod, noteUseOfSavedMethod } from '../store/saved-methods.ts'
import type { Deps } from './deps.ts'
import type { Source } from './source.ts'

/** `payment` as it is after the news. */
export async function keepSavedMethod(
  deps: Deps,
  tx: Tx,
  source: Source,
  { order, payment, news }: { readonly order: Order; readonly payment: PaymentRecord; readonly news: PaymentNews },
): Promise<void> {
  const { save, savedMethodId } = payment.instrument
  if (payment.status !== 'authorized' && payment.status !== 'captured') return
  if (savedMethodId !== undefined) await noteUseOfSavedMethod(tx, savedMethodId, payment)
  const { gatewayAccountId } = payment
  if (save !== true || order.customerId === null || gatewayAccountId === null || news.kind !== 'report') return
  const { kept } = news.report
  const facts = kept === undefined || kept.kind !== payment.method ? undefined : factsOf(kept)
  if (kept === undefined || facts === undefined) return
  const id = SavedMethodId.create(deps.clock.now())
  const isNew = await insertSavedMethod(tx, {
    ...facts,
    id,
    customerId: order.customerId,
    gatewayAccountId,
    gatewayMethodId: kept.gatewayMethodId,
    paymentId: payment.id,
    consentedAt: payment.createdAt,
  })
  if (!isNew) return
  await insertAudit(tx, {
    actor: source.actor,
    action: 'saved_method.created',
    objectId: id,
    requestId: source.requestId,
    details: { customer_id: order.customerId, payment_id: payment.id, kind: facts.kind },
  })
}
