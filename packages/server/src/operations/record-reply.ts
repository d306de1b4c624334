// The end of every call that a request made: the exchange is kept, the answer goes through the one door, and what the
// request itself is answered with is kept beside them, in one transaction. Easy to get wrong: when nothing was sent,
// the request's key must stay free, because the same request may be sent again under it.
import { AppError } from '../kernel/errors.ts'
import type { Tx } from '../store/db.ts'
import { insertExchange } from '../store/payment-history.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Call } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'
import type { Source } from './source.ts'

type Reply<Recorded> = {
  readonly call: Pick<Call<unknown>, 'exchange' | 'notSent'>
  readonly idempotency: Idempotency | undefined
  /** What the error names when nothing was sent. */
  readonly names: 'payment_id' | 'refund_id'
  /** Takes the answer through the one door. */
  readonly record: (tx: Tx, source: Source) => Promise<Recorded>
}

/** @throws AppError gateway_unavailable (nothing was sent) */
export async function recordReply<Recorded extends { readonly id: string }>(
  deps: Deps,
  actor: Actor,
  { call, idempotency, names, record }: Reply<Recorded>,
): Promise<Recorded> {
  const recorded = await deps.store.inTransaction(actor.tenant, async (tx) => {
    await insertExchange(tx, call.exchange)
    const row = await record(tx, { cause: 'reply', actor: actorName(actor), requestId: actor.requestId })
    if (!call.notSent) await idempotency?.settle(tx, row)
    return row
  })
  deps.nudge('deliveries')
  if (call.notSent) throw new AppError('gateway_unavailable', { [names]: recorded.id, retry_after_seconds: 5 })
  return recorded
}
